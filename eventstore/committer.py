"""Group commit: the appends of all concurrent requests of a process go into one transaction."""

from __future__ import annotations

from eventstore.records import Append, Appended


class GroupCommitter:
    """Appends to the log; thread-safe."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    def append(self, append: Append) -> Appended:
        """Record the append durably and return where it stands.

        Raises AlreadyRecorded, KeyReused, StreamConflict, ClaimTaken, AppendRefused,
        OutcomeUnknown, LogUnavailable.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let the running batch end and close the connection."""
        raise NotImplementedError
