"""Many commands at one sitting: loaded in one round trip, decided one after the other, recorded at one stroke.

Nothing is decided here. The desk drafts what each command would record, as it does for a command alone; what is special
about one (a repeat, a refusal, a race that was lost, somebody to ask) is left to the desk, which executes it by itself
and from the beginning. What became of an order at this sitting is remembered, so that the next command on it needs to
hear from the log only that nothing else happened to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from time import sleep
from uuid import UUID

from application.catalogue import COMMANDS
from application.command import Answer, Command
from application.desk_refusals import told
from application.follow_up import REQUESTS
from application.order_log import ASIDE, Draft, OrderLog, Past, Snapshot
from domain.document_kinds import APPROVAL, KIND_OF_COLLECTION, ORDER
from domain.refusals import Kind, Refusal
from eventstore.errors import AlreadyRecorded, AppendRefused, StreamConflict
from eventstore.records import Appended

REMEMBERED = 2048
# So many are decided before others get a turn: as long as a single request takes. One by one it is a third slower.
TURN = 8
NOTHING = Past()

Outcome = Answer | Refusal | None
"""What a command was answered; None where the desk has to execute it by itself."""


class Together:
    """One sitting; thread-safe as long as no two threads have commands on one order at a time.

    ``begin`` is a unit of work in which nothing happened yet, for a command that places an order; ``draft`` decides a
    command as any other is decided; ``goes_along`` says whether one may be decided here at all. Who is ``deciding`` is
    alone in that, of all sittings of a desk.
    """

    def __init__(
        self,
        log: OrderLog,
        begin: Callable[[Command], Snapshot],
        draft: Callable[[Snapshot, Command], Draft],
        goes_along: Callable[[Command], bool],
        deciding: Lock,
    ) -> None:
        self._log = log
        self._begin = begin
        self._draft = draft
        self._goes_along = goes_along
        self._deciding = deciding
        self._pasts: dict[UUID, Past] = {}
        self._remembering = Lock()

    def execute(self, commands: Sequence[Command]) -> list[Outcome]:
        """What becomes of each of these commands, all on different orders and each with an idempotency key."""
        outcomes: list[Outcome] = [None] * len(commands)
        try:
            drafts = told(lambda: self._drafts(commands))
            tellers = told(lambda: self._log.record_each([draft for draft, _ in drafts.values()]))
        except Refusal as refusal:  # the log cannot be reached
            return [refusal] * len(commands)
        for (number, (draft, past)), tell in zip(drafts.items(), tellers, strict=True):
            outcomes[number] = self._outcome(draft, past, tell)
        return outcomes

    def remembered(self, stream_id: UUID) -> Past:
        """What is known of the order that a stream belongs to; NOTHING of one that nothing happened to here."""
        return self._pasts.get(stream_id, NOTHING)

    def _drafts(self, commands: Sequence[Command]) -> dict[int, tuple[Draft, Past]]:
        """What is to be recorded of those that nothing is special about, and after what; by their place."""
        going = {number: command for number, command in enumerate(commands) if self._can_go(command)}
        targets = {
            number: command.target
            for number, command in going.items()
            if command.target is not None and not COMMANDS[command.name].begins
        }
        pasts = self._loaded(targets.values())
        # Read after the events: a key that somebody uses in between is found by the append.
        repeated = self._log.recorded_each([going[number].cause for number in targets])
        drafts: dict[int, tuple[Draft, Past]] = {}
        with self._deciding:
            for turn, (number, command) in enumerate(going.items(), 1):
                if turn % TURN == 0:
                    sleep(0)  # who waits for Python's one lock waits for these few, not for all
                past = pasts[targets[number]] if number in targets else NOTHING
                if command.cause.key in repeated or (number in targets and past is NOTHING):
                    continue
                with suppress(Exception):  # whatever it is, who executes the command by itself meets it again
                    draft = self._draft(self._log.standing(past) if past.count else self._begin(command), command)
                    if not any(isinstance(event, REQUESTS) for _, event in draft.done):
                        drafts[number] = draft, past
        return drafts

    def _loaded(self, targets: Collection[UUID]) -> Mapping[UUID, Past]:
        known = {target: self.remembered(target) for target in targets}
        return known | self._log.load_each(known)

    def _can_go(self, command: Command) -> bool:
        if command.cause.key is None or command.expected_version is not None or not self._goes_along(command):
            return False
        kind = COMMANDS[command.name]
        if kind.begins:
            return kind.creates is ORDER
        area = KIND_OF_COLLECTION[kind.area]
        return command.target is not None and not area.spans and area not in {ASIDE, APPROVAL}

    def _outcome(self, draft: Draft, past: Past, tell: Callable[[], tuple[Answer, Appended]]) -> Outcome:
        try:
            answer, appended = told(tell)
        except Refusal as refusal:
            return refusal if refusal.kind is Kind.UNAVAILABLE else None
        except (AlreadyRecorded, StreamConflict, AppendRefused):
            return None
        self._remember(draft, continued(draft, appended, past))
        return answer

    def _remember(self, draft: Draft, past: Past) -> None:
        with self._remembering:
            for stream_id in draft.snapshot.work.aggregates:
                self._pasts[stream_id] = past
            while len(self._pasts) > REMEMBERED:
                del self._pasts[next(iter(self._pasts))]


def continued(draft: Draft, appended: Appended, past: Past) -> Past:
    """The past of an order with what was recorded now, as it would be read from the log."""
    root_id = draft.snapshot.work.root.id
    cipher = draft.snapshot.ciphers.get(root_id)
    if cipher is not None and draft.append.data_keys:
        cipher.from_position = appended.first_position  # it came with this append
    for (_, event), number in zip(draft.done, appended.numbers, strict=True):
        if number is not None:
            event.number_issued(number)
    new = [event for aggregate, event in draft.done if ASIDE.name != aggregate.NAME]
    return Past(root_id, [*past.events, *new], cipher, past.count + len(draft.done))
