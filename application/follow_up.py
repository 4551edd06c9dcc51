"""What has to follow a command on an order is written down with it: requests to a gateway, deadlines."""

from dataclasses import dataclass
from uuid import UUID

from application import claims
from application.command_context import CommandContext
from application.unit_of_work import UnitOfWork
from domain.lifecycle import accepts
from domain.order import Order
from domain.order_state import OrderState
from domain.payment_events import PaymentCaptureRequested, PaymentRefundRequested, PaymentVoidRequested
from domain.payment_methods import ShipWhen
from domain.refusals import Kind, Refusal
from eventstore.records import Claim

REQUESTS = (PaymentCaptureRequested, PaymentRefundRequested, PaymentVoidRequested)
REQUEST_NAMES = frozenset(request.__name__ for request in REQUESTS)


@dataclass(frozen=True, slots=True)
class Before:
    """What of an order called for claims before a command: whether it could expire, and what a gateway was asked."""

    expires: bool = False
    intents: frozenset[str] = frozenset()


def before(work: UnitOfWork) -> Before:
    """How an order stands while nothing is decided yet."""
    if not isinstance(work.root, Order):
        return Before()
    state = work.order.state
    return Before(_can_expire(state), frozenset(state.intents))


def _can_expire(state: OrderState) -> bool:
    """Whether a deadline would end the order as it stands: held, under review, paid or begun it would not.

    Goods that were sent before payment and came back wait to be sent again or canceled by somebody, however late it is.
    """
    if state.expires_at is None or state.invoices or state.anything_booked or state.all_canceled:
        return False
    if state.ever_booked and state.method.ship_when is ShipWhen.ALWAYS:
        return False
    return accepts(state, "expire", state.expires_at)


def _require_gateway(context: CommandContext) -> None:
    if not context.merchant.has_gateway:
        detail = "No payment gateway is configured: use offline, or set PAYMENT_GATEWAY."
        raise Refusal("gateway_not_configured", detail, kind=Kind.UNAVAILABLE)


def follow_up(work: UnitOfWork, context: CommandContext, stood: Before) -> None:
    """Take and give back the claims that the pending events of an order call for; ``stood`` is how it was before."""
    if not isinstance(work.root, Order):
        return
    order = work.root
    for event in order.pending_events:
        if isinstance(event, REQUESTS):
            _require_gateway(context)
            context.claims.append(claims.gateway_work(order.id, event.intent_id))
    for settled in stood.intents - order.state.intents.keys():
        context.releases.append(claims.gateway_work(order.id, UUID(settled)))
    taken, given_back = deadline(order, stood)
    context.claims += taken
    context.releases += given_back


def deadline(order: Order, stood: Before) -> tuple[list[Claim], list[Claim]]:
    """The deadline as a claim to take, and one to give back: the process finds it only while it would end the order."""
    expires_at = order.state.expires_at
    if expires_at is None:
        return [], []
    claim = [claims.deadline(expires_at, order.id)]
    is_new = order.version == len(order.pending_events)
    if not _can_expire(order.state):
        return [], [] if is_new else claim  # giving back what was given back before does nothing
    if stood.expires:
        return [], []
    # An order that was stopped by an older program still has it.
    return claim, [] if is_new else claim
