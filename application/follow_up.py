"""What has to follow a command on an order is written down with it: requests to a gateway, deadlines."""

from application import claims
from application.book import Book
from application.work import Work
from domain.order import Order
from domain.order_events import OrderPlaced
from domain.order_state import OrderState
from domain.payment_events import PaymentCaptureRequested, PaymentRefundRequested, PaymentVoidRequested
from domain.refusals import Kind, Refusal

REQUESTS = (PaymentCaptureRequested, PaymentRefundRequested, PaymentVoidRequested)
REQUEST_NAMES = frozenset(request.__name__ for request in REQUESTS)


def _can_expire(state: OrderState) -> bool:
    started = state.anything_paid or state.authorized or state.active_invoices or state.anything_booked
    return not (started or state.all_canceled)


def _require_gateway(work: Work) -> None:
    if not work.merchant.has_gateway:
        detail = "No payment gateway is configured: use offline, or set PAYMENT_GATEWAY."
        raise Refusal("gateway_not_configured", detail, kind=Kind.UNAVAILABLE)


def follow_up(book: Book, work: Work) -> None:
    """Take and give back the claims that the pending events of an order call for."""
    if not isinstance(book.root, Order):
        return
    order = book.root
    for event in order.pending_events:
        if isinstance(event, REQUESTS):
            _require_gateway(work)
            work.claims.append(claims.gateway_work(order.id, event.intent_id))
    expires_at = order.state.expires_at
    if expires_at is None:
        return
    placed = any(isinstance(event, OrderPlaced) for event in order.pending_events)
    if placed and _can_expire(order.state):
        work.claims.append(claims.deadline(expires_at, order.id))
    elif not placed and not _can_expire(order.state):
        # Giving back what was given back before does nothing.
        work.releases.append(claims.deadline(expires_at, order.id))
