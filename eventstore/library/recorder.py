"""The eventsourcing library's recorders on top of our log: its applications and aggregates can use it.

Reading goes through the view log.stored_events, with the library's own statements. Writing goes
through the group committer, never through the library's INSERT, which would bypass the lock, the
positions and the answers to repeats. The tables are made by our migrations, not from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    EventStore,
    Mapper,
    Notification,
    NotSupportedError,
    ProgrammingError,
    Recording,
    StoredEvent,
    Tracking,
)
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresApplicationRecorder, PostgresDatastore

from eventstore.committer import GroupCommitter
from eventstore.reader import CHANNEL
from eventstore.records import Append, Claim, IdempotencyKey, Metadata, NewDataKey, NewEvent

SCHEMA = "log"
VIEW = "stored_events"


class LogRecorder(PostgresApplicationRecorder):
    """Records and reads plain stored events; accepts the keyword arguments of `append_of`."""

    def __init__(self, datastore: PostgresDatastore, committer: GroupCommitter) -> None:
        super().__init__(datastore, events_table_name=VIEW)
        self.channel_name = CHANNEL
        self._committer = committer

    def create_table(self) -> None:
        """Do nothing: the migrations make the tables."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append the events atomically and return their positions.

        Raises what GroupCommitter.append raises, of this append only: AlreadyRecorded for a repeat,
        StreamConflict (an IntegrityError) for a version that is taken or leaves a hole.
        """
        if not stored_events:
            return None
        appended = self._committer.append(append_of(stored_events, **kwargs))
        return list(range(appended.first_position, appended.last_position + 1))


class LogAggregateRecorder(PostgresAggregateRecorder):
    """The same for a caller that wants no positions."""

    def __init__(self, datastore: PostgresDatastore, committer: GroupCommitter) -> None:
        super().__init__(datastore, events_table_name=VIEW)
        self._committer = committer

    def create_table(self) -> None:
        """Do nothing: the migrations make the tables."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Append the events atomically."""
        if stored_events:
            self._committer.append(append_of(stored_events, **kwargs))


def append_of(
    stored_events: Sequence[StoredEvent],
    *,
    metadata: Metadata | None = None,
    idempotency: IdempotencyKey | None = None,
    claims: Sequence[Claim] = (),
    releases: Sequence[Claim] = (),
    data_keys: Sequence[NewDataKey] = (),
    partition_id: UUID | None = None,
    occurred_at: datetime | None = None,
    tracking: Tracking | None = None,
) -> Append:
    """Return the append of the library's stored events; without metadata a command of its own is named.

    Each stream is its own partition unless `partition_id` says otherwise.
    """
    if tracking is not None:
        raise NotSupportedError("the log keeps no tracking: it would be lost silently")
    asked = metadata or _nobody(uuid4())
    moment = occurred_at or datetime.now(UTC)
    events = [_event(stored, partition_id, moment) for stored in stored_events]
    return Append(events, asked, idempotency, claims, releases, data_keys)


def _nobody(command_id: UUID) -> Metadata:
    return Metadata(command_id, command_id, None, "program", "eventsourcing")


def _event(stored: StoredEvent, partition_id: UUID | None, moment: datetime) -> NewEvent:
    stream_id = stored.originator_id
    if not isinstance(stream_id, UUID):
        raise ProgrammingError(f"stream ids are UUIDs, not {stream_id!r}")
    return NewEvent(
        stream_id=stream_id,
        version=stored.originator_version,
        partition_id=partition_id or stream_id,
        order_id=None,
        aggregate="",
        topic=stored.topic,
        schema_version=1,
        payload=stored.state,
        sealed=None,
        series=None,
        occurred_at=moment,
    )


class LogEventStore(EventStore[UUID]):
    """Puts an application's events with the metadata of the command that caused them."""

    def __init__(self, mapper: Mapper[UUID], recorder: LogRecorder) -> None:
        super().__init__(mapper, recorder)

    def put(
        self, domain_events: Sequence[Any], *, metadata: Metadata | None = None, **kwargs: Any
    ) -> list[Recording[UUID]]:
        """Append the events atomically; keyword arguments are those of `append_of`.

        Raises AlreadyRecorded for a repeat: nothing is zipped with positions it does not have.
        """
        stored_events = [self.mapper.to_stored_event(event) for event in domain_events]
        positions = self.recorder.insert_events(stored_events, metadata=metadata, **kwargs) or ()
        return [
            Recording(
                event,
                Notification(stored.originator_id, stored.originator_version, stored.topic, stored.state, position),
            )
            for event, stored, position in zip(domain_events, stored_events, positions, strict=True)
        ]
