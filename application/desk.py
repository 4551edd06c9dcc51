"""The desk where commands arrive: load, ask the domain, append; answer or refuse.

A repeat of an idempotency key is recognised before any refusal or conflict. A command that loses a
race is decided again on the new state. A lost connection is never retried here: whether it was
recorded only the key can tell, and asking again is the caller's. What was recorded is never refused: whatever fails
between the append and the answer, the answer is the one that was recorded, or says that it is not known.
"""

import logging
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from application.addressing import addressed
from application.approved_commands import ApprovedCommands
from application.catalogue import COMMANDS
from application.closing import HISTORY, require_open
from application.command import Answer, Command, Merchant, RepeatedAnswer
from application.command_context import CommandContext
from application.desk_refusals import id_in_use, key_reused, no_room, told
from application.erasing import attach_customer
from application.follow_up import REQUEST_NAMES, before, follow_up
from application.gateway import GatewayUnavailable
from application.holding import HoldingRules, held
from application.kept_commands import ask
from application.order_log import Draft, OrderLog, Snapshot
from application.together import Together
from application.unit_of_work import UnitOfWork
from domain.approval import SamePerson
from domain.document_kinds import KIND_OF_COLLECTION
from domain.order import AlreadyReported, Order
from domain.refusals import Refusal, invalid, require_version, unknown
from domain.shipment import Shipment
from eventstore.errors import AlreadyRecorded, OutcomeUnknown, StreamConflict
from eventstore.records import Claim

ATTEMPTS = 50
LOCK_STRIPES = 256
log = logging.getLogger("daybook.desk")

