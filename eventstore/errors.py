"""The answers an append can get other than "recorded".

The first four are definite: nothing of the append was written. `OutcomeUnknown` is not: only
asking again under the same idempotency key decides. Nothing here may be retried blindly.
"""

from __future__ import annotations

from uuid import UUID

from eventsourcing.persistence import IntegrityError, OperationalError, PersistenceError


class AlreadyRecorded(PersistenceError):
    """The same key with the same request was recorded before: here is where."""

    def __init__(self, command_id: UUID, partition_id: UUID, first_position: int, last_position: int) -> None:
        super().__init__(f"recorded before at positions {first_position} to {last_position}")
        self.command_id = command_id
        self.partition_id = partition_id
        self.first_position = first_position
        self.last_position = last_position


class KeyReused(PersistenceError):
    """The caller used this idempotency key before, for another request."""

    def __init__(self, caller: str, key: str) -> None:
        super().__init__(f"idempotency key {key!r} of {caller!r} was used for another request")
        self.caller = caller
        self.key = key


class StreamConflict(IntegrityError):
    """The stream is not where the append expected it: `version` is taken, or leaves a hole."""

    def __init__(self, stream_id: UUID, version: int) -> None:
        super().__init__(f"version {version} cannot follow in stream {stream_id}")
        self.stream_id = stream_id
        self.version = version


class ClaimTaken(IntegrityError):
    """Another partition (or an earlier append) holds this claim."""

    def __init__(self, kind: str, key: str, partition_id: UUID) -> None:
        super().__init__(f"{kind} {key!r} is held by {partition_id}")
        self.kind = kind
        self.key = key
        self.partition_id = partition_id


class AppendRefused(IntegrityError):
    """The database refused this append for a reason of its own (constraint, value out of range)."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(f"{message} (SQLSTATE {sqlstate})")
        self.sqlstate = sqlstate


class OutcomeUnknown(OperationalError):
    """The connection was lost while committing: recorded or not, only the key can tell."""


class LogUnavailable(OperationalError):
    """The log could not be reached; nothing was sent, so nothing was recorded."""


class StorageFull(LogUnavailable):
    """There is no room left on the disk of the log; nothing was recorded."""


class NoDataKey(PersistenceError):
    """Personal data was to be sealed, but the partition has no data key."""


class SealBroken(PersistenceError):
    """A sealed part does not open under its own partition's key: it was altered or moved."""


class Unreadable(PersistenceError):
    """A partition cannot be read: the event at ``position`` is of a kind, a form or under a key that nobody can open.

    ``why`` names the kind of error, and never what the event holds.
    """

    def __init__(self, partition_id: UUID, position: int, cause: Exception) -> None:
        self.partition_id = partition_id
        self.position = position
        self.why = f"{type(cause).__name__}: {cause}" if isinstance(cause, PersistenceError) else type(cause).__name__
        super().__init__(f"{partition_id} cannot be read at position {position} ({self.why})")


class UnknownTopic(PersistenceError):
    """The log holds an event whose topic (or schema version) this program does not know."""
