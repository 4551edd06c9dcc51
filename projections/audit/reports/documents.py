"""The documents of a period by the cut-off of ``recorded_at``: what was written down then, whatever date it bears.

A period that was reported once never changes: nothing is recorded into the past. A document that bears a date from
before the period is marked, for it was not in the report of that time.
"""

from collections.abc import Iterator, Sequence

from domain.credit_memo import CreditMemoIssued
from domain.invoice import InvoiceCanceled, InvoiceCorrected, InvoiceIssued, InvoiceVoided
from eventstore.records import RecordedEvent
from projections.audit.reports.report import Json, Period
from projections.audit.reports.summed import SummedReport, Summing
from projections.paging.times import rfc3339

# What happened to which kind of document; the sign with which its amount counts.
DOCUMENTS = {
    InvoiceIssued.TOPIC: ("invoice", "issued"),
    InvoiceCanceled.TOPIC: ("invoice", "canceled"),
    InvoiceVoided.TOPIC: ("invoice", "voided"),
    InvoiceCorrected.TOPIC: ("invoice", "corrected"),
    CreditMemoIssued.TOPIC: ("credit_memo", "issued"),
}


class Documents(SummedReport):
    """The report of documents: its summary counts and adds up by kind, fact and currency."""

    name = "documents"
    title = "Documents of a period"
    about = "Invoices and credit memos by when they were recorded, with those that bear the date of an earlier period."
    shows_people = False
    columns = (
        *("recorded_at", "kind", "what", "number", "issued_at", "earlier_period", "currency", "grand_total"),
        *("document_id", "order_id", "position", "event_id"),
    )
    amounts = frozenset({"grand_total", "position"})
    topics = tuple(DOCUMENTS)
    summing = Summing("totals", by=("kind", "what", "currency"), counted="documents", amount="grand_total")

    def rows_of(self, events: Sequence[RecordedEvent], period: Period) -> Iterator[Json]:
        """What happened to which document."""
        return (_row(event, period) for event in self._events.shown(events, audit=True))


def _row(event: Json, period: Period) -> Json:
    kind, what = DOCUMENTS[event["type"]]
    data = event["data"]
    issued_at = data.get("dated_at") or event["occurred_at"]
    begins = period.recorded_from
    return {
        "recorded_at": event["recorded_at"],
        "kind": kind,
        "what": what,
        "number": data.get(f"{kind}_number"),
        "issued_at": issued_at,
        "earlier_period": begins is not None and what == "issued" and issued_at < rfc3339(begins),
        "currency": event["currency"],
        "grand_total": data.get("grand_total"),
        "document_id": event["subject"]["id"],
        "order_id": event["order_id"],
        "position": event["position"],
        "event_id": event["event_id"],
    }
