"""An order in full: its parts, its money, and what it accepts."""

from typing import Annotated, Any, TypedDict

from domain.status import Status
from projections.answer_types import Amount, Count, Day, Decimals, Id, Time, Version, one_of, told
from projections.documents.shapes.billing import CreditMemoSummary, DiscountShown, InvoiceInOrder, TaxNamed
from projections.documents.shapes.common import AddressShown, Texts
from projections.documents.shapes.shipping import ShipmentInOrder
from projections.order_history.actors import ActorShown
from projections.orders_grid.columns import FULFILMENT_STATUSES, PAYMENT_STATUSES

STATUSES = tuple(status.value for status in Status)


class CustomerShown(TypedDict, total=False):
    """The customer as the order names them; null where it was erased."""

    id: str | None
    email: str | None
    name: str | None
    group: str | None
    guest: bool


class OrderShippingShown(TypedDict):
    """The delivery of an order, and what is charged for it."""

    method: str | None
    description: str | None
    amount: Amount
    tax_rate: Decimals | None
    tax: Amount
    discount: Amount
    taxes: list[TaxNamed]


class OrderChargeShown(TypedDict):
    """A charge beside the lines and the delivery."""

    charge_id: str
    name: str
    kind: Annotated[str, told("fee, tip, duty, wrap, surcharge or shipping.")]
    amount: Amount
    tax_rate: Decimals | None
    tax: Amount
    taxes: list[TaxNamed]
    total: Amount
    to_invoice: Annotated[Amount, told("What of it no invoice holds.")]


class ForeignMoneyShown(TypedDict):
    """Money in another currency than the order's: it pays for nothing and can go back."""

    currency: str
    captured: Amount
    refunded: Amount
    held: Amount


class PaymentTransactionShown(TypedDict):
    """Something that happened to the money of an order."""

    type: Annotated[str, told("The event.", "PaymentCaptured")]
    amount: Amount | None
    currency: str
    provider_reference: str | None
    method: str | None
    kind: str | None
    remitted: Annotated[Amount, told("What a marketplace kept for taxes.")]
    occurred_at: Time
    recorded_at: Time


class OrderPaymentShown(TypedDict):
    """How an order is paid, and its money."""

    method: Annotated[str, told("The code of the payment method.", "bank_transfer")]
    title: str | None
    authorized: Amount
    captured: Amount
    refunded: Amount
    held: Annotated[Amount, told("Captured and not sent back.")]
    over: Annotated[Amount, told("Held beyond what is owed.")]
    uninvoiced: Annotated[Amount, told("Held by no invoice.")]
    other_currencies: list[ForeignMoneyShown]
    review: Annotated[str | None, told("Why the payment is under review.")]
    transactions: list[PaymentTransactionShown]


class OrderTotalsShown(TypedDict):
    """What an order adds up to, in its currency."""

    subtotal: Amount
    discount: Amount
    shipping: Amount
    shipping_discount: Amount
    charges: Amount
    tax: Amount
    collected_by_marketplace: Amount
    grand_total: Amount
    paid: Amount
    refunded: Amount
    canceled: Amount
    credited: Amount
    waived: Amount
    due: Annotated[Amount, told("What is still to be paid.")]
    over: Amount


class OrderLineShown(TypedDict):
    """A line with its counters: what happened to its units, and what can still happen."""

    line_id: str
    sku: str
    name: str | None
    quantity: Count
    invoiced: Count
    shipped: Count
    canceled: Count
    refunded: Count
    parent_line_id: str | None
    gtin: str | None
    unit: str | None
    attributes: Texts
    unit_price: Decimals
    tax_rate: Decimals | None
    subtotal: Amount
    discount: Amount
    tax: Amount
    taxes: list[TaxNamed]
    total: Amount
    weight_grams: Count | None
    shippable: bool
    to_invoice: Count
    to_ship: Count
    to_cancel: Count


