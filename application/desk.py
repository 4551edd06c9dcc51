"""The desk where commands arrive: load, ask the domain, append; answer or refuse.

A repeat of an idempotency key is recognised before any refusal or conflict. A command that loses a
race is decided again on the new state. A lost connection is never retried here: whether it was
recorded only the key can tell, and asking again is the caller's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from application.command import Answer, Command, Merchant
from application.handlers import HANDLERS
from application.order_log import Loaded, OrderLog
from application.work import Work
from domain.lifecycle import allowed_commands
from domain.order import AlreadyReported
from domain.refusals import Kind, Refusal, invalid, unknown
from eventstore.errors import (
    AlreadyRecorded,
    ClaimTaken,
    KeyReused,
    LogUnavailable,
    OutcomeUnknown,
    StreamConflict,
)

ATTEMPTS = 12
LOCK_STRIPES = 256
# How far a caller's clock may run ahead of ours.
CLOCK_SKEW = timedelta(seconds=5)


class Desk:
    """Executes commands. Thread-safe."""

    def __init__(
        self,
        log: OrderLog,
        merchant: Merchant,
        clock: Callable[[], datetime],
        new_id: Callable[[], UUID],
        new_token: Callable[[], str],
    ) -> None:
        self._log = log
        self._merchant = merchant
        self._clock = clock
        self._new_id = new_id
        self._new_token = new_token
        self._stripes = [Lock() for _ in range(LOCK_STRIPES)]

    def execute(self, command: Command) -> Answer:
        """Do what the command asks and answer with the order's new version and position.

        Raises ``Refusal``; then nothing was changed (except for ``outcome_unknown``, which says so).
        """
        try:
            answer = self._attempt(command)
            if answer is None:
                # Losers of a race wait for each other here instead of racing again.
                with self._stripes[hash(command.target) % LOCK_STRIPES]:
                    answer = self._persist(command)
        except AlreadyRecorded as repeat:
            answer = self._log.answer_of(repeat.partition_id, repeat.command_id, repeat.last_position)
        except KeyReused as reuse:
            raise _key_reused(reuse.key) from reuse
        except ClaimTaken as taken:
            raise _claim_refusal(taken) from taken
        except OutcomeUnknown as lost:
            raise Refusal(
                "outcome_unknown",
                "The connection was lost while the log was written. Ask again with the same Idempotency-Key.",
                kind=Kind.UNAVAILABLE,
            ) from lost
        except LogUnavailable as down:
            raise Refusal("log_unavailable", "The log cannot be reached.", kind=Kind.UNAVAILABLE) from down
        return answer

    def _persist(self, command: Command) -> Answer:
        for _ in range(ATTEMPTS):
            answer = self._attempt(command)
            if answer is not None:
                return answer
        raise Refusal("concurrent_change", "The order keeps changing. Try again.")

    def _attempt(self, command: Command) -> Answer | None:
        """Decide once on the order as it is; None when somebody else was faster."""
        if command.name == "orders":
            return self._place(command)
        loaded = self._log.load(command)
        self._answer_repeat(loaded, command)
        if not loaded.book.exists:
            raise unknown(command.name.partition("/")[0].removesuffix("s"), command.target)
        try:
            self._check_version(loaded, command)
            return self._decide(loaded, command)
        except StreamConflict as conflict:
            if conflict.version == 1:
                raise _id_in_use(conflict.stream_id) from conflict
            return None
        except AlreadyReported as repeat:
            return self._answer_report(loaded, repeat)
        except Refusal as refusal:
            refusal.allowed_commands = allowed_commands(loaded.book.order.state)
            raise

    def _place(self, command: Command) -> Answer:
        """A new order needs no look at the log: the append itself finds repeats and clashes."""
        order_id = command.body.get("order_id") or self._new_id()
        try:
            return self._decide(self._log.empty(order_id), command)
        except StreamConflict as conflict:
            raise _id_in_use(conflict.stream_id) from conflict
        except Refusal:
            if command.idempotency_key is not None:
                self._answer_repeat(self._log.load(command), command)
            raise

    def _answer_repeat(self, loaded: Loaded, command: Command) -> None:
        recorded = loaded.recorded
        if recorded is None or command.idempotency_key is None:
            return
        if recorded.request_hash != self._log.request_hash(command):
            raise _key_reused(command.idempotency_key)
        raise AlreadyRecorded(
            recorded.command_id, recorded.partition_id, recorded.first_position, recorded.last_position
        )

    def _answer_report(self, loaded: Loaded, repeat: AlreadyReported) -> Answer:
        reported = next(
            row for row in loaded.rows if (row.stream_id, row.version) == (repeat.stream_id, repeat.version)
        )
        last = max(row.position for row in loaded.rows if row.command_id == reported.command_id)
        return self._log.answer_of(reported.partition_id, reported.command_id, last)

    def _check_version(self, loaded: Loaded, command: Command) -> None:
        expected, version = command.expected_version, loaded.book.order.version
        if expected is not None and expected != version:
            detail = f"The order is at version {version}, not {expected}."
            raise Refusal("version_mismatch", detail, kind=Kind.STALE)

    def _decide(self, loaded: Loaded, command: Command) -> Answer:
        now = self._clock()
        at = command.occurred_at or now
        if at > now + CLOCK_SKEW:
            raise invalid("occurred_at_in_future", f"It is {now.isoformat()} now.", "/occurred_at")
        work = Work(
            command.target or loaded.book.order.id,
            command.body,
            min(at, now),
            now,
            self._merchant,
            self._new_id,
            self._new_token,
        )
        HANDLERS[command.name](loaded.book, work)
        return self._log.append(loaded, command, self._new_id(), work.claims)


def _key_reused(key: str) -> Refusal:
    return invalid("idempotency_key_reused", f"The key {key} was used for another request.")


def _id_in_use(stream_id: UUID) -> Refusal:
    return Refusal("id_in_use", f"{stream_id} is taken.")


def _claim_refusal(taken: ClaimTaken) -> Refusal:
    name = taken.key.partition(":")[2]
    detail = f"{name} belongs to order {taken.partition_id}."
    return Refusal(f"duplicate_{taken.kind}", detail, pointer=f"/{taken.kind}")
