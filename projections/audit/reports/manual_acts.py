"""What people reversed or decided by hand: cancellations, refunds, reviews, holds; who, when, why and about how much.

What a process did because of a rule, or a gateway or carrier reported, is nobody's act and not in it. Who agreed to an
act that needed two persons stands beside who asked for it.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

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
from projections.audit.reports.report import Json, LogWalk, Period, Told
from projections.public_events.reading import PublicEvents

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
PEOPLE_MAX = 10_000
NO_ACTOR: Json = {"id": None, "name": None}
# Of the commands that the acts of one page follow from: each records a few.
CAUSES_MAX = 10_000


class ManualActs:
    """The report of manual acts."""

    name = "manual-acts"
    title = "Reversals and manual acts by person"
    about = "Who canceled, refunded, held, amended or decided a review, with the reason given and the amount."
    columns = (
        *("recorded_at", "actor_id", "actor_name", "actor_type", "act", "amount", "currency", "reason"),
        *("order_id", "position", "event_id", "approved_by", "approver_name"),
    )
    amounts = frozenset({"amount", "position"})
    by_period = True

    def __init__(self, walk: LogWalk, events: PublicEvents) -> None:
        self._walk = walk
        self._events = events

    def told(self, period: Period) -> Told:
        """A row for each act, oldest first; the summary counts and adds up by person, act and currency."""
        stretch = self._walk.stretch(period)
        sums: dict[tuple[str, str, str, str], list[Decimal]] = {}

        def rows() -> Iterator[Json]:
            for piece in self._walk.rows(stretch, ACTS):
                acts = [row for row in piece if row.actor_type not in NOBODY]
                approvers = self._approvers(acts)
                for event in self._events.shown(acts, audit=True):
                    row = _row(event, approvers.get(event["causation_id"], NO_ACTOR))
                    who = (row["actor_id"], row["actor_name"] or "", row["act"], row["currency"] or "")
                    if who in sums or len(sums) < PEOPLE_MAX:
                        of = sums.setdefault(who, [Decimal(0), Decimal(0)])
                        of[0] += 1
                        of[1] += Decimal(row["amount"] or 0)
                    yield row

        def summary() -> Json:
            return {
                "by_person": [
                    {
                        "actor_id": actor_id,
                        "actor_name": name or None,
                        "act": act,
                        "currency": currency or None,
                        "acts": int(count),
                        "amount": str(amount),
                    }
                    for (actor_id, name, act, currency), (count, amount) in sorted(sums.items())
                ]
            }

        return Told(stretch.position, rows(), summary)

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
