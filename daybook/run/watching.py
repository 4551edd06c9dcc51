"""How Daybook is doing, as its web server tells it: what keeps this server from its work, and what needs somebody.

A complaint means that requests should go elsewhere. A warning does not: the server works, and somebody has to look,
for an order that cannot be read, a worker that is gone, a clock that jumped. It must never change anything.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from daybook.run.storage import Storage
from eventstore import standing
from projections.engine.lag import LagWatch
from webhooks import standing as webhooks
from webhooks.standing import WebhookStanding

TOLD_FOR_SECONDS = 1.0
SILENT_SECONDS = 30.0
# Steps that may take long: a batch of bookings, a gateway that does not answer.
STUCK_SECONDS = 120.0
CLOCK_AHEAD_SECONDS = 5.0
# Longer than a retry's first pauses, shorter than a customer waits for a mail.
WAITING_SECONDS = 60.0
WAITED_FOR = ("approving", "expiry", "mailing", "notifications")

_PROCESSES = """
    SELECT coalesce(h.process, a.process), extract(epoch FROM clock_timestamp() - h.beat_at)::float8,
           extract(epoch FROM h.beat_at - h.came_round_at)::float8, h.steps, h.failures, coalesce(a.set_aside, 0)
    FROM work.heartbeats h
    FULL JOIN (
        SELECT process, count(*) AS set_aside FROM work.set_aside WHERE NOT given_up GROUP BY process
    ) a USING (process)
    ORDER BY 1
"""
# The oldest thing that each has to do and has not done, without what is set aside.
_SET_ASIDE: LiteralString = "EXISTS (SELECT FROM work.set_aside a WHERE a.what = c.key)"
_DONE: LiteralString = "(SELECT p.position FROM work.positions p WHERE p.process = 'notifications')"
_WAITING: LiteralString = f"""
    SELECT process, extract(epoch FROM clock_timestamp() - due)::float8 FROM (
        VALUES ('approving', least({standing.first_begun("work", "approval:", 2, unless=_SET_ASIDE)},
                                   {standing.first_due("approval", unless=_SET_ASIDE)})),
               ('expiry', {standing.first_due("deadline", unless=_SET_ASIDE)}),
               ('mailing', {standing.first_due("notification_due", unless=_SET_ASIDE)}),
               ('notifications', {standing.recorded_after(_DONE)})
    ) AS oldest (process, due)
    WHERE due < clock_timestamp()
"""  # noqa: S608  (constants of this module and of the eventstore)
_GAUGES = {
    "daybook_process_silent_seconds": "Time since the worker's last sign of life",
    "daybook_process_round_seconds": "Time since this process of the worker finished a step",
    "daybook_process_steps": "Steps since the worker started",
    "daybook_process_failures": "Steps that failed since the worker started",
    "daybook_process_set_aside": "Orders, batches, requests or mails that failed and wait for a retry",
}


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One process of the worker: how long ago it was heard of, and how much it has set aside."""

    process: str
    silent_seconds: float | None
    round_seconds: float | None
    steps: int | None
    failures: int | None
    set_aside: int


@dataclass(frozen=True, slots=True)
class State:
    """What the database tells about the processes, and how far the log's times are ahead of its clock.

    ``waiting`` is since how many seconds the oldest thing waits that is due, by process; ``unsealed_seconds`` how long
    ago the oldest event was recorded that is in no checkpoint.
    """

    processes: Sequence[ProcessState] = ()
    waiting: Mapping[str, float] = field(default_factory=dict)
    ahead_seconds: float = 0.0
    unsealed_seconds: float = 0.0
    webhooks: Sequence[WebhookStanding] = ()


