"""What a customer sees of an order: status in words, steps, documents, parcels in the words of schema.org."""

from typing import Annotated, Literal, NotRequired, TypedDict

from projections.answer_types import Amount, Count, Id, Time, one_of, told
from projections.documents.shapes.shipping import SCAN_STATUSES
from projections.orders_grid.columns import FULFILMENT_STATUSES

STEPS = ("placed", "payment_received", "refunded", "canceled", "shipped", "returned", "comment")


class StepShown(TypedDict):
    """Something that happened, as its customer is told."""

    what: Annotated[str, one_of(STEPS)]
    occurred_at: Time
    text: NotRequired[Annotated[str | None, told("Of a comment.")]]


class DocumentNamed(TypedDict):
    """An invoice or a credit memo."""

    type: Literal["invoice", "credit_memo"]
    number: str
    state: str


OrganizationShown = TypedDict("OrganizationShown", {"@type": Literal["Organization"], "name": str})
ProductShown = TypedDict("ProductShown", {"@type": Literal["Product"], "name": str, "quantity": Count})
OrderNamed = TypedDict("OrderNamed", {"@type": Literal["Order"], "orderNumber": str})
PostalAddressShown = TypedDict(
    "PostalAddressShown",
    {"@type": Literal["PostalAddress"], "addressLocality": str | None, "addressCountry": str | None},
)


class CustomerScanShown(TypedDict):
    """Where a parcel was seen."""

    status: Annotated[str, one_of(SCAN_STATUSES)]
    occurred_at: Time
    location: str | None


ParcelDelivery = TypedDict(
    "ParcelDelivery",
    {
        "@type": Literal["ParcelDelivery"],
        "partOfOrder": OrderNamed,
        "carrier": OrganizationShown,
        "hasDeliveryMethod": str | None,
        "trackingNumber": str | None,
        "deliveryAddress": PostalAddressShown,
        "itemShipped": list[ProductShown],
        "status": Annotated[str, one_of(SCAN_STATUSES)],
        "returned": bool,
        "scans": list[CustomerScanShown],
    },
)
"""A parcel as schema.org has it, with its status and its scans."""


class TrackingDocument(TypedDict):
    """An order as its customer sees it."""

    order_number: str
    store: str
    purchased_at: Time
    status: Annotated[str, told("In words for the customer.", "Processing")]
    fulfilment_status: Annotated[str, one_of(FULFILMENT_STATUSES)]
    updated_at: Time
    timeline: list[StepShown]
    documents: list[DocumentNamed]
    parcels: list[ParcelDelivery]


class TrackingShown(TrackingDocument):
    """An order as the holder of its link sees it."""

    position: Annotated[Count, told("The log position that this was read at.")]


class CustomerOrderShown(TrackingDocument):
    """An order in the list of its customer."""

    order_id: Id
    currency: str
    grand_total: Amount
    tracking_token: str | None


class UnreadableOrder(TypedDict):
    """An order that cannot be read until it is repaired."""

    order_id: Id
    code: Literal["order_unreadable"]
    position: Count
