"""The documents of a period by the cut-off of ``recorded_at``: what was written down then, whatever date it bears.

A period that was reported once never changes: nothing is recorded into the past. A document that bears a date from
before the period is marked, for it was not in the report of that time.
"""

from collections.abc import Iterator
from decimal import Decimal

from domain.credit_memo import CreditMemoIssued
from domain.invoice import InvoiceCanceled, InvoiceCorrected, InvoiceIssued, InvoiceVoided
from projections.audit.reports.report import Json, LogWalk, Period, Told
from projections.paging.times import rfc3339
from projections.public_events.reading import PublicEvents

# What happened to which kind of document; the sign with which its amount counts.
DOCUMENTS = {
    InvoiceIssued.TOPIC: ("invoice", "issued"),
    InvoiceCanceled.TOPIC: ("invoice", "canceled"),
    InvoiceVoided.TOPIC: ("invoice", "voided"),
    InvoiceCorrected.TOPIC: ("invoice", "corrected"),
    CreditMemoIssued.TOPIC: ("credit_memo", "issued"),
}


class Documents:
    """The report of documents."""

    name = "documents"
    title = "Documents of a period"
    about = "Invoices and credit memos by when they were recorded, with those that bear the date of an earlier period."
    columns = (
        *("recorded_at", "kind", "what", "number", "issued_at", "earlier_period", "currency", "grand_total"),
        *("document_id", "order_id", "position", "event_id"),
    )
    amounts = frozenset({"grand_total", "position"})
    by_period = True

    def __init__(self, walk: LogWalk, events: PublicEvents) -> None:
        self._walk = walk
        self._events = events

    def told(self, period: Period) -> Told:
        """A row for each fact, oldest first; the summary counts and adds up by kind, fact and currency."""
        stretch = self._walk.stretch(period)
        sums: dict[tuple[str, str, str], list[Decimal]] = {}

        def rows() -> Iterator[Json]:
            for piece in self._walk.rows(stretch, DOCUMENTS):
                for event in self._events.shown(piece, audit=True):
                    row = _row(event, period)
                    of = sums.setdefault((row["kind"], row["what"], row["currency"] or ""), [Decimal(0), Decimal(0)])
                    of[0] += 1
                    of[1] += Decimal(row["grand_total"] or 0)
                    yield row

        def summary() -> Json:
            return {
                "totals": [
                    {
                        "kind": kind,
                        "what": what,
                        "currency": currency,
                        "documents": int(count),
                        "grand_total": str(total),
                    }
                    for (kind, what, currency), (count, total) in sorted(sums.items())
                ]
            }

        return Told(stretch.position, rows(), summary)


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