class Watch:
    """Knows complaints and warnings; asks the database once a second at most. Thread-safe."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], lags: LagWatch, storage: Storage, lag_limit_seconds: int
    ) -> None:
        self._pool = pool
        self._lags = lags
        self._storage = storage
        self._lag_limit_seconds = lag_limit_seconds
        self._told: tuple[float, State] = (0.0, State())

    def complaints(self) -> Sequence[str]:
        """Why this server cannot do its work, a sentence each."""
        try:
            lags = self._lags.lags()
        except (psycopg.Error, PoolTimeout):
            return ["The database does not answer."]
        return [
            f"{lag.projection} is {lag.events} events ({lag.seconds:.0f} s) behind the log."
            for lag in lags
            if lag.seconds > self._lag_limit_seconds
        ]

    def warnings(self) -> Sequence[str]:
        """What somebody has to look at, a sentence each."""
        room = self._storage.warning()
        return [
            *([room] if room else []),
            *self._of_parked(),
            *self._of_processes(),
            *webhooks.warnings(self._state().webhooks),
            *self._of_seals(),
            *self._of_clock(),
        ]

    def metrics(self) -> bytes:
        """The same as figures, in Prometheus' text format."""
        registry = CollectorRegistry()
        state = self._state()
        gauges = {name: Gauge(name, text, ["process"], registry=registry) for name, text in _GAUGES.items()}
        for each in state.processes:
            values = (each.silent_seconds, each.round_seconds, each.steps, each.failures, each.set_aside)
            for gauge, value in zip(gauges.values(), values, strict=True):
                if value is not None:
                    gauge.labels(each.process).set(value)
        waiting = Gauge(
            "daybook_process_waiting_seconds", "Time since the oldest thing is due", ["process"], registry=registry
        )
        for process in (*WAITED_FOR, *state.waiting):
            waiting.labels(process).set(state.waiting.get(process, 0.0))
        ahead = Gauge(
            "daybook_log_ahead_seconds", "How far the log is ahead of the database's clock", registry=registry
        )
        ahead.set(max(0.0, state.ahead_seconds))
        unsealed = Gauge(
            "daybook_log_unsealed_seconds", "Age of the oldest event that is in no checkpoint", registry=registry
        )
        unsealed.set(state.unsealed_seconds)
        return generate_latest(registry) + webhooks.metrics(state.webhooks) + self._storage.metrics()

    def _of_parked(self) -> Iterable[str]:
        for lag in self._lags.lags():
            if lag.parked:
                yield f"{lag.projection} has parked {lag.parked} orders; see `daybook projections`."

    def _of_processes(self) -> Iterable[str]:
        processes = self._state().processes
        for each in processes:
            if each.set_aside:
                yield f"{each.process} has set aside {each.set_aside}; see `daybook processes`."
            if each.round_seconds is not None and each.round_seconds > STUCK_SECONDS:
                yield f"{each.process} has been at one step for {each.round_seconds:.0f} s."
        for process, seconds in self._state().waiting.items():
            if seconds > WAITING_SECONDS:
                yield f"{process} is {seconds:.0f} s behind: what is due waits."
        silent = [each.silent_seconds for each in processes if each.silent_seconds is not None]
        if silent and min(silent) > SILENT_SECONDS:
            yield f"The worker has not been heard of for {min(silent):.0f} s; start `daybook work`."

    def _of_seals(self) -> Iterable[str]:
        unsealed = self._state().unsealed_seconds
        if unsealed > WAITING_SECONDS:
            yield f"What was recorded {unsealed:.0f} s ago is not sealed; see logs/seal.log, or start `daybook seal`."

    def _of_clock(self) -> Iterable[str]:
        ahead = self._state().ahead_seconds
        if ahead > CLOCK_AHEAD_SECONDS:
            yield (
                f"The last event is dated {ahead:.0f} s after the database's clock, which was set back: "
                "everything recorded until then gets that date."
            )

    def _state(self) -> State:
        until, told = self._told
        now = time.monotonic()
        if now >= until:
            told = self._asked()
            self._told = (now + TOLD_FOR_SECONDS, told)
        return told

    def _asked(self) -> State:
        with self._pool.connection() as connection:
            processes = [ProcessState(*row) for row in connection.execute(_PROCESSES)]
            waiting = dict(connection.execute(_WAITING).fetchall())
            return State(
                processes,
                waiting,
                standing.seconds_ahead(connection),
                standing.seconds_unsealed(connection),
                webhooks.standing(connection),
            )