# How far a caller's clock may run ahead of ours.
CLOCK_SKEW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desk takes from outside: configuration, the time, where new ids and tokens come from, room to write.

    ``closed_before`` tells until when time is settled, ``holding`` which commands need a second person, if any do, and
    ``same_person`` whether two keys have one holder.
    """

    merchant: Merchant
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    new_token: Callable[[], str]
    has_room: Callable[[], bool] = lambda: True
    closed_before: Callable[[], datetime | None] = lambda: None
    holding: HoldingRules | None = None
    same_person: SamePerson = operator.eq


class Desk:
    """Executes commands. Thread-safe.

    ``settle`` asks the payment gateway what an order has open; without it that is left to the process
    which finds such orders by their claims.
    """

    def __init__(self, log: OrderLog, surroundings: Surroundings, settle: Callable[[UUID], None] | None = None) -> None:
        self._log = log
        self._outside = surroundings
        self._settle = settle
        self._deciding = Lock()
        self._stripes = [Lock() for _ in range(LOCK_STRIPES)]
        self._held = surroundings.holding.held if surroundings.holding else frozenset()
        self._approved = ApprovedCommands(log, surroundings.clock, surroundings.new_id, self._handled)

    def execute(self, command: Command) -> Answer:
        """Do what the command asks and answer with the new version and position.

        Raises ``Refusal``; then nothing was changed (except for ``outcome_unknown``, which says so).
        """
        if not self._outside.has_room():
            raise no_room()
        return told(lambda: self._execute_or_repeat(addressed(self._log, command)))

    def _execute_or_repeat(self, command: Command) -> Answer:
        try:
            return self._execute(command)
        except AlreadyRecorded as repeat:
            answer = self._recorded_answer(repeat.partition_id, repeat.command_id)
            # A closed dispatch wrote into other partitions last, which its own does not tell.
            answer["position"] = max(answer["position"], repeat.last_position)
            return RepeatedAnswer(self._settled(answer, repeat.partition_id, repeat.command_id))

    def _execute(self, command: Command) -> Answer:
        kind = COMMANDS[command.name]
        if kind.begins and kind.creates is not None:
            return self._create(command)
        stripe = self._stripes[hash(command.target) % LOCK_STRIPES]
        if not stripe.locked():
            answer = self._attempt(command)
            if answer is not None:
                return answer
        # Losers of a race wait for each other here instead of racing again, and who comes later joins them.
        with stripe:
            for _ in range(ATTEMPTS):
                answer = self._attempt(command)
                if answer is not None:
                    return answer
        raise Refusal("concurrent_change", "Others keep changing this at the same time. Try again.")

    def _create(self, command: Command) -> Answer:
        """What is new needs no look at the log: the append itself finds repeats and clashes."""
        try:
            return self._decide(self._beginning(command), command)
        except StreamConflict as conflict:
            raise id_in_use(conflict.stream_id) from conflict
        except Refusal:
            if command.cause.key is not None:
                self._answer_repeat(self._log.load(command), command)
            raise

    def _beginning(self, command: Command) -> Snapshot:
        """A unit of work in which nothing happened yet, under the id that was chosen or a new one."""
        kind = COMMANDS[command.name]
        if kind.creates is None:
            raise AssertionError(f"{kind.name} begins nothing")
        chosen: UUID | None = getattr(command.body, kind.id_field) if kind.id_field else None
        return self._log.empty(kind.creates, chosen or self._outside.new_id())

    def _attempt(self, command: Command) -> Answer | None:
        """Decide once on the state as it is; None when somebody else was faster."""
        snapshot = self._log.load(command)
        self._answer_repeat(snapshot, command)
        kind = COMMANDS[command.name]
        if not snapshot.work.exists and not kind.unheard_of:
            raise unknown(KIND_OF_COLLECTION[kind.area].title, command.target)
        try:
            require_version(command.expected_version, snapshot.work.root.version)
            return self._decide(snapshot, command)
        except StreamConflict as conflict:
            if conflict.version == 1 and not kind.unheard_of:
                raise id_in_use(conflict.stream_id) from conflict
            return None
        except AlreadyReported as repeat:
            return self._answer_report(snapshot, repeat)
        except Refusal as refusal:
            if isinstance(snapshot.work.root, Order):
                refusal.allowed_commands = snapshot.work.allowed_commands(self._outside.clock())
            raise

    def _answer_repeat(self, snapshot: Snapshot, command: Command) -> None:
        recorded = snapshot.recorded
        if recorded is None or command.cause.idempotency_key is None:
            return
        if recorded.request_hash != self._log.request_hash(command.cause):
            raise key_reused(command.cause.idempotency_key)
        raise AlreadyRecorded(
            recorded.command_id, recorded.partition_id, recorded.first_position, recorded.last_position
        )

    def _answer_report(self, snapshot: Snapshot, repeat: AlreadyReported) -> Answer:
        place = (repeat.stream_id, repeat.version)
        reported = next(row for row in snapshot.rows if (row.stream_id, row.version) == place)
        answer = RepeatedAnswer(self._recorded_answer(reported.partition_id, reported.command_id))
        answer.notice = f"Recorded before, as version {repeat.version}: nothing was added. {repeat.another}"
        return answer

    def _recorded_answer(self, partition_id: UUID, command_id: UUID) -> Answer:
        """What a command was answered that is known to be recorded: never a refusal that says it is not."""
        try:
            return self._log.answer_of(partition_id, command_id)
        except Exception as error:
            log.exception("the answer of %s, which is recorded, cannot be read", command_id)
            raise OutcomeUnknown("the command was recorded, and its answer cannot be read now") from error

    def carry_out(self, approval_id: UUID) -> None:
        """Do what was approved, once, or record why it cannot be done; nothing where that happened already.

        Raises ``Refusal`` for what has to wait, such as a log that cannot be reached; and Unreadable.
        """
        if not self._outside.has_room():
            raise no_room()
        done = told(lambda: self._approved.carry_out(approval_id))
        if done is not None:
            self._settled(*done)

    def together(self) -> Together:
        """A sitting at which many commands are decided side by side, as this desk decides them one by one."""
        return Together(self._log, self._beginning, self._drafted, self._goes_along, self._deciding)

    def _goes_along(self, command: Command) -> bool:
        """Whether a command can be decided beside others: nothing has to be asked, and nobody, but the log."""
        return command.name not in self._held and self._outside.has_room()

    def _decide(self, snapshot: Snapshot, command: Command) -> Answer:
        draft = self._drafted(snapshot, command)
        answer = self._log.record(draft)
        return self._settled(answer, draft.snapshot.work.root.id, draft.append.metadata.command_id)

    def _drafted(self, snapshot: Snapshot, command: Command) -> Draft:
        context = self._handled(snapshot, command)
        if command.name in self._held:
            snapshot, context = self._kept(snapshot, command, context)
        if command.silent:
            snapshot.work.silence()
        cause = replace(command.cause, causation_id=context.because) if context.because else command.cause
        return self._log.draft(snapshot, cause, self._outside.new_id(), context.claims, context.releases)

    def _handled(self, snapshot: Snapshot, command: Command) -> CommandContext:
        """Decide the command, and what follows from it: its events are pending then."""
        now = self._outside.clock()
        at = command.occurred_at or now
        if at > now + CLOCK_SKEW:
            raise invalid(
                "occurred_at_in_future", f"occurred_at lies ahead: it is {now.isoformat()} now.", "/occurred_at"
            )
        # Nothing is dated back but history.
        snapshot.work.dated_at = None if command.cause.actor.type == HISTORY else now
        context = self._context(snapshot, command, min(at, now), now)
        stood = before(snapshot.work)
        COMMANDS[command.name].handle(snapshot.work, command.body, context)
        follow_up(snapshot.work, context, stood)
        if command.occurred_at is not None and command.cause.actor.type != HISTORY:
            require_open(snapshot.work, self._outside.closed_before())
        return context

    def _context(self, snapshot: Snapshot, command: Command, at: datetime, now: datetime) -> CommandContext:
        return CommandContext(
            target=command.target or snapshot.work.root.id,
            actor=command.cause.actor,
            at=at,
            now=now,
            merchant=self._outside.merchant,
            new_id=self._outside.new_id,
            new_token=self._outside.new_token,
            lookup=_BookLookup(self._log, snapshot),
            expected_version=command.expected_version,
            customer=lambda: attach_customer(self._log, snapshot, command.customer_id or ""),
            same_person=self._outside.same_person,
        )

    def _kept(self, snapshot: Snapshot, command: Command, context: CommandContext) -> tuple[Snapshot, CommandContext]:
        """What is to be recorded: the command as it was decided, or that it waits for a second person."""
        rules = self._outside.holding
        waiting = held(rules, snapshot.work, command) if rules else None
        if rules is None or waiting is None:
            return snapshot, context
        undecided = self._log.load(command)
        asking = self._context(undecided, command, context.at, context.now)
        ask(undecided.work, command, waiting, rules, asking)
        return undecided, asking

    def _settled(self, answer: Answer, partition_id: UUID, command_id: UUID) -> Answer:
        """Have done at once what the command made necessary: what it approved, what a gateway is to be asked.

        What comes of it belongs to the answer.
        """
        approved = answer["status"] == "approved"
        if not approved and (self._settle is None or not REQUEST_NAMES.intersection(answer["events"])):
            return answer
        try:
            if approved:
                self.carry_out(UUID(answer["approval_id"]))
            elif self._settle is not None:
                self._settle(partition_id)
            return self._log.answer_of(partition_id, command_id)
        except GatewayUnavailable:
            return answer  # recorded as open; the process asks again
        except Exception:
            log.exception("%s is recorded, and is answered without what follows from it", command_id)
            return answer


class _BookLookup:
    """What a handler may ask the log while it works on one unit of work."""

    def __init__(self, log: OrderLog, snapshot: Snapshot) -> None:
        self._log = log
        self._snapshot = snapshot
        self.claims: Callable[[str, str, int], list[Claim]] = log.claims
        self.require_orders: Callable[[Sequence[UUID], str], None] = log.require_orders

    def order_book(self, order_id: UUID) -> UnitOfWork:
        return self._log.load_root(Order, order_id).work

    def attach_shipments(self, shipment_ids: Sequence[UUID]) -> list[Shipment]:
        return self._log.attach_shipments(self._snapshot, shipment_ids)
