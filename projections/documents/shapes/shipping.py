"""Shipments and their parcels as they are shown: in lists, in their order, each in full."""

from typing import Annotated, TypedDict

from projections.answer_types import Amount, Count, Id, Time, one_of, told
from projections.documents.shapes.common import AddressShown, AsOf, ExternalShown, Listed, Texts, UnitsShown

SHIPMENT_STATES = ("booked", "dispatched", "returned", "canceled")
LABEL_STATES = ("requested", "bought", "failed", "voided")
SCAN_STATUSES = (
    "pending",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "delivery_failed",
    "delivery_delayed",
    "on_hold",
    "return_to_sender",
    "cancelled",
    "unknown",
)


class ScanShown(TypedDict):
    """One report of a carrier."""

    status: Annotated[str, one_of(SCAN_STATUSES)]
    occurred_at: Time
    recorded_at: Time
    carrier: str
    tracking_number: str
    location: str | None
    description: str | None


class TrackingNumberShown(TypedDict):
    """A number that a parcel travels under."""

    carrier: str
    tracking_number: str


class PackageTrackingShown(TypedDict):
    """Where a package is."""

    status: Annotated[str, one_of(SCAN_STATUSES)]
    numbers: list[TrackingNumberShown]
    scans: Annotated[list[ScanShown], told("As they happened, however late they were reported.")]


class LabelShown(TypedDict):
    """A label that the carrier was asked for."""

    label_id: Annotated[Id, told("Under which the carrier was asked for it.")]
    state: Annotated[str, one_of(LABEL_STATES)]
    service: str | None
    tracking_number: str | None
    amount: Annotated[Amount | None, told("What the carrier charged; it stays when the label is void.")]
    currency: str | None
    detail: Annotated[str | None, told("Why the carrier made none.")]
    void: Annotated[
        str | None,
        told("Of a label that is not needed any more: `requested`, `under_way` (it decides later), `refused`."),
    ]
    void_detail: Annotated[str | None, told("Why the carrier does not take it back.")]


class RateShown(TypedDict):
    """What a service would cost."""

    service: str
    amount: Amount
    currency: str
    days: Annotated[int | None, told("Until it arrives, where the carrier says.")]


class RatesShown(TypedDict):
    """What a package would cost by each service."""

    rates: Annotated[list[RateShown], told("The cheapest first.")]
    detail: Annotated[str | None, told("Why the carrier takes it by none.")]


class PackageRates(RatesShown):
    """What a package of a shipment would cost by each service."""

    package_id: str


class OrderRates(RatesShown):
    """What a carrier would charge for one package of all that is left to ship."""

    order_id: Id
    carrier: str
    origin: str
    weight_grams: Annotated[int, told("As far as the lines' weights are known.")]


class ShipmentRates(TypedDict):
    """What a carrier would charge for the packages of a shipment."""

    shipment_id: Id
    carrier: str
    packages: list[PackageRates]


class PackageSize(TypedDict):
    """A package by its measures."""

    package_id: str
    type: str | None
    sscc: Annotated[str | None, told("Of its label (SSCC-18); null where another system labels it.")]
    tracking_number: Annotated[str | None, told("The last one that it travels under.")]
    weight_grams: Count
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None


class PackageShown(PackageSize):
    """A package with its contents and its scans."""

    max_weight_grams: int | None
    contents: list[UnitsShown]
    tracking: PackageTrackingShown
    returned: Annotated[list[UnitsShown], told("Units that came back.")]
    labels: Annotated[list[LabelShown], told("Labels that the carrier was asked for, the latest last.")]


class ParcelShown(PackageSize):
    """A package as lists show it."""

    status: Annotated[str, one_of(SCAN_STATUSES)]


class ParcelSummary(ParcelShown):
    """A package in a list of shipments."""

    dispatched: bool


class ShipmentFacts(TypedDict):
    """What every showing of a shipment has."""

    shipment_id: Id
    shipment_number: str
    external: ExternalShown | None
    state: Annotated[str, one_of(SHIPMENT_STATES)]
    booked_at: Time
    carrier: str
    service: str | None
    origin: Annotated[str, told("The location that it leaves from.", "main")]
    reference: str | None
    label: Annotated[
        str | None,
        told("Of the carrier: `requested`, `bought`, `failed` or `voided`; null where it was asked for none."),
    ]


class ShipmentInOrder(ShipmentFacts):
    """A shipment as its order shows it."""

    packages: list[PackageShown]
    exceptions: Annotated[list[ScanShown], told("What carriers reported after it was canceled.")]


class ShipmentOfOrder(ShipmentFacts):
    """A shipment beside its order."""

    order_id: Id
    order_number: str
    store: str
    ship_to_name: str | None
    exception_count: Count
    blocked: Annotated[str | None, told("The code of what keeps it from being dispatched.")]


class ShipmentSummary(ShipmentOfOrder):
    """A shipment as a list shows it."""

    packages: list[ParcelSummary]


class ShipmentLineShown(TypedDict):
    """A line that travels: how much of it is here, came back, and is still to come."""

    line_id: str
    sku: str
    name: str | None
    attributes: Texts
    ordered: Count
    quantity: Count
    returned: Count
    to_follow: Count


class ShipmentInFull(ShipmentOfOrder):
    """A shipment in full."""

    external_reference: str | None
    purchased_at: Time
    tracking_token: Annotated[str | None, told("Of the customer's page; null once erased.")]
    shipping_address: AddressShown | None
    note: str | None
    customer_note: str | None
    packages: list[PackageShown]
    exceptions: list[ScanShown]
    lines: list[ShipmentLineShown]


class ShipmentListed(ShipmentSummary, Listed):
    """A shipment in its list."""


class ShipmentShown(ShipmentInFull, AsOf):
    """A shipment in full."""
