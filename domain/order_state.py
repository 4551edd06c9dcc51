"""The state of an order that decisions need: exact counters per line, money, reviews and open requests.

It is what the events add up to (``order_evolution``); what people look at lives in the read models.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.payment_methods import METHODS, PaymentMethod
from domain.values import Share


@dataclass(slots=True)
class LineState:
    """Exact counters of one line, and the amounts of its units that are neither invoiced nor canceled."""

    line_id: str
    ordered: int
    shippable: bool
    open_subtotal: int
    open_discount: int
    open_tax: int
    invoiced: int = 0
    booked: int = 0
    canceled: int = 0
    refunded_shipped: int = 0
    refunded_unshipped: int = 0
    refunded_shipped_value: int = 0

    @property
    def to_invoice(self) -> int:
        """Units that can still go onto an invoice."""
        return self.ordered - self.invoiced - self.canceled

    @property
    def to_ship(self) -> int:
        """Units that can still be booked; 0 for goods that are not shipped."""
        if not self.shippable:
            return 0
        return self.ordered - self.booked - self.canceled - self.refunded_unshipped

    @property
    def to_cancel(self) -> int:
        """Units that can still be canceled: neither invoiced nor booked."""
        return min(self.to_invoice, self.to_ship) if self.shippable else self.to_invoice

    @property
    def to_refund(self) -> int:
        """Invoiced units whose money was not given back."""
        return self.invoiced - self.refunded_shipped - self.refunded_unshipped

    @property
    def live(self) -> int:
        """Units that the customer gets or has got."""
        return self.ordered - self.canceled - self.refunded_unshipped

    def share(self, quantity: int) -> Share:
        """What ``quantity`` of the open units is worth; the last units take the remainder."""
        everything = Share(self.line_id, self.to_invoice, self.open_subtotal, self.open_discount, self.open_tax)
        return everything.part(quantity)


@dataclass(slots=True)
class Intent:
    """A request to the payment gateway without an answer: "capture", "refund" or "void", for a document."""

    kind: str
    amount: int
    document_id: UUID | None


@dataclass(slots=True)
class OrderState:
    """What decides about an order. Amounts are minor units of ``currency``; version is not kept here."""

    store: str = ""
    currency: str = ""
    payment_method: str = ""
    own_method: PaymentMethod | None = None
    prices_include_tax: bool = False
    revision: int = 0
    expires_at: datetime | None = None
    grand_total: int = 0
    lines: dict[str, LineState] = field(default_factory=dict)
    shipping_open: int = 0
    shipping_tax_open: int = 0
    held: bool = False
    review: str | None = None
    accepted: bool = False
    captured: int = 0
    foreign_payments: int = 0
    refunded: int = 0
    refunding: int = 0
    on_invoices: int = 0
    active_invoices: int = 0
    canceled_value: int = 0
    refunded_unshipped_value: int = 0
    credited: int = 0
    intents: dict[str, Intent] = field(default_factory=dict)
    authorizations: dict[str, int] = field(default_factory=dict)
    voided: bool = False
    references: dict[str, tuple[int, str, int]] = field(default_factory=dict)

    @property
    def method(self) -> PaymentMethod:
        """The rules of the order's payment method."""
        return self.own_method or METHODS[self.payment_method]

    @property
    def authorized(self) -> int:
        """Authorized money that was neither captured nor voided."""
        return sum(self.authorizations.values())

    @property
    def capturing(self) -> int:
        """Authorized money that the gateway was already asked for."""
        return sum(intent.amount for intent in self.intents.values() if intent.kind == "capture")

    @property
    def needed(self) -> int:
        """What has to be paid for everything that was not canceled or refunded before shipping."""
        return self.grand_total - self.canceled_value - self.refunded_unshipped_value - self.credited

    @property
    def due(self) -> int:
        """What is still to be paid."""
        return max(0, self.grand_total - self.canceled_value - self.credited - self.captured)

    @property
    def uninvoiced_money(self) -> int:
        """Money received that no invoice holds and that was not refunded."""
        return self.captured - self.refunded - self.refunding - self.on_invoices

    @property
    def all_canceled(self) -> bool:
        """Whether no unit remains that was not canceled."""
        return all(line.canceled == line.ordered for line in self.lines.values())

    @property
    def anything_booked(self) -> bool:
        """Whether a unit is on a shipment."""
        return any(line.booked for line in self.lines.values())

    @property
    def anything_paid(self) -> bool:
        """Whether money was received, in any currency."""
        return self.captured > 0 or self.foreign_payments > 0

    def intent_for(self, document_id: UUID) -> UUID | None:
        """The open request to the gateway for a document."""
        for intent_id, intent in self.intents.items():
            if intent.document_id == document_id:
                return UUID(intent_id)
        return None

    def consume_authorization(self, amount: int, reference: str | None) -> None:
        """Take ``amount`` out of the open authorizations: the one of ``reference`` first, then the oldest."""
        oldest_first = sorted(self.authorizations, key=lambda name: name != reference)
        for name in oldest_first:
            taken = min(amount, self.authorizations[name])
            self.authorizations[name] -= taken
            amount -= taken
            if not self.authorizations[name]:
                del self.authorizations[name]


def reference_key(kind: str, reference: str) -> str:
    """Under which a provider's reference is remembered: references count per kind of message."""
    return f"{kind}:{reference}"
