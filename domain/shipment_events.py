"""What can happen to a shipment, as facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.events import NO_STREAM, NO_TIME, Event
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEvent(ShipmentEvent):
    """A fact about the carrier's label of a package; ``intent_id`` is the carrier's idempotency key."""

    intent_id: UUID = NO_STREAM
    package_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequested(LabelEvent):
    """The carrier is to be asked for the label of a package, by its ``service`` or the carrier's usual one."""

    TOPIC: ClassVar[str] = "shipment.label_requested"

    carrier: str = ""
    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBought(LabelEvent):
    """The carrier made the label and charges ``amount`` for it; ``reference`` is its own name for it."""

    TOPIC: ClassVar[str] = "shipment.label_bought"

    carrier: str = ""
    service: str | None = None
    reference: str = ""
    tracking_number: str | None = None
    amount: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRefused(LabelEvent):
    """The carrier made no label, and charges nothing; ``detail`` is what it said."""

    TOPIC: ClassVar[str] = "shipment.label_refused"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVoidRequested(LabelEvent):
    """The label is not needed any more: the carrier is to be asked to take it back."""

    TOPIC: ClassVar[str] = "shipment.label_void_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVoidDelayed(LabelEvent):
    """The carrier has not decided yet whether it takes the label back; it is asked again at ``ask_again_at``."""

    TOPIC: ClassVar[str] = "shipment.label_void_delayed"

    ask_again_at: datetime = NO_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVoided(LabelEvent):
    """The label is void: the carrier took it back, or had never made one."""

    TOPIC: ClassVar[str] = "shipment.label_voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVoidRefused(LabelEvent):
    """The carrier does not take the label back, and keeps what it charged; ``detail`` is what it said."""

    TOPIC: ClassVar[str] = "shipment.label_void_refused"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    detail: str | None = None


LABEL_EVENTS: tuple[type[LabelEvent], ...] = (
    LabelRequested,
    LabelBought,
    LabelRefused,
    LabelVoidRequested,
    LabelVoidDelayed,
    LabelVoided,
    LabelVoidRefused,
)
SHIPMENT_EVENTS: tuple[type[ShipmentEvent], ...] = (
    ShipmentBooked,
    TrackingAssigned,
    TrackingCorrected,
    TrackingRetracted,
    TrackingRecorded,
    ShipmentDispatched,
    ShipmentCanceled,
    UnitsReturned,
    *LABEL_EVENTS,
)
