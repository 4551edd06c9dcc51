"""Asking the payment gateway what was decided to be asked, and recording its answer once.

The intent is in the log before the gateway hears of it. After a crash between the two the same intent
is asked again under the same id, and the gateway does not act twice.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from application.book import Book
from application.gateway import Approved, Declined, Gateway, GatewayRequest
from domain import gateway_answers
from domain.order_events import PaymentAuthorized, PaymentCaptured


def open_requests(book: Book) -> Iterator[GatewayRequest]:
    """What the gateway has to be asked for an order, oldest first."""
    order = book.order
    for intent_id, intent in order.state.intents.items():
        yield GatewayRequest(
            kind=intent.kind,
            intent_id=UUID(intent_id),
            order_id=order.id,
            amount=intent.amount,
            currency=order.state.currency,
            reference=_reference(book, intent.kind),
        )


def _reference(book: Book, kind: str) -> str | None:
    """The provider's reference of the last authorization, or of the last capture that can be undone."""
    wanted = PaymentAuthorized if kind == "capture" else PaymentCaptured
    for event in reversed(book.events):
        if isinstance(event, wanted) and event.provider_reference is not None:
            return event.provider_reference
    return None


def record_answer(book: Book, intent_id: UUID, outcome: Approved | Declined, at: datetime) -> None:
    """Record what the gateway answered; nothing when somebody else recorded it already."""
    if str(intent_id) not in book.order.state.intents:
        return
    if isinstance(outcome, Approved):
        gateway_answers.approve(book.order, book.invoice, intent_id, outcome.reference, at)
    else:
        gateway_answers.decline(book.order, intent_id, outcome.detail, at)


def ask(gateway: Gateway, book: Book) -> Iterator[tuple[UUID, Approved | Declined]]:
    """Ask for everything that is open; raises ``GatewayUnavailable``."""
    for request in list(open_requests(book)):
        yield request.intent_id, gateway.ask(request)
