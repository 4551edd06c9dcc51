"""The state of an order that decisions need: exact counters per line, money, reviews and open requests.

It is what the events add up to (``order_evolution``, ``payment_evolution``); what people look at lives in the read
models. What is owed, held and due is computed from the counters here and nowhere else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.money_state import ForeignMoney, Intent, InvoicedPart, Receipt, Waiver
from domain.payment_methods import METHODS, PaymentMethod
from domain.values import ChargeShare, Share


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

    @property
    def open_share(self) -> Share:
        """The units that can still go onto an invoice, with what they are worth."""
        return Share(self.line_id, self.to_invoice, self.open_subtotal, self.open_discount, self.open_tax)


@dataclass(slots=True)
class ChargeState:
    """A charge beside the delivery: what it is worth, and the part that is neither invoiced nor given up."""

    amount: int
    tax: int
    open_amount: int
    open_tax: int


@dataclass(slots=True)
class OrderState:
    """What decides about an order. Amounts are minor units of ``currency``; version is not kept here."""

    store: str = ""
    currency: str = ""
    payment_method: str = ""
    own_method: PaymentMethod | None = None
    prices_include_tax: bool = False
    revision: int = 0
    tags: tuple[str, ...] = ()
    expires_at: datetime | None = None
    grand_total: int = 0
    lines: dict[str, LineState] = field(default_factory=dict)
    shipping: int = 0
    shipping_tax: int = 0
    shipping_open: int = 0
    shipping_tax_open: int = 0
    charges: dict[str, ChargeState] = field(default_factory=dict)
    on_hold: bool = False
    ever_booked: bool = False
    review: str | None = None
    captured: int = 0
    returned: int = 0
    foreign: dict[str, ForeignMoney] = field(default_factory=dict)
    receipts: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    on_invoices: int = 0
    invoices: dict[str, InvoicedPart] = field(default_factory=dict)
    canceled_value: int = 0
    credited: int = 0
    waivers: list[Waiver] = field(default_factory=list)
    waives_all: bool = False
    intents: dict[str, Intent] = field(default_factory=dict)
    unreturned: dict[str, int] = field(default_factory=dict)
    authorizations: dict[str, int] = field(default_factory=dict)
    ended_authorizations: set[str] = field(default_factory=set)
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

    def _asked(self, kind: str, currency: str) -> int:
        if not self.intents:  # as nearly always, where every row of a read model asks
            return 0
        return sum(each.amount for each in self.intents.values() if (each.kind, each.currency) == (kind, currency))

    @property
    def capturing(self) -> int:
        """Authorized money that the gateway was already asked for."""
        return self._asked("capture", self.currency)

    @property
    def refunding(self) -> int:
        """Money on its way back: the gateway was asked and has not answered."""
        return self._asked("refund", self.currency)

    @property
    def waived(self) -> int:
        """What accepted reviews gave up."""
        return sum([waiver.amount for waiver in self.waivers]) if self.waivers else 0

    @property
    def owed(self) -> int:
        """What the customer owes for all that is neither canceled nor credited nor waived."""
        return max(0, self.grand_total - self.canceled_value - self.credited - self.waived)

    @property
    def held(self) -> int:
        """Money that was received and not sent back."""
        return self.captured - self.returned

    @property
    def due(self) -> int:
        """What is still to be paid; money on its way back pays for nothing any more."""
        return max(0, self.owed - self.held + self.refunding)

    @property
    def over(self) -> int:
        """What was received beyond what is owed, without what is on its way back."""
        return max(0, self.held - self.refunding - self.owed)

    @property
    def uninvoiced_money(self) -> int:
        """Money received that no invoice holds and that does not go back."""
        return self.held - self.refunding - self.on_invoices

    @property
    def unsettled(self) -> bool:
        """Whether the gateway declined to send money back, and that money is still here, on no invoice."""
        return bool(self.unreturned) and self.uninvoiced_money > 0

    @property
    def open_charges(self) -> tuple[ChargeShare, ...]:
        """The charges beside the delivery that are on no invoice."""
        if not self.charges:  # as nearly always
            return ()
        return tuple(
            ChargeShare(name, charge.open_amount, charge.open_tax)
            for name, charge in self.charges.items()
            if charge.open_amount or charge.open_tax
        )

    @property
    def charges_worth(self) -> int:
        """What the delivery and the other charges that are on no invoice come to."""
        delivery = self.shipping_open + self.shipping_tax_open
        return delivery + sum(charge.total for charge in self.open_charges) if self.charges else delivery

    @property
    def charge_open(self) -> bool:
        """Whether the delivery or another charge is on no invoice."""
        return self.charges_worth > 0

    @property
    def charge_alone(self) -> bool:
        """Whether charges are all that is left to invoice."""
        return self.charge_open and not any(line.to_invoice for line in self.lines.values())

    @property
    def anything_to_invoice(self) -> bool:
        """Whether units, or charges alone, can still go onto an invoice."""
        return self.charge_open or any(line.to_invoice for line in self.lines.values())

    @property
    def all_canceled(self) -> bool:
        """Whether no unit remains that was not canceled."""
        return all(line.canceled == line.ordered for line in self.lines.values())

    @property
    def anything_booked(self) -> bool:
        """Whether a unit is on a shipment."""
        return any(line.booked for line in self.lines.values())

    @property
    def anything_received(self) -> bool:
        """Whether money ever came, in any currency."""
        return self.captured > 0 or bool(self.foreign)

    @property
    def anything_held(self) -> bool:
        """Whether money is here, in any currency."""
        return self.held > 0 or any(money.held > 0 for money in self.foreign.values())

    @property
    def open_invoices(self) -> bool:
        """Whether an invoice waits for money."""
        return any(part.rest > 0 for part in self.invoices.values())

    def give_up_waived(self, worth: int) -> None:
        """What is canceled ends what was waived first, as far as no invoice was settled with it."""
        left = min(worth, self.waived - sum(part.waived for part in self.invoices.values()))
        for waiver in reversed(self.waivers):
            ended = max(0, min(left, waiver.amount))
            waiver.amount -= ended
            left -= ended

    def share(self, line_id: str, quantity: int) -> Share:
        """What ``quantity`` of a line's open units is worth; the last units take the remainder."""
        return self.lines[line_id].open_share.part(quantity, gross=self.prices_include_tax)

    def paid_units(self, line_id: str) -> int:
        """Units of a line on paid invoices that nothing has carried away yet."""
        line = self.lines[line_id]
        return max(0, min(line.to_ship, self.paid_beyond_booked(line_id)))

    def paid_beyond_booked(self, line_id: str) -> int:
        """By how many units of a line the paid invoices exceed what is booked and not refunded; below 0: they lack."""
        paid = sum(part.units.get(line_id, 0) for part in self.invoices.values() if not part.rest and not part.waived)
        line = self.lines[line_id]
        return paid - (line.booked - line.refunded_shipped)

    def returnable(self, currency: str) -> int:
        """Money in ``currency`` that no invoice holds, so that it can be sent back."""
        if currency == self.currency:
            return max(0, self.uninvoiced_money)
        money = self.foreign.get(currency)
        return money.held - self._asked("refund", currency) if money else 0

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
