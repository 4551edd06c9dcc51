"""Asking the payment gateway what was decided to be asked, and recording its answer once.

The intent is in the log before the gateway hears of it. After a crash between the two the same intent
is asked again under the same id, and the gateway does not act twice.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from application import claims
from application.follow_up import REQUESTS, before, deadline
from application.gateway import Approved, Declined, Gateway, GatewayRequest, GatewayUnavailable
from application.order_log import OrderLog, Snapshot
from application.processes.attempts import Attempts
from application.processes.process import Origin
from application.settlement import settle
from application.unit_of_work import UnitOfWork
from domain import gateway_answers
from domain.order import Order
from domain.payment_events import PaymentAuthorized, PaymentCaptured
from eventstore.errors import StreamConflict

# Each may take as long as a gateway that does not answer.
AT_ONCE = 5
ATTEMPTS = 10


def open_requests(work: UnitOfWork) -> Iterator[GatewayRequest]:
    """What the gateway has to be asked for an order, oldest first."""
    order = work.order
    for intent_id, intent in order.state.intents.items():
        yield GatewayRequest(
            kind=intent.kind,
            intent_id=UUID(intent_id),
            order_id=order.id,
            amount=intent.amount,
            currency=intent.currency,
            reference=intent.capture_reference or _last_reference(work, intent.kind),
        )


def _last_reference(work: UnitOfWork, kind: str) -> str | None:
    """The provider's reference of the last authorization; of the last capture where the request names none."""
    wanted = PaymentAuthorized if kind == "capture" else PaymentCaptured
    for event in reversed(work.events):
        if isinstance(event, wanted) and event.provider_reference is not None:
            return event.provider_reference
    return None


def record_answer(work: UnitOfWork, intent_id: UUID, outcome: Approved | Declined, at: datetime) -> None:
    """Record what the gateway answered; nothing when that was recorded already."""
    if str(intent_id) not in work.order.state.intents:
        return
    if isinstance(outcome, Approved):
        gateway_answers.approve(work.order, work.invoice, intent_id, outcome.reference, at)
    else:
        gateway_answers.decline(work.order, intent_id, outcome.detail, at)
    settle(work, at)


class GatewayRequests:
    """Settles open intents: at once after the command that made them, and again after a crash.

    ``attempts`` is of the process; a desk that only settles what its own command asked for needs none.
    """

    name = "gateway"

    def __init__(self, log: OrderLog, gateway: Gateway, origin: Origin, attempts: Attempts | None = None) -> None:
        self._log = log
        self._gateway = gateway
        self._origin = origin
        self._attempts = attempts

    def step(self) -> bool:
        """Ask again what has no answer yet; each waits for a next try of its own. Tells whether there may be more."""
        attempts = self._attempts
        if attempts is None:
            raise RuntimeError("only the process asks again")
        for row in attempts.due(AT_ONCE):
            attempts.each(row.what, row.order_id, partial(self._ask_again, row.what))
        unanswered = attempts.fresh(partial(self._log.claims, claims.WORK, "gateway:", AT_ONCE), AT_ONCE)
        for claim in unanswered:
            attempts.each(claim.key, claim.partition_id, partial(self._ask_again, claim.key))
        return len(unanswered) == AT_ONCE

    def _ask_again(self, key: str) -> None:
        _, order_id, intent_id = key.split(":")
        for request in list(open_requests(self._log.load_root(Order, UUID(order_id)).work)):
            if request.intent_id == UUID(intent_id):
                self._record(request, self._gateway.ask(request))

    def settle(self, order_id: UUID) -> None:
        """Ask for everything that is open on an order, each for itself; raises what one of them failed with."""
        self._settle(list(open_requests(self._log.load_root(Order, order_id).work)))

    def _settle(self, requests: Sequence[GatewayRequest]) -> None:
        if requests:
            try:
                self._record(requests[0], self._gateway.ask(requests[0]))
            finally:
                self._settle(requests[1:])

    def _record(self, request: GatewayRequest, outcome: Approved | Declined) -> None:
        for _ in range(ATTEMPTS):
            snapshot = self._log.load_root(Order, request.order_id)
            if str(request.intent_id) not in snapshot.work.order.state.intents:
                return
            stood = before(snapshot.work)
            record_answer(snapshot.work, request.intent_id, outcome, self._origin.clock())
            taken, given_back = deadline(snapshot.work.order, stood)
            cause = self._origin.cause(_asked_by(snapshot, request.intent_id))
            done = claims.gateway_work(request.order_id, request.intent_id)
            try:
                self._log.append(snapshot, cause, self._origin.new_id(), taken, [done, *given_back])
            except StreamConflict:
                continue
            return
        raise GatewayUnavailable("the order keeps changing")


def _asked_by(snapshot: Snapshot, intent_id: UUID) -> UUID | None:
    """The command that made an intent."""
    for row, event in zip(snapshot.rows, snapshot.work.events, strict=True):
        if isinstance(event, REQUESTS) and event.intent_id == intent_id:
            return row.command_id
    return None
