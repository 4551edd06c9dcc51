"""Invoices: a document over units of one order, open until its total is paid.

An invoice never counts units: the order's stream does, in the same append.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event
from domain.refusals import Refusal
from domain.values import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceEvent(Event):
    """A fact of an invoice's stream. Amounts are minor units of the order's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(InvoiceEvent):
    """The document as issued; ``received`` is the money it took from what was paid before."""

    TOPIC: ClassVar[str] = "invoice.issued"
    SERIES: ClassVar[str | None] = "invoice"

    number: int | None = None
    order_id: UUID = NO_STREAM
    currency: str = ""
    capture: str = "offline"
    notify: bool = False
    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    grand_total: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(InvoiceEvent):
    """The invoice is settled with ``paid`` in all; less than its total after an accepted review."""

    TOPIC: ClassVar[str] = "invoice.paid"

    paid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCanceled(InvoiceEvent):
    """The open invoice was withdrawn; its number stays taken."""

    TOPIC: ClassVar[str] = "invoice.canceled"


INVOICE_EVENTS: tuple[type[InvoiceEvent], ...] = (InvoiceIssued, InvoicePaid, InvoiceCanceled)


@dataclass(slots=True)
class InvoiceState:
    """What decides about an invoice; ``state`` is "open", "paid" or "canceled"."""

    state: str = "open"
    order_id: UUID = NO_STREAM
    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    grand_total: int = 0
    received: int = 0


def apply(state: InvoiceState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    match event:
        case InvoiceIssued():
            state.order_id = event.order_id
            state.lines = event.lines
            state.shipping = event.shipping
            state.shipping_tax = event.shipping_tax
            state.grand_total = event.grand_total
            state.received = event.received
        case InvoicePaid():
            state.state = "paid"
            state.received = event.paid
        case InvoiceCanceled():
            state.state = "canceled"


class Invoice(Aggregate):
    """Decides about one invoice."""

    NAME = "invoice"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = InvoiceState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    @property
    def rest(self) -> int:
        """What is still to be paid on this invoice."""
        return self.state.grand_total - self.state.received

    def issue(self, occurred_at: datetime, **facts: Any) -> None:
        """Issue the document with the facts of ``InvoiceIssued``."""
        self.trigger(InvoiceIssued, occurred_at, **facts)

    def require_open(self) -> None:
        """Refuse unless the invoice waits for money."""
        if self.state.state != "open":
            raise Refusal("invoice_not_open", f"The invoice is {self.state.state}, not open.")

    def settle(self, paid: int, occurred_at: datetime) -> None:
        """Record that the open invoice is settled with ``paid`` in all."""
        self.require_open()
        self.trigger(InvoicePaid, occurred_at, paid=paid)

    def cancel(self, occurred_at: datetime) -> None:
        """Withdraw the open invoice."""
        self.require_open()
        self.trigger(InvoiceCanceled, occurred_at)
