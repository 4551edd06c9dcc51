"""Batches, dispatches, and packages that wait for their carrier, as they are shown."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from projections.answer_types import Count, Id, Time, Version, one_of, told
from projections.documents.shapes.common import AddressShown, AsOf, Listed, UnitsShown
from projections.documents.shapes.shipping import ParcelShown

BATCH_STATUSES = ("created", "processing", "processed", "canceled")
DISPATCH_STATUSES = ("scheduled", "closed", "canceled")


class ManifestPackageShown(ParcelShown):
    """A package as a carrier gets it."""

    shipment_id: Id
    shipment_number: str
    order_id: Id
    order_number: str
    reference: str | None
    service: str | None
    blocked: str | None
    ship_to: AddressShown | None
    dispatched: bool


class ReadyPackage(ParcelShown):
    """A package that waits for its carrier."""

    shipment_id: Id
    shipment_number: str
    order_id: Id
    order_number: str
    store: str
    ship_to_name: str | None
    booked_at: Time
    carrier: str
    service: str | None
    reference: str | None
    location: str
    blocked: str | None


class BatchSummary(TypedDict):
    """A batch as a list shows it."""

    batch_id: Id
    batch_number: str
    status: Annotated[str, one_of(BATCH_STATUSES)]
    origin: str
    carrier: str
    service: str
    created_at: Time
    updated_at: Time
    orders: Count
    booked: Count
    failed: Count


class BatchEntryShown(TypedDict):
    """What became of one order of a batch."""

    order_id: Id
    order_number: str | None
    ship_to_name: str | None
    result: Annotated[str, one_of(("pending", "booked", "failed"))]
    code: Annotated[str | None, told("Of the refusal, where it failed.")]
    detail: str | None
    shipment_id: Id | None
    shipment_number: str | None
    label: Annotated[str | None, told("Of the shipment, where the carrier was asked for one.")]
    left: Annotated[list[UnitsShown], told("What of a booked order is on no shipment now.")]
    packages: Annotated[Any, told("As they were set; null: one package of everything.")]


class BatchInFull(BatchSummary):
    """A batch with the result of each entry."""

    version: Version
    entries: list[BatchEntryShown]


class CarrierManifestShown(TypedDict):
    """The carrier's own manifest, beside ours."""

    state: Annotated[str, one_of(("requested", "made", "failed"))]
    reference: Annotated[str | None, told("The carrier's own name for it.")]
    detail: Annotated[str | None, told("Why the carrier makes none.")]


class DispatchFacts(TypedDict):
    """What every showing of a dispatch has."""

    dispatch_id: Id
    dispatch_number: str
    status: Annotated[str, one_of(DISPATCH_STATUSES)]
    manifest_number: str | None
    carrier_manifest: Annotated[CarrierManifestShown | None, told("Null where the carrier is asked for none.")]
    carrier: str
    location: str
    scheduled_at: Time
    ready_at: Annotated[Time, told("When its carrier comes.")]
    closed_at: Time | None
    updated_at: Time


class DispatchSummary(DispatchFacts):
    """A dispatch as a list shows it."""

    shipments: Annotated[Count, told("How many.")]


class WithheldShown(TypedDict):
    """A shipment that stayed behind."""

    shipment_id: Id
    code: str
    shipment_number: NotRequired[str]
    order_id: NotRequired[Id]
    order_number: NotRequired[str]


class UnreadableShipment(TypedDict):
    """A shipment whose order cannot be read."""

    shipment_id: Id
    order_id: Id
    code: Literal["order_unreadable"]
    position: Count


class DispatchInFull(DispatchFacts):
    """A dispatch with every package that the carrier takes along."""

    version: Version
    shipments: list[Id]
    withheld: list[WithheldShown]
    packages: list[ManifestPackageShown]
    package_count: Count
    weight_grams: Count


class DispatchShown(DispatchInFull, AsOf):
    """A dispatch with every package that the carrier takes along, and what of it nobody can read."""

    unreadable: NotRequired[list[UnreadableShipment]]


class BatchShown(BatchInFull, AsOf):
    """A batch with the result of each entry."""


class BatchListed(BatchSummary, Listed):
    """A batch in its list."""


class DispatchListed(DispatchSummary, Listed):
    """A dispatch in its list."""
