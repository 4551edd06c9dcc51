"""What log.append says about one append of a batch that clashed, as it comes in its JSON.

Also the meaning of an error of the whole call. Nothing here decides whether to ask again.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from eventstore.errors import (
    AlreadyRecorded,
    AppendRefused,
    ClaimTaken,
    KeyReused,
    LogUnavailable,
    StorageFull,
    StreamConflict,
)

# SQLSTATE classes that are not the append's fault: conflict of transactions, out of resources, not in the right state,
# stopped by an operator, system error, internal error.
_DISK_FULL = "53100"
_SERVER_COULD_NOT = ("40", "53", "55", "57", "58", "XX")


class Recorded(msgspec.Struct, tag_field="outcome", tag="recorded"):
    """It stands at these positions; numbers: one per event, null when none of them draws one."""

    first_position: int
    last_position: int
    numbers: list[int | None] | None


class Repeat(msgspec.Struct, tag_field="outcome", tag="repeat"):
    """The same request was recorded before."""

    command_id: UUID
    partition_id: UUID
    first_position: int
    last_position: int

    def failure(self) -> Exception:
        return AlreadyRecorded(self.command_id, self.partition_id, self.first_position, self.last_position)


class Reused(msgspec.Struct, tag_field="outcome", tag="key_reused"):
    """Another request was recorded under the key."""

    caller: str
    key: str

    def failure(self) -> Exception:
        return KeyReused(self.caller, self.key)


class Conflict(msgspec.Struct, tag_field="outcome", tag="conflict"):
    """An event cannot stand where it wants to."""

    stream_id: UUID
    version: int

    def failure(self) -> Exception:
        return StreamConflict(self.stream_id, self.version)


class Taken(msgspec.Struct, tag_field="outcome", tag="claim_taken"):
    """A claim is held."""

    kind: str
    key: str
    partition_id: UUID

    def failure(self) -> Exception:
        return ClaimTaken(self.kind, self.key, self.partition_id)


class Refused(msgspec.Struct, tag_field="outcome", tag="refused"):
    """The database had another reason."""

    sqlstate: str
    message: str

    def failure(self) -> Exception:
        return refusal(self.sqlstate, self.message)


Outcome = Recorded | Repeat | Reused | Conflict | Taken | Refused

_decode = msgspec.json.Decoder(list[Outcome]).decode


def read_outcomes(jsonb: bytes) -> list[Outcome]:
    """Return the outcomes of a batch from binary jsonb (a version byte and the text)."""
    return _decode(jsonb[1:])


def refusal(sqlstate: str | None, message: str) -> AppendRefused | LogUnavailable:
    """Return what a definite error means: nothing was recorded, and whose fault it was."""
    if sqlstate == _DISK_FULL:
        return StorageFull(f"{message} (SQLSTATE {sqlstate})")
    if sqlstate is None or sqlstate.startswith(_SERVER_COULD_NOT):
        return LogUnavailable(f"{message} (SQLSTATE {sqlstate})")
    return AppendRefused(sqlstate, message)
