"""Asking the carriers what was decided to be asked, and recording their answers once.

The intent is in the log before the carrier hears of it, and the label's file is kept before the answer is recorded.
After a crash between any two of these the same intent is asked again under the same id, and the carrier makes no
second label. Labels are asked for side by side, a few at a time: a slow carrier holds up no booking, and of a hundred
labels of a batch none waits for more than a few others.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from application import claims
from application.carrier import Bought, Carrier, CarrierUnavailable, LabelFiles, Refused, UnusableFile, VoidRequest
from application.labels import BuyAnswer, asked_in, label_request, record_bought, record_void
from application.order_log import OrderLog, Snapshot
from application.processes.attempts import Attempts
from application.processes.carrier_lanes import CarrierLane
from application.processes.carrier_manifests import ManifestDesk
from application.processes.process import Origin
from domain import labelling
from domain.dispatch import stopped_by
from domain.label_state import LabelState
from domain.order import Order
from domain.shipment import Shipment
from eventstore.errors import LogUnavailable, OutcomeUnknown, StreamConflict
from eventstore.records import Claim

# To each carrier.
AT_ONCE = 8
LOOKED_AT_ONCE = 4 * AT_ONCE
# Of those that wait for a carrier without room.
PASSED_AT_ONCE = 500
RETRIES_MAX = 1000
ATTEMPTS = 10
PAUSE_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 30.0
# The address was erased. Nothing is said of it, so that nothing new is sealed for somebody who was forgotten.
NOWHERE = Refused("")

# What is recorded of a label; gives when the carrier is asked again, where that is not at once.
Decide = Callable[..., datetime | None]

log = logging.getLogger("daybook.carriers")


class LabelDesk:
    """Asks about one label, or manifest, at a time. Thread-safe; ``carriers`` are by their code."""

    def __init__(self, log: OrderLog, carriers: Mapping[str, Carrier], files: LabelFiles, origin: Origin) -> None:
        self._manifests = ManifestDesk(log, carriers, files, origin)
        self._log = log
        self._carriers = carriers
        self._files = files
        self._origin = origin
        self._held: dict[str, float] = {}

    def due(self, limit: int, after: str = "", without: Collection[str] = ()) -> list[Claim]:
        """What a carrier, but for some, has to be asked now and comes ``after`` a key, the longest due first.

        A label of an order that is stopped is looked at again after a while: nobody pays for what may not leave.
        """
        self._held = {key: until for key, until in self._held.items() if until > time.monotonic()}
        now, due = claims.due_text(self._origin.clock()), list[Claim]()
        at_once = PASSED_AT_ONCE if without else limit
        while len(due) < limit:
            page = self._log.claims(claims.CARRIER, "", at_once, after)
            found = [claim for claim in page if claim.key.partition("|")[0] <= now]
            due += [each for each in found if each.key not in self._held and claims.carrier_of(each) not in without]
            if len(found) < at_once:
                break
            after = found[-1].key
        return due[:limit]

    def settle(self, claim: Claim) -> bool:
        """Ask what a claim of ``due`` stands for, and record the answer; raises CarrierUnavailable.

        False when there was nothing to ask.
        """
        if "|manifest|" in claim.key:
            self._manifests.settle(claim)
            return True
        if claims.is_file_work(claim):
            self._fetch(claim)
            return True
        snapshot, shipment, label = self._load(claim)
        if label.is_to_buy and label.void is None and stopped_by(snapshot.work.order.state) is not None:
            self._held[claim.key] = time.monotonic() + LOOK_AGAIN_SECONDS
            return False
        if label.is_to_buy and label.void is None and not labelling.is_wanted(shipment, label):
            self._record(claim, labelling.not_wanted)
            return False
        if label.is_to_buy:
            answer = self._buy(snapshot, shipment, label)
            lacks_file = isinstance(answer, Bought) and answer.label is None
            self._record(claim, partial(record_bought, answer=answer), lacks_file=lacks_file)
        elif label.is_open:
            asked = VoidRequest(intent_id=label.intent_id, carrier=label.carrier, reference=label.reference or None)
            self._record(claim, partial(record_void, answer=self._carrier(label).void(asked)))
        return True

    def _load(self, claim: Claim) -> tuple[Snapshot, Shipment, LabelState]:
        _, shipment_id, intent_id, *_ = claim.key.split("|")
        snapshot = self._log.load_root(Order, claim.partition_id)
        shipment = snapshot.work.shipment(UUID(shipment_id))
        return snapshot, shipment, shipment.state.labels[UUID(intent_id)]

    def _carrier(self, label: LabelState) -> Carrier:
        carrier = self._carriers.get(label.carrier)
        if carrier is None:
            raise CarrierUnavailable(f"no account with {label.carrier} is configured")
        return carrier

    def _buy(self, snapshot: Snapshot, shipment: Shipment, label: LabelState) -> BuyAnswer:
        request = label_request(snapshot.work, shipment, label)
        if request is None:
            return NOWHERE
        answer = self._carrier(label).buy(request)
        if isinstance(answer, Bought) and answer.label is not None:
            try:
                self._files.keep(snapshot.work.root.id, label.intent_id, answer.label)
            except UnusableFile as unusable:
                log.warning("the file of label %s cannot be used: %s", label.intent_id, unusable)
                return replace(answer, label=None)
        return answer

    def _fetch(self, claim: Claim) -> None:
        """Have the file that was missing when a label was bought; of what is void meanwhile nobody needs it."""
        snapshot, shipment, label = self._load(claim)
        if label.state == "bought" and label.void not in {"requested", "under_way"}:
            answer = self._buy(snapshot, shipment, label)
            if isinstance(answer, Bought) and answer.label is None:
                raise CarrierUnavailable("the file of its label cannot be had")
        self._log.append(snapshot, self._origin.cause(asked_in(shipment, label)), self._origin.new_id(), [], [claim])

    def _record(self, claim: Claim, decide: Decide, *, lacks_file: bool = False) -> None:
        """Record what follows from an answer, which may be when it is asked again."""
        for _ in range(ATTEMPTS):
            snapshot, shipment, label = self._load(claim)
            order_id, now = snapshot.work.root.id, self._origin.clock()
            known = set(shipment.state.numbers)
            again = decide(shipment, label, at=now) or now
            if not shipment.pending_events:
                return
            taken = [claims.tracking(each, shipment, order_id) for each in set(shipment.state.numbers) - known]
            if label.is_open:
                taken.append(claims.carrier_work(again, shipment, label.intent_id, order_id))
            if lacks_file:
                taken.append(claims.label_file_work(now, shipment, label.intent_id, order_id))
            cause = self._origin.cause(asked_in(shipment, label))
            try:
                self._log.append(snapshot, cause, self._origin.new_id(), taken, [claim])
            except StreamConflict:
                continue
            return
        raise CarrierUnavailable("the order keeps changing")


class CarrierRequests:
    """Keeps a few requests to each carrier under way; a slow carrier holds up nobody else's work."""

    name = "carriers"

    def __init__(self, desk: LabelDesk, attempts: Attempts, at_once: int = AT_ONCE) -> None:
        self._desk = desk
        self._attempts = attempts
        self._at_once = at_once
        self._lanes: dict[str, CarrierLane] = {}
        self._paused_until = 0.0

    def step(self) -> bool:
        """Start what is due as far as there is room; tells whether anything was started."""
        if time.monotonic() < self._paused_until:
            return False
        started = 0
        for row in self._attempts.due(RETRIES_MAX):
            if row.order_id is not None:
                started += self._start(Claim(claims.CARRIER, row.what, row.order_id), again=True)
        full = {carrier for carrier, lane in self._lanes.items() if not lane.room(again=False)}
        for claim in self._attempts.fresh(partial(self._desk.due, LOOKED_AT_ONCE, without=full), LOOKED_AT_ONCE):
            started += self._start(claim, again=False)
        return started > 0

    def close(self, timeout_seconds: float | None = None) -> None:
        """Start nothing more and wait for what is under way, no longer than a time if one is given."""
        until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        for lane in self._lanes.values():
            lane.close(None if until is None else max(0.0, until - time.monotonic()))

    def _start(self, claim: Claim, *, again: bool) -> bool:
        carrier = claims.carrier_of(claim)
        lane = self._lanes.get(carrier)
        if lane is None:
            lane = self._lanes[carrier] = CarrierLane(carrier, self._at_once)
        return lane.room(again) and lane.start(claim.key, partial(self._settle, claim, lane), again)

    def _settle(self, claim: Claim, lane: CarrierLane) -> None:
        try:
            self._attempts.each(claim.key, claim.partition_id, partial(self._ask, claim, lane))
        except (LogUnavailable, OutcomeUnknown) as error:
            log.warning("%s waits: %s", claim.key, error)
            self._paused_until = time.monotonic() + PAUSE_SECONDS

    def _ask(self, claim: Claim, lane: CarrierLane) -> None:
        try:
            answered = self._desk.settle(claim)
        except CarrierUnavailable:
            if not claims.is_file_work(claim):  # files are kept elsewhere
                lane.unanswered()
            raise
        if answered:
            lane.answered()