class CommentFacts(TypedDict):
    """A comment."""

    text: Annotated[str | None, told("Null where it was erased.")]
    visible: Annotated[bool, told("Whether the customer sees it.")]
    occurred_at: Time
    recorded_at: Time


class CommentShown(CommentFacts):
    """A comment with who wrote it."""

    author: ActorShown


class RefusedCommand(TypedDict):
    """Why a command is refused now."""

    code: str
    detail: str


class OrderFacts(TypedDict):
    """What every showing of an order in full has."""

    order_id: Id
    order_number: str
    version: Annotated[Version, told("Of the order's stream: what If-Match expects.")]
    revision: Annotated[Version, told("How often it was amended, from 1.")]
    status: Annotated[str, one_of(STATUSES)]
    payment_status: Annotated[str, one_of(PAYMENT_STATUSES)]
    fulfilment_status: Annotated[str, one_of(FULFILMENT_STATUSES)]
    external_reference: Annotated[str | None, told("The shop's own name for it.", "cart-8841")]
    reorder_of: Id | None
    store: str
    currency: Annotated[str, told("ISO 4217.", "EUR")]
    base_currency: str | None
    base_rate: Annotated[Decimals | None, told("From the order's currency to the merchant's.")]
    prices_include_tax: bool
    purchased_at: Time
    updated_at: Time
    expires_at: Annotated[Time | None, told("When it is canceled unless it is paid.")]
    tracking_token: Annotated[str | None, told("Of the customer's page; null once erased.")]
    customer: CustomerShown | None
    source: Annotated[str | None, told("The channel that it came by.")]
    tags: list[str]
    attributes: Texts
    purchase_order: str | None
    due_date: Day | None
    vat_id: str | None
    registration_id: str | None
    delivery: str | None
    billing_address: AddressShown | None
    billing_place: Annotated[str | None, told("Its postcode, place and region on one line, as the country writes it.")]
    shipping_address: AddressShown | None
    shipping_place: Annotated[str | None, told("Its postcode, place and region on one line, as the country writes it.")]
    note: str | None
    customer_note: str | None
    shipping: OrderShippingShown | None
    charges: list[OrderChargeShown]
    discounts: list[DiscountShown]
    payment: OrderPaymentShown
    totals: OrderTotalsShown
    lines: list[OrderLineShown]
    invoices: list[InvoiceInOrder]
    shipments: list[ShipmentInOrder]
    credit_memos: list[CreditMemoSummary]
    allowed_commands: Annotated[list[str], told("What it accepts now: the last part of the command's path.")]
    refused_commands: Annotated[dict[str, RefusedCommand], told("What it does not accept now, and why.")]
    position: Annotated[Count, told("The log position that this was read at.")]


class OrderDetail(OrderFacts):
    """An order without who wrote its comments."""

    comments: list[CommentFacts]


class PartChanged(TypedDict):
    """A part of the order before and after."""

    before: Any
    after: Any


class TimelineEntry(TypedDict):
    """Something that happened to the order, to its documents or around them."""

    type: Annotated[str, told("The event.", "OrderPlaced")]
    aggregate: Annotated[str, told("What it happened to.", "order")]
    aggregate_id: Id
    number: str | None
    occurred_at: Time
    recorded_at: Time
    actor: ActorShown
    position: Count
    reason: Annotated[str | None, told("For administrators and auditors.")]
    facts: Annotated[dict[str, Any], told("The plain facts of the event.")]
    changes: Annotated[dict[str, PartChanged], told("Of an amendment or a new address: what it changed, by part.")]


class OrderShown(OrderFacts):
    """An order in full, current at the moment of the answer."""

    comments: list[CommentShown]
    timeline: Annotated[list[TimelineEntry], told("The newest 500 entries, by the time at which they happened.")]
    timeline_before: Annotated[int | None, told("With which the earlier ones are asked for; null when there are none.")]
