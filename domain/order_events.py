"""What can happen to an order, as facts. Amounts are minor units of the order's currency.

Lines and shares carry their computed amounts: a replay never calculates money again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.events import NO_STREAM, OrderEvent
from domain.order_values import Charge, Discount, OrderDetails, OrderLine, ShippingCharge
from domain.payment_events import PAYMENT_EVENTS
from domain.payment_methods import PaymentMethod
from domain.values import ChargeShare, RefundedShare, Share, Units

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """A checkout (or a reorder of ``reorder_of``) brought an order in.

    ``own_method`` are the rules of a payment method that the merchant added, as they were then. ``base_currency`` is
    the merchant's, into which ``base_rate`` converts; None where nobody kept it. ``order_number`` is the shop's own; an
    order without one gets the next of the series. ``line_attributes`` are texts by line id. Unless ``notify``, the
    customer is told nothing.
    """

    TOPIC: ClassVar[str] = "order.placed"
    SERIES: ClassVar[str | None] = "order"
    PERSONAL: ClassVar[frozenset[str]] = frozenset(
        {
            "customer",
            "billing_address",
            "shipping_address",
            "note",
            "tracking_token",
            "customer_note",
            "attributes",
            "line_attributes",
            "vat_id",
            "registration_id",
        }
    )

    number: int | None = None
    store: str = ""
    external_reference: str | None = None
    currency: str = ""
    base_rate: str | None = None
    base_currency: str | None = None
    prices_include_tax: bool = False
    payment_method: str = ""
    own_method: PaymentMethod | None = None
    lines: tuple[OrderLine, ...] = ()
    shipping: ShippingCharge | None = None
    customer_group: str | None = None
    guest: bool = False
    expires_at: datetime | None = None
    reorder_of: UUID | None = None
    customer: Json | None = None
    billing_address: Json | None = None
    shipping_address: Json | None = None
    note: str | None = None
    tracking_token: str | None = None
    order_number: str | None = None
    discounts: tuple[Discount, ...] = ()
    charges: tuple[Charge, ...] = ()
    details: OrderDetails | None = None
    customer_note: str | None = None
    attributes: dict[str, str] | None = None
    line_attributes: dict[str, dict[str, str]] | None = None
    vat_id: str | None = None
    registration_id: str | None = None
    notify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAmended(OrderEvent):
    """Lines, shipping or note were replaced while nothing was held, invoiced or shipped.

    Where ``lines_stay``, the lines are those from before and so are their counters. ``charges`` and ``discounts`` are
    None where they stay, ``line_attributes`` those of lines that are new.
    """

    TOPIC: ClassVar[str] = "order.amended"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note", "line_attributes"})

    revision: int = 0
    lines: tuple[OrderLine, ...] = ()
    lines_stay: bool = False
    shipping: ShippingCharge | None = None
    note: str | None = None
    charges: tuple[Charge, ...] | None = None
    discounts: tuple[Discount, ...] | None = None
    line_attributes: dict[str, dict[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged(OrderEvent):
    """A new billing or shipping address; None leaves that one as it was. ``kinds`` says which."""

    TOPIC: ClassVar[str] = "order.address_changed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"billing_address", "shipping_address"})

    kinds: tuple[str, ...] = ()
    billing_address: Json | None = None
    shipping_address: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCommented(OrderEvent):
    """Somebody wrote a comment, shown to the customer or not."""

    TOPIC: ClassVar[str] = "order.commented"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})

    visible: bool = False
    notify: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTagged(OrderEvent):
    """Tags were put on the order, or taken off it."""

    TOPIC: ClassVar[str] = "order.tagged"

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeld(OrderEvent):
    """Work on the order stops until it is released."""

    TOPIC: ClassVar[str] = "order.held"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReleased(OrderEvent):
    """The hold ended; the order is what it was before."""

    TOPIC: ClassVar[str] = "order.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCanceled(OrderEvent):
    """Units that are neither invoiced nor booked will never be delivered, with what they were worth.

    ``shipping``, ``shipping_tax`` and ``charges`` are what is given up of them when nothing remains to deliver.
    ``cause`` is "request", "expiry" or "payment_denied".
    """

    TOPIC: ClassVar[str] = "order.canceled"

    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    cause: str = "request"
    charges: tuple[ChargeShare, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsRefunded(OrderEvent):
    """Units of an invoice were credited, with shipping and adjustments.

    ``released`` is the money that the invoice gave up for it, ``credited`` what it no longer asks for. Units whose
    worth was given back by adjustments alone are among the lines, worth nothing.
    """

    TOPIC: ClassVar[str] = "order.items_refunded"

    credit_memo_id: UUID = NO_STREAM
    invoice_id: UUID = NO_STREAM
    lines: tuple[RefundedShare, ...] = ()
    released: int = 0
    credited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsInvoiced(OrderEvent):
    """Units, the shipping charge where ``shipping`` says so, and ``charges`` went onto an invoice.

    ``received`` is the money that the invoice took from what was paid before, ``waived`` what nobody asks for.
    """

    TOPIC: ClassVar[str] = "order.items_invoiced"

    invoice_id: UUID = NO_STREAM
    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    received: int = 0
    waived: int = 0
    charges: tuple[ChargeShare, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceWithdrawn(OrderEvent):
    """A canceled, voided or corrected invoice gave back its units, its exact amounts and the money it had taken."""

    TOPIC: ClassVar[str] = "order.invoice_withdrawn"

    invoice_id: UUID = NO_STREAM
    lines: tuple[Share, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    received: int = 0
    charges: tuple[ChargeShare, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSettled(OrderEvent):
    """An open invoice took ``received`` more of the money that was paid and not yet invoiced.

    ``waived`` is what it no longer asks for after an accepted review.
    """

    TOPIC: ClassVar[str] = "order.invoice_settled"

    invoice_id: UUID = NO_STREAM
    received: int = 0
    waived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReopened(OrderEvent):
    """An invoice asks again for ``amount`` that was waived for money which went back."""

    TOPIC: ClassVar[str] = "order.invoice_reopened"

    invoice_id: UUID = NO_STREAM
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAllocated(OrderEvent):
    """Units were booked on a shipment."""

    TOPIC: ClassVar[str] = "order.items_allocated"

    shipment_id: UUID = NO_STREAM
    lines: tuple[Units, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationCanceled(OrderEvent):
    """A canceled shipment gave its units back to be shipped again."""

    TOPIC: ClassVar[str] = "order.allocation_canceled"

    shipment_id: UUID = NO_STREAM
    lines: tuple[Units, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsReturned(OrderEvent):
    """Units that had left on a shipment came back or are lost: they are the order's again.

    ``refunded`` are those among ``lines`` that had been refunded as shipped; now they never were.
    """

    TOPIC: ClassVar[str] = "order.items_returned"

    shipment_id: UUID = NO_STREAM
    lines: tuple[Units, ...] = ()
    refunded: tuple[Units, ...] = ()


ORDER_EVENTS: tuple[type[OrderEvent], ...] = (
    *PAYMENT_EVENTS,
    OrderPlaced,
    OrderAmended,
    AddressChanged,
    OrderCommented,
    OrderTagged,
    OrderHeld,
    OrderReleased,
    OrderCanceled,
    ItemsRefunded,
    ItemsInvoiced,
    InvoiceWithdrawn,
    InvoiceSettled,
    InvoiceReopened,
    ItemsAllocated,
    AllocationCanceled,
    ItemsReturned,
)
