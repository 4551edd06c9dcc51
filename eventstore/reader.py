"""Reading the log: by partition for a decision, by position for a follower.

Appends commit one batch at a time in the order of their positions, so what is visible never
has a gap: `position > last` is all a follower needs. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from eventstore.records import DataKey, Partition, RecordedEvent

CHANNEL = "daybook_log"


class LogReader:
    """Reads the log through a pool of autocommit connections; thread-safe."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        self._pool = pool

    def head(self) -> int:
        """Return the last position, 0 when the log is empty."""
        raise NotImplementedError

    def read_partition(
        self,
        partition_id: UUID,
        *,
        idempotency: tuple[str, str] | None = None,
        up_to_position: int | None = None,
    ) -> Partition:
        """Return a partition's events, its data key and the row of (caller, key): one round trip."""
        raise NotImplementedError

    def read_partition_of(self, stream_id: UUID, *, idempotency: tuple[str, str] | None = None) -> Partition:
        """Like `read_partition`, for the partition that the stream belongs to."""
        raise NotImplementedError

    def read_partitions(self, partition_ids: Sequence[UUID]) -> dict[UUID, Partition]:
        """Return several partitions in one round trip; those without events are absent."""
        raise NotImplementedError

    def read_after(self, position: int, limit: int) -> list[RecordedEvent]:
        """Return at most `limit` events after `position`, in log order."""
        raise NotImplementedError

    def read_range(self, first_position: int, last_position: int) -> list[RecordedEvent]:
        """Return the events from `first_position` to `last_position`, both included."""
        raise NotImplementedError

    def data_keys(self, partition_ids: Sequence[UUID]) -> dict[UUID, DataKey]:
        """Return the data keys of those partitions that have one."""
        raise NotImplementedError

    def claim_holder(self, kind: str, key: str) -> UUID | None:
        """Return the partition that holds a claim."""
        raise NotImplementedError
