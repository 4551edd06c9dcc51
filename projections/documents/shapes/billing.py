"""Invoices and credit memos as they are shown: in lists, in their order, each in full."""

from typing import Annotated, NotRequired, TypedDict

from projections.answer_types import Amount, Count, Day, Decimals, Id, Time, one_of, told
from projections.documents.shapes.common import AddressShown, AsOf, ExternalShown, Listed, Texts, UnitsShown

INVOICE_STATES = ("open", "paid", "canceled", "voided", "corrected")
CREDIT_MEMO_STATES = ("pending", "refunded", "failed")


class TaxNamed(TypedDict):
    """One of several taxes, by its name."""

    name: str
    rate: Decimals | None
    amount: Amount
    collected_by: Annotated[str, one_of(("merchant", "marketplace"))]


class TaxPartShown(TypedDict):
    """One of several taxes that a rate consists of, such as GST and PST."""

    name: str
    amount: Amount


class TaxShown(TypedDict):
    """Taxable amount and tax of one rate; null for what is of no known rate."""

    tax_rate: Decimals | None
    net: Amount
    tax: Amount
    named: Annotated[list[TaxPartShown], told("What the tax consists of, where it is several.")]


class DiscountShown(TypedDict):
    """A discount, and what it was spread over."""

    code: str | None
    name: str | None
    amount: Amount
    target: Annotated[str | list[str], told("lines, shipping, or the ids of lines.")]


class DocumentShippingShown(TypedDict):
    """The delivery charge on a document."""

    description: str | None
    tax_rate: Decimals | None
    net: Amount
    tax: Amount
    total: Amount


class DocumentChargeShown(TypedDict):
    """Another charge on a document."""

    charge_id: str
    name: str
    kind: Annotated[str | None, told("fee, tip, duty, wrap, surcharge or shipping.")]
    tax_rate: Decimals | None
    net: Amount
    tax: Amount
    total: Amount


DISPOSITIONS = ("shipped", "unshipped", "corrected")


class DocumentLineShown(TypedDict):
    """Units of an order line on a document, with what they come to."""

    line_id: str
    sku: str
    name: str | None
    quantity: Count
    unit: str | None
    gtin: str | None
    unit_price: Annotated[Decimals, told("As quoted, with all its decimals.")]
    net_unit_price: Annotated[Decimals, told("Without tax, before the discount.")]
    tax_rate: Decimals | None
    subtotal: Amount
    discount: Amount
    net: Annotated[Amount, told("Without tax, after the discount.")]
    tax: Amount
    taxes: list[TaxNamed]
    total: Amount
    attributes: Annotated[Texts, told("What was chosen of the article.")]
    disposition: NotRequired[
        Annotated[str, one_of(DISPOSITIONS, "Of a credit memo: whether they had left, or go back to the order.")]
    ]


class DocumentTotalsShown(TypedDict):
    """What a document adds up to."""

    subtotal: Amount
    discount: Amount
    shipping: Amount
    charges: Amount
    net: Amount
    tax: Amount


class OfOrder(TypedDict):
    """What a document says of the order it is about."""

    external_reference: Annotated[str | None, told("The shop's own name for the order.")]
    customer_email: str | None


class InvoiceSummary(TypedDict):
    """An invoice as a list shows it."""

    invoice_id: Id
    invoice_number: str
    order_id: Id
    order_number: str
    store: str
    state: Annotated[str, one_of(INVOICE_STATES)]
    issued_at: Time
    bill_to_name: str | None
    currency: str
    grand_total: Amount
    paid: Annotated[Amount, told("Money that was received for it.")]
    refunded: Annotated[Amount, told("Money that went back.")]
    credited: Annotated[Amount, told("What credit memos took off it, paid or not.")]
    waived: Amount
    due: Annotated[Amount, told("What is still to be paid for it.")]


class CreditMemoNamed(TypedDict):
    """A credit memo, by id and number."""

    credit_memo_id: Id
    credit_memo_number: str


class InvoiceInFull(InvoiceSummary, OfOrder):
    """An invoice in full. Addresses and amounts are those of its issue; what was paid and refunded is as of now."""

    purchased_at: Time
    base_rate: Decimals | None
    payment_method: str
    payment_title: Annotated[str | None, told("What the shop calls it.")]
    capture: Annotated[str, told("How the rest was collected when it was issued.")]
    supplied_at: Annotated[Time | None, told("When the goods left, where they have.")]
    goods: Annotated[bool, told("Whether something on it is shipped.")]
    billing_address: AddressShown | None
    shipping_address: AddressShown | None
    lines: list[DocumentLineShown]
    shipping: DocumentShippingShown | None
    charges: list[DocumentChargeShown]
    discounts: Annotated[list[DiscountShown], told("Those of the whole order.")]
    taxes: list[TaxShown]
    totals: DocumentTotalsShown
    purchase_order: str | None
    due_date: Day | None
    vat_id: str | None
    registration_id: str | None
    external: ExternalShown | None
    credit_memos: list[CreditMemoNamed]


class CreditMemoSummary(TypedDict):
    """A credit memo as a list, and its order, show it."""

    credit_memo_id: Id
    credit_memo_number: str
    order_id: Id
    order_number: str
    store: str
    invoice_id: Id
    invoice_number: str
    state: Annotated[str, one_of(CREDIT_MEMO_STATES, "What became of its money.")]
    issued_at: Time
    bill_to_name: str | None
    currency: str
    grand_total: Amount
    mode: Annotated[str, told("How its money goes back: online, offline or none.")]


class CreditMemoInFull(CreditMemoSummary, OfOrder):
    """A credit memo in full."""

    invoice_issued_at: Time
    base_rate: Decimals | None
    billing_address: AddressShown | None
    shipping_address: AddressShown | None
    lines: list[DocumentLineShown]
    shipping: DocumentShippingShown | None
    charges: list[DocumentChargeShown]
    taxes: list[TaxShown]
    totals: DocumentTotalsShown
    vat_id: str | None
    external: ExternalShown | None
    cancels: Annotated[bool, told("Whether it undoes its invoice, whose units are the order's again.")]
    goods: bool
    adjustment_parts: Annotated[list[TaxShown], told("The adjustment refund by tax rate.")]
    fee_parts: Annotated[list[TaxShown], told("The adjustment fee by tax rate; negative.")]
    adjustment_refund: Amount
    adjustment_fee: Amount


class ChargeInInvoice(TypedDict):
    """What of a charge an invoice bills."""

    charge_id: str
    total: Amount


class InvoiceInOrder(TypedDict):
    """An invoice as its order shows it."""

    invoice_id: Id
    invoice_number: str
    state: Annotated[str, one_of(INVOICE_STATES)]
    issued_at: Time
    lines: list[UnitsShown]
    shipping: Amount
    charges: list[ChargeInInvoice]
    grand_total: Amount
    paid: Amount
    external: ExternalShown | None


class InvoiceListed(InvoiceSummary, Listed):
    """An invoice in its list."""


class InvoiceShown(InvoiceInFull, AsOf):
    """An invoice in full. Addresses and amounts are those of its issue; what was paid and refunded is as of now."""


class CreditMemoListed(CreditMemoSummary, Listed):
    """A credit memo in its list."""


class CreditMemoShown(CreditMemoInFull, AsOf):
    """A credit memo in full."""
