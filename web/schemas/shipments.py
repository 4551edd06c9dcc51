"""Bodies of the commands about parcels: shipments, tracking, batches and dispatches."""

from typing import Any, ClassVar

from marshmallow.fields import Nested

from application.commands import batches, dispatches, shipments, tracking
from domain import requests
from domain.shipment_state import TRACKING_STATUSES
from web.schemas.body import CommandBody
from web.schemas.fields import Choice, Flag, Id, Items, Moment, Reference, Text, Whole, WordOr
from web.schemas.parts import QUANTITY_MAX, ExternalDocument, LineQuantity, code, label, packages, remaining_or

ORDERS_PER_BATCH_MAX = 1000
SHIPMENTS_PER_DISPATCH_MAX = 500


class BookShipment(CommandBody):
    """What to ship, how it is packed and who carries it."""

    makes = (shipments.BookShipment,)

    lines = remaining_or(LineQuantity)
    carrier = code(required=True)
    service = label(64)
    origin = code()
    reference = Text(15, low=0, pattern="[A-Za-z0-9]*", hint="Must be at most 15 letters and digits.", allow_none=True)
    packages = packages()
    notify = Flag()
    shipment_id = Id()
    external = Nested(ExternalDocument, allow_none=True)
    label = Flag()


class RequestLabel(CommandBody):
    """The carrier's labels for the packages that have none, by another service where one is named."""

    makes = (shipments.RequestLabel,)

    service = label(64)


class VoidLabel(CommandBody):
    """The label of a package that is not needed: of the only one, when none is named."""

    makes = (shipments.VoidLabel,)

    package_id = Text(64)


class ReturnedQuantity(LineQuantity):
    """So many units that came back or are lost, and how many of them had been refunded as shipped."""

    makes = requests.ReturnedUnits

    refunded = Whole(0, QUANTITY_MAX)


class ReturnUnits(CommandBody):
    """What had left on a shipment and came back or is lost: everything that is out, or quantities of lines."""

    makes = (shipments.ReturnUnits,)

    lines = remaining_or(ReturnedQuantity)


class Tracking(CommandBody):
    """A tracking number of a package."""

    makes: ClassVar[tuple[type[Any], ...]] = (tracking.AddTracking, tracking.RetractTracking)

    package_id = Text(64)
    carrier = code(required=True)
    tracking_number = Reference(64, low=0, required=True)


class CorrectTracking(Tracking):
    """The right number in place of a wrong one."""

    makes = (tracking.CorrectTracking,)

    new_tracking_number = Reference(64, low=0, required=True)


class TrackingEvent(CommandBody):
    """What a carrier says of a parcel, and when it happened."""

    makes = (tracking.RecordScan,)

    carrier = code(required=True)
    tracking_number = Reference(64, required=True)
    status = Choice(TRACKING_STATUSES, required=True)
    occurred_at = Moment(required=True)
    location = label()
    description = label(1000)


class CreateBatch(CommandBody):
    """Orders to be booked together."""

    makes = (batches.CreateBatch,)

    origin = code(required=True)
    carrier = code(required=True)
    service = Text(64, required=True)
    orders = Items(Id(), high=ORDERS_PER_BATCH_MAX, required=True)
    batch_id = Id()


class SetBatchEntry(CommandBody):
    """An order of a batch and how it is packed (without packages: in one), or that it leaves the batch."""

    makes = (batches.SetBatchEntry,)

    order_id = Id(required=True)
    packages = packages()
    remove = Flag()


class CreateDispatch(CommandBody):
    """Shipments that a carrier collects at a place."""

    makes = (dispatches.CreateDispatch,)

    carrier = code(required=True)
    location = code(required=True)
    ready_at = Moment(required=True)
    shipments = WordOr("all_ready", Items(Id(), high=SHIPMENTS_PER_DISPATCH_MAX), required=True)
    dispatch_id = Id()
