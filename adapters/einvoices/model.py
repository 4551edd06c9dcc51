"""The terms of EN 16931 that Daybook has something to say about, with the standard's numbers for them (BT, BG).

Amounts are decimals in the document's currency and never negative where the standard forbids it; a credit memo's are
positive, as its own kind of document says. Texts are never empty: what is not known is None.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number and who gave it: ``scheme`` is a code of ISO 6523 or, for electronic addresses, of the EAS list."""

    value: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody is (BG-5, BG-8, BG-15)."""

    country: str
    street: tuple[str, ...] = ()
    city: str | None = None
    postcode: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller (BG-4) or buyer (BG-7): name, place, numbers, electronic address (BT-34, BT-49), contact (BG-6, BG-9)."""

    name: str
    place: Place
    vat_id: str | None = None
    tax_number: str | None = None
    registration: Identifier | None = None
    legal_info: str | None = None
    endpoint: Identifier | None = None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """How something is taxed: a code of UNTDID 5305, and the rate in percent (None for what is outside VAT)."""

    code: str
    percent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An invoice line (BG-25). ``net`` = quantity x price - ``discount`` (BG-27), rounded to the currency."""

    number: str
    name: str
    quantity: int
    unit: str
    price: Decimal
    net: Decimal
    category: Category
    discount: Decimal = ZERO
    sku: str | None = None
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """An amount for the document as a whole: a charge (BG-21), or an allowance (BG-20) that is taken off."""

    amount: Decimal
    reason: str
    category: Category
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """The VAT of one category and rate (BG-23), with why none is charged."""

    category: Category
    taxable: Decimal
    tax: Decimal
    reason: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How money is to move (BG-16): a code of UNTDID 4461 and, for a transfer, where to."""

    code: str
    name: str | None = None
    iban: str | None = None
    bic: str | None = None
    holder: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """The invoice that a credit memo amends (BG-3)."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where and when the goods went (BG-13): one of the two is known."""

    on: date | None = None
    name: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time that the document is about (BG-14): an end of it is known."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What it adds up to (BG-22): ``net`` = lines - allowances + charges, ``gross`` = net + tax, due = gross - paid."""

    lines: Decimal
    allowances: Decimal
    charges: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxInBooks:
    """The VAT in the currency of the seller's books (BT-6, BT-111), where the document is in another."""

    currency: str
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """An invoice, or a credit memo (``credits``)."""

    credits: bool
    number: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    totals: Totals
    buyer_reference: str
    sales_order: str
    purchase_order: str | None = None
    charges: tuple[Surcharge, ...] = ()
    allowances: tuple[Surcharge, ...] = ()
    due_on: date | None = None
    terms: str | None = None
    payment: Payment | None = None
    preceding: Preceding | None = None
    delivery: Delivery | None = None
    period: Period | None = None
    note: str | None = None
    tax_in_books: TaxInBooks | None = None

    @property
    def type_code(self) -> str:
        """BT-3, of UNTDID 1001."""
        return "381" if self.credits else "380"
