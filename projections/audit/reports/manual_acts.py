"""What people reversed or decided by hand: cancellations, refunds, reviews, holds; who, when, why and about how much.

What a process did because of a rule, or a gateway or carrier reported, is nobody's act and not in it. Who agreed to an
act that needed two persons stands beside who asked for it.
"""

from collections.abc import Iterator, Sequence

from domain.approval import ApprovalGranted
from domain.credit_memo import CreditMemoIssued
from domain.invoice import InvoiceCanceled, InvoiceCorrected, InvoiceVoided
from domain.order_events import OrderAmended, OrderCanceled, OrderHeld, OrderReleased
from domain.payment_events import (
    PaymentFlagged,
    PaymentRefunded,
    PaymentRefundRequested,
    PaymentReviewAccepted,
    PaymentReviewDenied,
    PaymentVoided,
)
from domain.shipment_events import ShipmentCanceled, TrackingCorrected, TrackingRetracted
from eventstore.records import RecordedEvent
from projections.audit.reports.report import Json, Period
from projections.audit.reports.summed import SummedReport, Summing

ACTS = tuple(
    event_class.TOPIC
    for event_class in (
        OrderCanceled,
        OrderAmended,
        OrderHeld,
        OrderReleased,
        PaymentFlagged,
        PaymentReviewAccepted,
        PaymentReviewDenied,
        PaymentRefunded,
        PaymentRefundRequested,
        PaymentVoided,
        InvoiceCanceled,
        InvoiceVoided,
        InvoiceCorrected,
        CreditMemoIssued,
        ShipmentCanceled,
        TrackingCorrected,
        TrackingRetracted,
    )
)
NOBODY = frozenset({"process", "gateway", "carrier"})
NO_ACTOR: Json = {"id": None, "name": None}
# Of the commands that the acts of one page follow from: each records a few.
CAUSES_MAX = 10_000


class ManualActs(SummedReport):
    """The report of manual acts: its summary counts and adds up by person, act and currency."""

    name = "manual-acts"
    title = "Reversals and manual acts by person"
    about = "Who canceled, refunded, held, amended or decided a review, with the reason given and the amount."
    shows_people = True
    columns = (
        *("recorded_at", "actor_id", "actor_name", "actor_type", "act", "amount", "currency", "reason"),
        *("order_id", "position", "event_id", "approved_by", "approver_name"),
    )
    amounts = frozenset({"amount", "position"})
    topics = ACTS
    summing = Summing("by_person", by=("actor_id", "actor_name", "act", "currency"), counted="acts", amount="amount")

    def rows_of(self, events: Sequence[RecordedEvent], period: Period) -> Iterator[Json]:  # noqa: ARG002
        """What persons did, with who approved it."""
        acts = [row for row in events if row.actor_type not in NOBODY]
        approvers = self._approvers(acts)
        for event in self._events.shown(acts, audit=True):
            yield _row(event, approvers.get(event["causation_id"], NO_ACTOR))

    def _approvers(self, acts: Sequence[RecordedEvent]) -> dict[str, Json]:
        """By the id of the command that approved it, who approved an act."""
        keys = self._walk.keys
        causes = list({row.causation_id for row in acts if row.causation_id is not None})
        positions = keys.of_commands(causes, CAUSES_MAX) if causes else []
        granted = [row for row in keys.rows(positions) if row.topic == ApprovalGranted.TOPIC] if positions else []
        return {str(each["command_id"]): each["actor"] for each in self._events.shown(granted, audit=True)}


def _row(event: Json, approver: Json) -> Json:
    data = event["data"]
    amount = next((data[name] for name in ("amount", "grand_total", "waived") if data.get(name) is not None), None)
    return {
        "recorded_at": event["recorded_at"],
        "actor_id": event["actor"]["id"],
        "actor_name": event["actor"]["name"],
        "actor_type": event["actor"]["type"],
        "act": event["type"],
        "amount": amount,
        "currency": None if amount is None else data.get("currency") or event["currency"],
        "reason": event["reason"],
        "order_id": event["order_id"],
        "position": event["position"],
        "event_id": event["event_id"],
        "approved_by": approver["id"],
        "approver_name": approver["name"],
    }
