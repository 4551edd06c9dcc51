"""An order of another system as one value: what it says, what happened to it, and what must be seen of it here.

Amounts are minor units of the order's currency, times RFC 3339 texts with their offset. It holds what the source said
and nothing that Daybook would compute; what was spread, dropped or assumed on the way stands in ``notes``.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from daybook.importing.sources.refused import Refused
from domain.values import to_text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file something stands: a line of a table, or the how many-th entry of a list."""

    file: str
    line: int
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.file}, {self.unit} {self.line}"


@dataclass(slots=True)
class Notes:
    """What a reader did that the source did not say in so many words, each a sentence for people."""

    spread: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, list[str]]:
        """Only what there is."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax on one thing; ``marketplace`` when the merchant never sees the money."""

    name: str
    amount: int
    rate: Decimal | None = None
    marketplace: bool = False


@dataclass(slots=True)
class Taxed:
    """What a line, the delivery or a charge says of its taxes: several by name, or one amount, its rate if known."""

    taxes: list[Tax] = field(default_factory=list)
    tax_amount: int = 0
    tax_rate: Decimal | None = None

    @property
    def tax(self) -> int:
        """What is part of the total; tax that a marketplace collects is not."""
        return self.tax_amount + sum(tax.amount for tax in self.taxes if not tax.marketplace)


@dataclass(slots=True)
class SourceLine(Taxed):
    """Units of one article; ``amount`` is what all of them cost before discounts, ``price`` that of one."""

    line_id: str = ""
    sku: str = ""
    name: str = ""
    quantity: int = 1
    amount: int = 0
    price: Decimal | None = None
    discount: int = 0
    shippable: bool = True
    parent: str | None = None
    gtin: str | None = None
    unit: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    canceled: int = 0


@dataclass(slots=True)
class SourceCharge(Taxed):
    """What is billed beside the goods. The delivery has no ``charge_id`` and kind "delivery"."""

    charge_id: str = ""
    name: str = ""
    kind: str = "fee"
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Discount:
    """A reduction over several lines ("lines"), of named lines, or of the delivery ("shipping")."""

    amount: int
    target: str | tuple[str, ...] = "lines"
    code: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that was received; ``remitted`` is tax that the marketplace took beside it."""

    reference: str
    amount: int
    at: str
    method: str = ""
    kind: str = "other"
    remitted: int = 0


@dataclass(frozen=True, slots=True)
class Invoice:
    """A document that another system issued; ``lines`` is None for everything.

    Where ``assumed``, the source has no invoices: its lines are then what must have been invoiced by now.
    """

    number: str
    at: str
    lines: dict[str, int] | None = None
    open: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Shipment:
    """What left, by line id; every tracking number with its carrier as the source calls it."""

    number: str
    at: str
    lines: dict[str, int]
    tracking: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that went back: ``amount`` of it, of named lines where the source knows them.

    ``invoice`` is the number of the invoice it was taken from; ``shipped`` says of the lines whether they had left.
    """

    name: str
    amount: int
    at: str
    reason: str = ""
    number: str | None = None
    invoice: str | None = None
    lines: tuple[tuple[str, int, str], ...] = ()
    shipping: int = 0
    adjustment_refund: int = 0
    adjustment_fee: int = 0
    document: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote."""

    text: str
    at: str
    visible: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What the file itself says must be seen of the order here, in minor units; None where it does not say."""

    grand_total: int
    paid: int
    refunded: int
    status: str | None


@dataclass(slots=True)
class SourceOrder:
    """One order; ``source_id`` is what the other system will call it for ever."""

    source: str
    source_id: str
    number: str
    place: Place
    currency: str
    purchased_at: str
    figures: Figures
    lines: list[SourceLine]
    customer: Json = field(default_factory=dict)
    billing: Json = field(default_factory=dict)
    ship_to: Json | None = None
    pickup: bool = False
    delivery: SourceCharge | None = None
    delivery_method: str = ""
    charges: list[SourceCharge] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    tax_total: int | None = None
    prices_include_tax: bool = False
    base_rate: str | None = None
    method: str = "bank_transfer"
    title: str = ""
    channel: str = ""
    tags: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    note: str = ""
    customer_note: str = ""
    external_reference: str = ""
    purchase_order: str = ""
    due_date: str = ""
    vat_id: str = ""
    registration_id: str = ""
    authorized: Payment | None = None
    voided: bool = False
    failed_at: str | None = None
    payments: list[Payment] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    canceled_at: str | None = None
    gone: list[str] = field(default_factory=list)
    """Lines that it no longer has: canceled, where an earlier export had them."""
    held_at: str | None = None
    status_said: str = ""
    notes: Notes = field(default_factory=Notes)

    def line(self, line_id: str) -> SourceLine:
        """The line of that id; raises Refused when there is none."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise Refused(f"A document names line {line_id}, which the order does not have")

    @property
    def total(self) -> int:
        """What the parts add up to, before anything is said of it."""
        net = sum(line.amount - line.discount for line in self.lines) - sum(each.amount for each in self.discounts)
        charges = [*self.charges, *([self.delivery] if self.delivery else [])]
        net += sum(charge.amount for charge in charges)
        if self.prices_include_tax:
            return net
        if self.tax_total is not None:
            return net + self.tax_total
        return net + sum(line.tax for line in self.lines) + sum(charge.tax for charge in charges)

    def require_total(self, total: int) -> None:
        """Refuses an order whose parts do not make the total that the source says."""
        if self.total != total:
            made, said = to_text(self.total, self.currency), to_text(total, self.currency)
            raise Refused(f"The parts of order {self.number} make {made} {self.currency}, its total says {said}")
