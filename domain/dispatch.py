"""Dispatches: the packages that one carrier collects at one location, and the manifest over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.covering import booked_may_leave
from domain.events import NO_STREAM, NO_TIME, Event
from domain.lifecycle import REVIEW
from domain.order_state import OrderState
from domain.refusals import Refusal, invalid
from domain.shipment import Shipment
from domain.shipment_state import ShipmentState
from domain.status import Status, status

NOTICE = timedelta(minutes=30)
SHIPMENTS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchEvent(Event):
    """A fact of a dispatch's stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchScheduled(DispatchEvent):
    """``carrier`` collects these shipments at ``location``, ready at ``ready_at``."""

    TOPIC: ClassVar[str] = "dispatch.scheduled"
    SERIES: ClassVar[str | None] = "dispatch"

    number: int | None = None
    carrier: str = ""
    location: str = ""
    ready_at: datetime = NO_TIME
    shipments: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A shipment that stayed behind, with the code of what holds its order."""

    shipment_id: UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestIssued(DispatchEvent):
    """The carrier took the shipments; those canceled meanwhile are not among them, nor those ``withheld``.

    ``stationery`` names what the configuration said on documents then; None on events older than that.
    """

    TOPIC: ClassVar[str] = "dispatch.manifest_issued"
    SERIES: ClassVar[str | None] = "manifest"

    number: int | None = None
    shipments: tuple[UUID, ...] = ()
    stationery: str | None = None
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchCanceled(DispatchEvent):
    """Nobody comes; the shipments are ready for another dispatch."""

    TOPIC: ClassVar[str] = "dispatch.canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierManifestRequested(DispatchEvent):
    """The carrier is to be asked for its own manifest of what it took; ``intent_id`` is its idempotency key."""

    TOPIC: ClassVar[str] = "dispatch.carrier_manifest_requested"

    intent_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierManifestMade(DispatchEvent):
    """The carrier made its manifest; ``reference`` is its own name for it."""

    TOPIC: ClassVar[str] = "dispatch.carrier_manifest_made"

    intent_id: UUID = NO_STREAM
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierManifestRefused(DispatchEvent):
    """The carrier makes no manifest of these packages; ``detail`` is what it said."""

    TOPIC: ClassVar[str] = "dispatch.carrier_manifest_refused"

    intent_id: UUID = NO_STREAM
    detail: str = ""


DISPATCH_EVENTS: tuple[type[DispatchEvent], ...] = (
    DispatchScheduled,
    ManifestIssued,
    DispatchCanceled,
    CarrierManifestRequested,
    CarrierManifestMade,
    CarrierManifestRefused,
)


@dataclass(slots=True)
class CarrierManifest:
    """The carrier's own manifest: ``state`` is "requested", "made" or "failed"."""

    intent_id: UUID
    state: str = "requested"
    reference: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class DispatchState:
    """What decides about a dispatch; ``status`` is "scheduled", "closed" or "canceled"."""

    status: str = "scheduled"
    carrier: str = ""
    location: str = ""
    shipments: tuple[UUID, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    carrier_manifest: CarrierManifest | None = None


def stopped_by(order: OrderState) -> str | None:
    """The code of what keeps an order's goods here: a hold, a review, its end by a refund, money that went back."""
    now = status(order)
    if now is Status.CLOSED:
        return "order_closed"
    if now is Status.ON_HOLD:
        return "order_on_hold"
    if now in REVIEW:
        return "payment_under_review"
    return None if booked_may_leave(order) else "payment_required"


def held_back(order: OrderState, shipment: ShipmentState) -> str | None:
    """The code of what keeps a shipment here: what stops its order, or a label that the carrier has not made."""
    lacks = shipment.unlabelled and shipment.state == "booked"
    return stopped_by(order) or ("label_not_bought" if lacks else None)


def apply(state: DispatchState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    match event:
        case DispatchScheduled():
            state.carrier, state.location, state.shipments = event.carrier, event.location, event.shipments
        case ManifestIssued():
            state.status = "closed"
            state.shipments, state.withheld = event.shipments, event.withheld
        case DispatchCanceled():
            state.status = "canceled"
        case CarrierManifestRequested():
            state.carrier_manifest = CarrierManifest(event.intent_id)
        case CarrierManifestMade():
            state.carrier_manifest = CarrierManifest(event.intent_id, "made", event.reference)
        case CarrierManifestRefused():
            state.carrier_manifest = CarrierManifest(event.intent_id, "failed", detail=event.detail)


class Dispatch(Aggregate):
    """Decides about one dispatch."""

    NAME = "dispatch"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = DispatchState()
        self.manifest_number: int | None = None

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    def number_issued(self, event: Event, number: int) -> None:
        """The dispatch has a number of its own and its manifest another."""
        if isinstance(event, ManifestIssued):
            self.manifest_number = number
        else:
            super().number_issued(event, number)

    def schedule(
        self,
        pickup: tuple[str, str, datetime],
        shipments: Sequence[Shipment],
        stopped: Mapping[UUID, str],
        at: datetime,
    ) -> None:
        """Put booked shipments on the dispatch for a pickup: carrier, location, and when they are ready.

        ``stopped`` has the code of what holds the order of a shipment, by shipment.
        """
        carrier, location, ready_at = pickup
        if ready_at < at + NOTICE:
            raise invalid(
                "ready_at_too_soon",
                "The carrier needs at least 30 minutes of notice: send a later ready_at.",
                "/ready_at",
            )
        if not shipments:
            raise Refusal(
                "shipment_not_ready",
                "No shipment is ready for pickup. Book one, or release the orders that are stopped.",
                pointer="/shipments",
            )
        if len(shipments) > SHIPMENTS_MAX:
            raise invalid(
                "too_many_shipments",
                f"A dispatch takes at most {SHIPMENTS_MAX} shipments. Schedule another one for the rest.",
                "/shipments",
            )
        for index, shipment in enumerate(shipments):
            if shipment.id in stopped:
                raise _stopped(_name(shipment), stopped[shipment.id], f"/shipments/{index}")
            self._check(shipment, carrier, location, f"/shipments/{index}")
        ids = tuple(shipment.id for shipment in shipments)
        self.trigger(
            DispatchScheduled(occurred_at=at, carrier=carrier, location=location, ready_at=ready_at, shipments=ids)
        )

    @staticmethod
    def _check(shipment: Shipment, carrier: str, location: str, pointer: str) -> None:
        state = shipment.state
        if state.state != "booked":
            detail = f"Shipment {shipment.id} is {state.state}, so it is not waiting to be picked up."
            raise Refusal("shipment_not_ready", detail, pointer=pointer)
        if state.carrier != carrier:
            detail = f"Shipment {shipment.id} goes with {state.carrier}, not {carrier}."
            raise Refusal("mixed_carrier", detail, pointer=pointer)
        if state.origin != location:
            detail = f"Shipment {shipment.id} is at location {state.origin}, not {location}."
            raise Refusal("mixed_location", detail, pointer=pointer)

    def require_open(self) -> None:
        """Refuse unless the dispatch is scheduled."""
        if self.state.status != "scheduled":
            raise Refusal("dispatch_not_open", f"The dispatch is {self.state.status}: nothing of it changes any more.")

    def close(
        self, shipments: Sequence[Shipment], stopped: Mapping[UUID, str], at: datetime, stationery: str | None = None
    ) -> None:
        """Hand over what was not canceled meanwhile, and issue the manifest.

        What still lies here of an order that is ``stopped`` stays behind and is named as withheld; so are those among
        ``stopped`` that are not in ``shipments``, because their orders cannot be read.
        """
        self.require_open()
        here = {each.id for each in shipments if each.state.state in {"booked", "dispatched"}}
        gone = {each.id for each in shipments if each.state.state != "booked"}
        withheld = tuple(Withheld(shipment_id=each, code=code) for each, code in stopped.items() if each not in gone)
        leaving = [each for each in shipments if each.id in here - {held.shipment_id for held in withheld}]
        if withheld and not leaving:
            raise _stopped(str(withheld[0].shipment_id), withheld[0].code, None)
        if not leaving:
            raise Refusal("shipment_not_ready", "Every shipment of the dispatch was canceled. Cancel the dispatch.")
        ids = tuple(shipment.id for shipment in leaving)
        self.trigger(ManifestIssued(occurred_at=at, shipments=ids, withheld=withheld, stationery=stationery))
        for shipment in leaving:
            shipment.dispatch(self.id, at)

    def ask_manifest(self, intent_id: UUID, at: datetime) -> None:
        """Have the carrier asked for its own manifest of what it took."""
        self.trigger(CarrierManifestRequested(occurred_at=at, intent_id=intent_id))

    def manifest_made(self, reference: str, at: datetime) -> None:
        """Record that the carrier made its manifest; nothing when that was answered already."""
        asked = self.state.carrier_manifest
        if asked is not None and asked.state == "requested":
            self.trigger(CarrierManifestMade(occurred_at=at, intent_id=asked.intent_id, reference=reference))

    def manifest_refused(self, detail: str, at: datetime) -> None:
        """Record that the carrier makes none; nothing when that was answered already."""
        asked = self.state.carrier_manifest
        if asked is not None and asked.state == "requested":
            self.trigger(CarrierManifestRefused(occurred_at=at, intent_id=asked.intent_id, detail=detail))

    def cancel(self, at: datetime) -> None:
        """Call the pickup off."""
        self.require_open()
        self.trigger(DispatchCanceled(occurred_at=at))


def _name(shipment: Shipment) -> str:
    return f"{shipment.document_number} ({shipment.id})"


WHY = {
    "order_on_hold": "its order is on hold",
    "payment_under_review": "the payment of its order is under review",
    "payment_required": "its order is not paid for any more",
    "order_closed": "all of its order was refunded; cancel the shipment",
    "label_not_bought": "the carrier has made no label of it yet; request one, or add the tracking number of another",
    "order_unreadable": "its order cannot be read",
}


def _stopped(shipment: str, code: str, pointer: str | None) -> Refusal:
    return Refusal(code, f"Shipment {shipment} stays here: {WHY[code]}.", pointer=pointer)
