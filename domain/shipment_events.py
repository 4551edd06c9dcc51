"""What can happen to a shipment, as facts."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import NO_STREAM, Event
from domain.values import External, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One parcel: what is in it, what it weighs (grams) and measures (millimetres)."""

    package_id: str
    contents: tuple[Units, ...]
    weight_grams: int
    type: str | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    max_weight_grams: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsBack:
    """So many units of a line that are no longer out in a package."""

    package_id: str
    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEvent(Event):
    """A fact of a shipment's stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentBooked(ShipmentEvent):
    """Packages are ready to be handed to ``carrier`` at the location ``origin``.

    ``gs1_prefix`` is the company prefix that the packages' SSCCs are made with. ``external`` says under which number
    another system keeps the shipment.
    """

    TOPIC: ClassVar[str] = "shipment.booked"
    SERIES: ClassVar[str | None] = "shipment"

    number: int | None = None
    order_id: UUID = NO_STREAM
    carrier: str = ""
    service: str | None = None
    origin: str = "main"
    reference: str | None = None
    gs1_prefix: str = ""
    notify: bool = False
    packages: tuple[Package, ...] = ()
    external: External | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingAssigned(ShipmentEvent):
    """The carrier follows a package (or, without ``package_id``, all of them) under this number."""

    TOPIC: ClassVar[str] = "shipment.tracking_assigned"

    package_id: str | None = None
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingCorrected(ShipmentEvent):
    """A wrong number was replaced; what was recorded under it was about another parcel."""

    TOPIC: ClassVar[str] = "shipment.tracking_corrected"

    carrier: str = ""
    tracking_number: str = ""
    new_tracking_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingRetracted(ShipmentEvent):
    """A number does not belong to this shipment after all."""

    TOPIC: ClassVar[str] = "shipment.tracking_retracted"

    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingRecorded(ShipmentEvent):
    """The carrier reported ``status`` for a number; it happened at the event's ``occurred_at``."""

    TOPIC: ClassVar[str] = "shipment.tracking_recorded"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"description"})

    carrier: str = ""
    tracking_number: str = ""
    status: str = "unknown"
    location: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    """A closed dispatch handed every package to the carrier."""

    TOPIC: ClassVar[str] = "shipment.dispatched"

    dispatch_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCanceled(ShipmentEvent):
    """The booking was undone before anything left."""

    TOPIC: ClassVar[str] = "shipment.canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsReturned(ShipmentEvent):
    """Units that had left came back or are lost: refused, undeliverable, sent back by the customer."""

    TOPIC: ClassVar[str] = "shipment.units_returned"

    contents: tuple[UnitsBack, ...] = ()


SHIPMENT_EVENTS: tuple[type[ShipmentEvent], ...] = (
    ShipmentBooked,
    TrackingAssigned,
    TrackingCorrected,
    TrackingRetracted,
    TrackingRecorded,
    ShipmentDispatched,
    ShipmentCanceled,
    UnitsReturned,
)
