"""The eventsourcing library's way in: PERSISTENCE_MODULE=eventstore.library.

Takes the library's POSTGRES_* settings; POSTGRES_ROLE is the role to act as (daybook_app). Only what
writes into the log is offered: snapshots, process recorders and tracking recorders would write
elsewhere, and are refused rather than half supported.
"""

from __future__ import annotations

from typing import Any, Never

from eventsourcing import postgres  # the module: the library wants exactly one factory class in ours
from eventsourcing.persistence import NotSupportedError
from eventsourcing.utils import Environment, EnvType
from psycopg.conninfo import make_conninfo

from eventstore.committer import GroupCommitter
from eventstore.library.recorder import SCHEMA, LogAggregateRecorder, LogEventStore, LogRecorder

POSTGRES_ROLE = "POSTGRES_ROLE"


class LogFactory(postgres.PostgresFactory):
    """Makes recorders and event stores that share one committer."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore.schema = SCHEMA
        settings: dict[str, Any] = dict(self.datastore.pool.kwargs)  # type: ignore[arg-type]
        settings.pop("row_factory")
        if role := self.env.get(POSTGRES_ROLE):
            settings["options"] = f"-c role={role}"
            self.datastore.pool.kwargs["options"] = settings["options"]  # type: ignore[index]
        self._committer = GroupCommitter(make_conninfo("", **settings))

    def aggregate_recorder(self, purpose: str = "events") -> LogAggregateRecorder:
        """Return a recorder of the log; refuses any other purpose."""
        if purpose != "events":
            raise NotSupportedError(f"no {purpose} are kept: a partition is read whole")
        return LogAggregateRecorder(self.datastore, self._committer)

    def application_recorder(self) -> LogRecorder:
        """Return a recorder of the log."""
        return LogRecorder(self.datastore, self._committer)

    def event_store(self, mapper: Any = None, recorder: Any = None) -> Any:
        """Return a LogEventStore: its `put` takes the command's metadata."""
        return LogEventStore(mapper or self.mapper(), recorder or self.application_recorder())

    def process_recorder(self) -> Never:
        """Refuse: its events would go past the committer."""
        raise NotSupportedError("the log has no process recorder: follow it with a projection of our own")

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Never:  # noqa: ARG002
        """Refuse: a projection keeps its position beside its rows."""
        raise NotSupportedError("the log has no tracking recorder: follow it with a projection of our own")

    def close(self) -> None:
        """Close the committer and the library's pool."""
        if hasattr(self, "_committer"):
            self._committer.close()
        super().close()
