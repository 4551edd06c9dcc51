"""Invoices: a document over units of one order, open until its total is paid.

An invoice never counts units: the order's stream does, in the same append.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event
from domain.refusals import Refusal
from domain.values import ChargeShare, External, RefundedShare, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceEvent(Event):
    """A fact of an invoice's stream. Amounts are minor units of the order's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(InvoiceEvent):
    """The document as issued; ``received`` is the money it took from what was paid before.

    ``prefix`` names the series of its number, "" the one of all stores without their own.

    ``waived`` is what it never asks for after an accepted review. ``stationery`` names what the configuration said on
    documents then; None on events older than that. ``dated_at`` is the time that the document bears, that of its
    making whatever the time of the fact; None: the same, as with ``external``. That says under which number another
    system issued it: then it draws none here and is not printed.
    """

    TOPIC: ClassVar[str] = "invoice.issued"
    SERIES: ClassVar[str | None] = "invoice"

    number: int | None = None
    prefix: str = ""
    order_id: UUID = NO_STREAM
    currency: str = ""
    capture: str = "offline"
    notify: bool = False
    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    grand_total: int = 0
    received: int = 0
    waived: int = 0
    stationery: str | None = None
    dated_at: datetime | None = None
    charges: tuple[ChargeShare, ...] = ()
    external: External | None = None

    @property
    def document_number(self) -> str:
        """The number as people read it, behind the prefix of its series; that of another system where it issued it."""
        return self.external.number if self.external else f"{self.prefix}{self.number or 0:09d}"

    @property
    def issued_at(self) -> datetime:
        """The time that the document bears."""
        return self.dated_at or self.occurred_at


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(InvoiceEvent):
    """The invoice is settled with ``paid`` in all; less than its total where a review ``waived`` the rest.

    ``online`` is the part that the gateway captured for this invoice.
    """

    TOPIC: ClassVar[str] = "invoice.paid"

    paid: int = 0
    online: int = 0
    waived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePartlyPaid(InvoiceEvent):
    """The open invoice holds ``paid`` in all, ``online`` of it by the gateway, and still waits for the rest.

    ``waived`` is what it no longer asks for since an accepted review.
    """

    TOPIC: ClassVar[str] = "invoice.partly_paid"

    paid: int = 0
    online: int = 0
    waived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDueAgain(InvoiceEvent):
    """The paid invoice waits for ``amount`` again: it was waived for money that went back."""

    TOPIC: ClassVar[str] = "invoice.due_again"

    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRefunded(InvoiceEvent):
    """A credit memo took units, shipping or money out of the invoice.

    ``total`` is what the memo is worth; ``credited`` the part of it that was never paid.
    """

    TOPIC: ClassVar[str] = "invoice.refunded"

    credit_memo_id: UUID = NO_STREAM
    lines: tuple[RefundedShare, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    total: int = 0
    credited: int = 0
    charges: tuple[ChargeShare, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceVoided(InvoiceEvent):
    """The paid invoice was undone together with the capture of its money; its number stays taken."""

    TOPIC: ClassVar[str] = "invoice.voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCorrected(InvoiceEvent):
    """A cancelling credit memo took all of the paid invoice back; its units and its money are the order's again."""

    TOPIC: ClassVar[str] = "invoice.corrected"

    credit_memo_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCanceled(InvoiceEvent):
    """The open invoice was withdrawn; its number stays taken."""

    TOPIC: ClassVar[str] = "invoice.canceled"


INVOICE_EVENTS: tuple[type[InvoiceEvent], ...] = (
    InvoiceIssued,
    InvoicePaid,
    InvoicePartlyPaid,
    InvoiceDueAgain,
    InvoiceCanceled,
    InvoiceRefunded,
    InvoiceVoided,
    InvoiceCorrected,
)


@dataclass(slots=True)
class InvoiceState:
    """What decides about an invoice; ``state`` is "open", "paid", "canceled", "voided" or "corrected".

    ``remaining`` are the shares, ``shipping_left`` the delivery charge and ``charges_left`` the other charges (by id)
    that no credit memo took yet.
    """

    state: str = "open"
    order_id: UUID = NO_STREAM
    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    grand_total: int = 0
    received: int = 0
    waived: int = 0
    online: int = 0
    refunded: int = 0
    credited: int = 0
    credit_memos: int = 0
    remaining: dict[str, Share] = field(default_factory=dict)
    shipping_left: int = 0
    shipping_tax_left: int = 0
    charges: tuple[ChargeShare, ...] = ()
    charges_left: dict[str, ChargeShare] = field(default_factory=dict)

    @property
    def rest(self) -> int:
        """What is still to be paid on it; nothing once it is not open any more."""
        if self.state != "open":
            return 0
        return self.grand_total - self.credited - self.received - self.waived

    @property
    def money(self) -> int:
        """What was paid on it and not refunded."""
        return self.received - self.refunded


def apply(state: InvoiceState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    APPLIERS[type(event)](state, event)


def _issued(state: InvoiceState, event: InvoiceIssued) -> None:
    state.order_id = event.order_id
    state.lines = event.lines
    state.remaining = {share.line_id: share for share in event.lines}
    state.shipping = state.shipping_left = event.shipping
    state.shipping_tax = state.shipping_tax_left = event.shipping_tax
    state.charges = event.charges
    state.charges_left = {charge.charge_id: charge for charge in event.charges}
    state.grand_total = event.grand_total
    state.received = event.received
    state.waived = event.waived


def _refunded(state: InvoiceState, event: InvoiceRefunded) -> None:
    state.shipping_left -= event.shipping
    state.shipping_tax_left -= event.shipping_tax
    state.credit_memos += 1
    state.credited += event.credited
    state.refunded += event.total - event.credited
    for share in event.lines:
        state.remaining[share.line_id] = state.remaining[share.line_id].without(share)
    for charge in event.charges:
        state.charges_left[charge.charge_id] = state.charges_left[charge.charge_id].without(charge)


def _paid(state: InvoiceState, event: InvoicePaid) -> None:
    state.state = "paid"
    _partly_paid(state, event)


def _partly_paid(state: InvoiceState, event: InvoicePaid | InvoicePartlyPaid) -> None:
    state.received = event.paid
    state.waived += event.waived
    state.online += event.online


def _due_again(state: InvoiceState, event: InvoiceDueAgain) -> None:
    state.state = "open"
    state.waived -= event.amount


def _ended(name: str) -> Callable[[InvoiceState, Any], None]:
    """Its money is the order's again."""

    def end(state: InvoiceState, event: Any) -> None:
        state.state = name
        state.received = state.waived = 0

    return end


APPLIERS: dict[type[InvoiceEvent], Callable[[InvoiceState, Any], None]] = {
    InvoiceIssued: _issued,
    InvoicePaid: _paid,
    InvoicePartlyPaid: _partly_paid,
    InvoiceDueAgain: _due_again,
    InvoiceRefunded: _refunded,
    InvoiceCanceled: _ended("canceled"),
    InvoiceVoided: _ended("voided"),
    InvoiceCorrected: _ended("corrected"),
}


class Invoice(Aggregate):
    """Decides about one invoice."""

    NAME = "invoice"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = InvoiceState()
        self.stationery: str | None = None
        self.dated_at: datetime | None = None

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)
        if isinstance(event, InvoiceIssued):
            self.prefix = event.prefix
            self.own_number = event.external.number if event.external else None

    @property
    def rest(self) -> int:
        """What is still to be paid on this invoice."""
        return self.state.rest

    def require_open(self) -> None:
        """Refuse unless the invoice waits for money."""
        if self.state.state != "open":
            raise Refusal(
                "invoice_not_open", f"The invoice is {self.state.state}, not open: it does not wait for money."
            )

    def settle(self, paid: int, occurred_at: datetime, *, online: int = 0, waived: int = 0) -> None:
        """Record that the open invoice is settled with ``paid`` in all, ``online`` of it by the gateway."""
        self.require_open()
        self.trigger(InvoicePaid(occurred_at=occurred_at, paid=paid, online=online, waived=waived))

    def cancel(self, occurred_at: datetime) -> None:
        """Withdraw the open invoice."""
        self.require_open()
        self.trigger(InvoiceCanceled(occurred_at=occurred_at))
