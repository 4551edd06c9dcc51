"""What is printed, as plain facts: one frozen dataclass per kind of document and the parts they share.

Amounts are decimal text ("43.01"), tax rates fractions as text ("0.23"), weights grams, sizes millimetres, days
``date``. Personal text may be None everywhere (erased, or never given) and prints as a dash. Nothing in here knows
an order, an event or a PDF; whoever has read the order fills it in, already rounded: printing never calculates money.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

# Of a field that is told in e-invoices and stands on no page: no font needs to have its letters.
UNPRINTED = {"printed": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a party is. ``country`` is an ISO 3166-1 code; it prints as the country's name."""

    name: str | None = None
    company: str | None = None
    street: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who sells: on every document, and its author.

    ``footer`` are whole lines as the law of the seller's country wants them (register, directors); ``bank`` those that
    a customer needs for a transfer. ``logo`` is a PNG or JPEG. The fields after it stand in e-invoices only.
    """

    name: str
    address: Address
    vat_id: str | None = None
    email: str | None = None
    website: str | None = None
    bank: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    logo: bytes | None = None
    tax_number: str | None = None
    registration_id: str | None = None
    electronic_address: str | None = None
    iban: str | None = None
    bic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A buyer, with the VAT id where it has one; the register's number and e-mail stand in e-invoices only."""

    address: Address
    vat_id: str | None = None
    registration_id: str | None = None
    email: str | None = field(default=None, metadata=UNPRINTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedLine:
    """Units of one article; ``ordered`` is how many the order has of it, ``remarks`` what was chosen of it."""

    sku: str
    name: str | None
    quantity: int
    ordered: int | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One package of a shipment. ``sscc`` are its 18 digits; ``contents`` only matter on a packing slip."""

    sscc: str
    weight_grams: int
    tracking_number: str | None = None
    type: str | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    contents: tuple[PackedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingLabel:
    """A page of exactly 4 x 6 inches per package. ``only`` names the place (from 1) of the one to print.

    ``sample``: its SSCC is made with a prefix that belongs to nobody, so no carrier may get it.
    """

    seller: Seller
    ship_from: Address
    ship_to: Address
    carrier: str
    order_number: str
    shipment_number: str
    parcels: tuple[Parcel, ...]
    service: str | None = None
    reference: str | None = None
    sample: bool = False
    only: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingSlip:
    """What is in each package, without a price. ``to_follow`` are units that this shipment does not bring."""

    seller: Seller
    ship_to: Address
    carrier: str
    order_number: str
    ordered_on: date
    shipment_number: str
    booked_on: date
    parcels: tuple[Parcel, ...]
    ship_from: Address | None = None
    service: str | None = None
    reference: str | None = None
    external_reference: str | None = None
    to_follow: tuple[PackedLine, ...] = ()
    note: str | None = None
    customer_note: str | None = None
    tracking_url: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """What is charged or credited: nature, quantity, net unit price, discount, tax rate, net amount and tax.

    A delivery charge is one of these with ``sku`` None. ``disposition`` ("shipped" or "unshipped") is for credit
    memos: whether the units had left. ``tax_rate`` is None where nobody knows it: never printed as 0 %. ``kind`` is
    "item", "delivery", the kind of another charge, or on credit memos "refund" and "kept" for the adjustments.
    """

    name: str | None
    quantity: int
    unit_price: str
    net: str
    tax_rate: str | None
    tax: str
    sku: str | None = None
    discount: str = "0"
    disposition: str | None = None
    kind: str = "item"
    gtin: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """The taxable amount and the tax of one rate; ``note`` says why a rate is zero ("Reverse charge").

    ``rate`` is None for what is taxed at a rate that nobody knows; ``category`` is its code of UNTDID 5305. ``named``:
    name and amount of each of several taxes that make the rate up.
    """

    rate: str | None
    taxable: str
    tax: str
    note: str | None = None
    category: str | None = None
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxInBase:
    """The tax in the currency of the seller's state (Art. 230), when the document is in another one."""

    currency: str
    rate: str
    tax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """How an amount due is to be transferred: the seller's ``bank`` lines, and what the buyer writes with it."""

    bank: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """All that Art. 226 of the EU VAT Directive asks of an invoice.

    ``supplied_on`` is None as long as nobody knows; the law asks for that day only where it is known. ``lines``
    include the delivery charge. ``paid``, ``waived`` and ``due`` are as of the issue. ``discounts`` are the names and
    codes of those that the whole order was given: what of them is billed stands with the lines.
    """

    seller: Seller
    number: str
    issued_on: date
    bill_to: Party
    currency: str
    order_number: str
    lines: tuple[MoneyLine, ...]
    taxes: tuple[TaxLine, ...]
    total_net: str
    total_tax: str
    grand_total: str
    paid: str = "0"
    waived: str = "0"
    due: str = "0"
    transfer: Transfer | None = None
    supplied_on: date | None = None
    ordered_on: date | None = None
    due_on: date | None = None
    ship_to: Address | None = None
    external_reference: str | None = None
    purchase_order: str | None = None
    payment_method: str | None = None
    payment_code: str | None = None
    discounts: tuple[str, ...] = ()
    tax_in_base: TaxInBase | None = None
    notes: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemo:
    """What is given back, and the invoice that it amends (Art. 219). All amounts are positive.

    ``refund_mode`` says how the money goes back. ``cancels``: it takes the whole invoice back. The adjustment refund
    and the fee stand among the lines where their taxes are known, and in fields of their own where they are not.
    """

    seller: Seller
    number: str
    issued_on: date
    invoice_number: str
    invoice_issued_on: date
    bill_to: Party
    currency: str
    order_number: str
    lines: tuple[MoneyLine, ...]
    taxes: tuple[TaxLine, ...]
    total_net: str
    total_tax: str
    grand_total: str
    adjustment_refund: str = "0"
    adjustment_fee: str = "0"
    cancels: bool = False
    supplied_on: date | None = None
    ship_to: Address | None = field(default=None, metadata=UNPRINTED)
    external_reference: str | None = field(default=None, metadata=UNPRINTED)
    purchase_order: str | None = None
    refund_mode: str | None = None
    reason: str | None = None
    tax_in_base: TaxInBase | None = None
    notes: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestPackage:
    """One package handed to the carrier."""

    shipment_number: str
    order_number: str
    sscc: str
    ship_to: Address
    weight_grams: int
    service: str | None = None
    reference: str | None = None
    tracking_number: str | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The packages of a dispatch, for the driver's signature. ``ready_at`` is in the location's own time."""

    seller: Seller
    number: str
    dispatch_number: str
    carrier: str
    location: str
    ready_at: datetime
    packages: tuple[ManifestPackage, ...]
    location_address: Address | None = None
    issued_at: datetime | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierLabel:
    """A label as the carrier made it: a picture that fills the page."""

    seller: Seller
    shipment_number: str
    picture: bytes
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A page in the place of a slip or label that cannot be printed.

    For characters that no font has (``code_points`` such as U+5C71), or because the carrier has made no label.
    """

    seller: Seller
    shipment_number: str
    order_number: str
    code_points: tuple[str, ...] = ()
    label: bool = False
    language: str = "en"


class Document(Protocol):
    """What every content has: who sells, and the language that it is printed in."""

    @property
    def seller(self) -> Seller: ...

    @property
    def language(self) -> str: ...
