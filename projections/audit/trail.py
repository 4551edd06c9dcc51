"""The audit trail over the log: events as they were recorded, with the personal parts that can still be read.

It shows what is stored, in the version it was stored in, amounts in minor units as the log holds them; it never
interprets, so that an auditor sees what a proof will cover.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec

from domain.access import ACCESS
from domain.document_number import number_text
from eventstore.codec import Codec, Document
from eventstore.errors import SealBroken
from eventstore.personal_data import Cipher, Keyring
from eventstore.reader import LogReader
from eventstore.records import DataKey, RecordedEvent
from projections.order_history.actors import Actors, ActorShown
from projections.paging.times import rfc3339


class LogTrail:
    """Reads the events of one order, or of access, from their partition of the log. Thread-safe."""

    def __init__(self, reader: LogReader, codec: Codec, keyring: Keyring, actors: Actors) -> None:
        self._reader = reader
        self._actors = actors
        self._codec = codec
        self._keyring = keyring
        self._names = {topic: cls.__name__ for topic, cls in codec.event_classes.items()}

    def order_events(self, order_id: UUID, after: int, limit: int) -> Sequence[Mapping[str, Any]] | None:
        """Up to ``limit`` events of the order with positions above ``after``; None when there is no such order."""
        partition = self._reader.read_partition(order_id)
        rows = [row for row in partition.events if row.order_id == order_id]
        if not rows:
            return None
        return self.listed([row for row in rows if row.position > after][:limit], partition.data_key)

    def access_events(self, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Up to ``limit`` events about keys and periods with positions above ``after``."""
        rows = self._reader.read_partition(ACCESS).events
        return self.listed([row for row in rows if row.position > after][:limit], None)

    def listed(self, rows: Sequence[RecordedEvent], key: DataKey | None) -> list[Mapping[str, Any]]:
        """Events of one partition, whose data key is ``key``, as the trail shows them."""
        actors = self._actors.shown(rows)
        ciphers = {partition_id: self._cipher(partition_id, key) for partition_id in {row.partition_id for row in rows}}
        return [self._shown(row, ciphers[row.partition_id], actors[row.actor_type, row.actor_id]) for row in rows]

    def _cipher(self, partition_id: UUID, key: DataKey | None) -> Cipher | SealBroken | None:
        try:
            return self._keyring.cipher(partition_id, key)
        except SealBroken as broken:
            return broken

    def _document(self, row: RecordedEvent, cipher: Cipher | SealBroken | None) -> tuple[Document, dict[str, Any]]:
        """The event as it was written, and what to add when that cannot be read: its place stays known all the same."""
        try:
            if isinstance(cipher, SealBroken) and row.sealed is not None:
                raise cipher
            return self._codec.document(row, None if isinstance(cipher, SealBroken) else cipher), {}
        except (SealBroken, msgspec.MsgspecError, UnicodeError) as error:
            return Document({}, None, erased=False), {"unreadable": type(error).__name__}

    def _shown(self, row: RecordedEvent, cipher: Cipher | SealBroken | None, actor: ActorShown) -> Mapping[str, Any]:
        document, more = self._document(row, cipher)
        return {
            "position": row.position,
            "event_id": uuid5(row.stream_id, str(row.version)),
            "type": self._names.get(row.topic, row.topic),
            "schema_version": row.schema_version,
            "aggregate": row.aggregate,
            "aggregate_id": row.stream_id,
            "version": row.version,
            "order_id": row.order_id,
            "recorded_at": rfc3339(row.recorded_at),
            "occurred_at": rfc3339(row.occurred_at),
            "actor": actor,
            "command_id": row.command_id,
            "correlation_id": row.correlation_id,
            "causation_id": row.causation_id,
            "reason": document.reason,
            "data": document.data
            | ({} if row.number is None else {"number": number_text(row.number, document.data.get("prefix", ""))}),
            **more,
        }
