"""Names that only one holder may have, by kind, and how their keys are written.

Some keep things apart (an external reference, an order in one open batch), some make things findable
(a tracking number, what is ready for pickup), and some say that something is still to be done: a claim
of kind ``WORK`` is taken in the append that makes work necessary and given back in the one that settles
it, so that no crash can lose it.
"""

from datetime import UTC, datetime
from uuid import UUID

from domain.batch import Batch
from domain.document_number import as_read
from domain.shipment import Shipment
from eventstore.records import Claim

EXTERNAL_REFERENCE = "external_reference"
ORDER_NUMBER = "order_number"
INVOICE_NUMBER = "invoice_number"
TRACKING = "tracking"
TRACKING_ENDED = "tracking_ended"
READY = "ready"
BATCH = "batch"
DISPATCH = "dispatch"
WORK = "work"
DEADLINE = "deadline"
CARRIER = "carrier_due"
APPROVAL = "approval"


def external_reference(store: str, reference: str, order_id: UUID) -> Claim:
    """References belong to one order of their store."""
    return Claim(EXTERNAL_REFERENCE, f"{store}:{reference}", order_id)


def order_number(store: str, number: str, order_id: UUID) -> Claim:
    """A number that the shop gave belongs to one order of its store."""
    return Claim(ORDER_NUMBER, f"{store}:{as_read(number)}", order_id)


def invoice_number(store: str, number: str, order_id: UUID) -> Claim:
    """A number that another system gave an invoice belongs to one order of its store."""
    return Claim(INVOICE_NUMBER, f"{store}:{as_read(number)}", order_id)


def tracking(number: str, shipment: Shipment, order_id: UUID) -> Claim:
    """A number (see ``number_key``) of a shipment. Carriers recycle theirs: only together is it unique."""
    kind = TRACKING_ENDED if shipment.state.canceled else TRACKING
    return Claim(kind, f"{of_number(number)}{shipment.id}", order_id)


def of_number(number: str) -> str:
    """How the claims of a number begin: it contains no space itself, so no other number begins like this."""
    return f"{number} "


def ready(shipment: Shipment, order_id: UUID) -> Claim:
    """A shipment that waits for its carrier, found by carrier and location."""
    state = shipment.state
    return Claim(READY, f"{state.carrier}:{state.origin}:{shipment.id}", order_id)


def in_batch(batch: Batch, order_id: UUID) -> Claim:
    """An order in an open batch."""
    return Claim(BATCH, str(order_id), batch.id)


def on_dispatch(dispatch_id: UUID, shipment_id: UUID) -> Claim:
    """A shipment on a dispatch."""
    return Claim(DISPATCH, str(shipment_id), dispatch_id)


def gateway_work(order_id: UUID, intent_id: UUID) -> Claim:
    """The gateway has to be asked."""
    return Claim(WORK, f"gateway:{order_id}:{intent_id}", order_id)


def batch_work(batch_id: UUID) -> Claim:
    """A batch has to be processed."""
    return Claim(WORK, f"batch:{batch_id}", batch_id)


def carrier_work(due_at: datetime, shipment: Shipment, intent_id: UUID, order_id: UUID) -> Claim:
    """A carrier has to be asked about a label at a time, found by it, earliest first."""
    return Claim(CARRIER, f"{due_text(due_at)}|{shipment.id}|{intent_id}|{shipment.state.carrier}", order_id)


def label_file_work(due_at: datetime, shipment: Shipment, intent_id: UUID, order_id: UUID) -> Claim:
    """The file of a label that was bought without it has to be fetched."""
    return Claim(CARRIER, f"{due_text(due_at)}|{shipment.id}|{intent_id}|{shipment.state.carrier}|file", order_id)


def is_file_work(claim: Claim) -> bool:
    """Whether it stands for the file of a label."""
    return claim.key.count("|") == 4


def carrier_of(claim: Claim) -> str:
    """Which carrier has to be asked; empty where a claim of an earlier version does not say."""
    return [*claim.key.split("|"), ""][3]


def manifest_work(due_at: datetime, dispatch_id: UUID, carrier: str) -> Claim:
    """A carrier has to be asked for its manifest of a dispatch."""
    return Claim(CARRIER, f"{due_text(due_at)}|manifest|{dispatch_id}|{carrier}", dispatch_id)


def due_text(time: datetime) -> str:
    """A time as text that sorts."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def deadline(expires_at: datetime, order_id: UUID) -> Claim:
    """An order that expires, found by its time, earliest first."""
    return Claim(DEADLINE, f"{due_text(expires_at)}|{order_id}", order_id)


def approval_work(approval_id: UUID, partition_id: UUID) -> Claim:
    """What was approved has to be done."""
    return Claim(WORK, f"approval:{approval_id}", partition_id)


def approval_deadline(expires_at: datetime, approval_id: UUID, partition_id: UUID) -> Claim:
    """A request that waits, found by the time at which it expires, earliest first."""
    return Claim(APPROVAL, f"{due_text(expires_at)}|{approval_id}", partition_id)
