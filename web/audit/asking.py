"""What an auditor asks of the whole, under which paths, and who answers: searches, chains of causes, the past grid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore

from eventstore.reader import LogReader
from projections.audit.reports.report import Report
from web.audit.chain import Chains, chain_view
from web.audit.grid import PastGrid, grid_csv_view, grid_view
from web.audit.noted import CustomerHash, Noted, accesses_view, refusals_view
from web.audit.reports import AT_ONCE, report_csv_view, report_view, reports_view
from web.audit.search import Search, events_view
from web.guard import View
from web.paths import NOTHING, Shows


@dataclass(frozen=True, slots=True)
class Asking:
    """Who answers."""

    search: Search
    chains: Chains
    grid: PastGrid
    reader: LogReader
    reports: Sequence[Report]
    refusals: Noted
    accesses: Noted
    customer_hash: CustomerHash

    def views(self, feed: View) -> Iterator[tuple[str, Shows | None, View]]:
        """Each path with what it shows and its view; the ``feed`` of events shares one with the search."""
        yield "/audit/events", "history", events_view(feed, self.search)
        yield "/audit/chain/<uuid:event_id>", "history", chain_view(self.chains)
        turn = BoundedSemaphore(1)
        yield "/audit/grid", "past_grid", grid_view(self.grid, self.reader, turn)
        yield "/audit/grid.csv", "past_grid", grid_csv_view(self.grid, self.reader, turn)
        yield "/audit/reports", NOTHING, reports_view(self.reports)
        turns = BoundedSemaphore(AT_ONCE)
        for report in self.reports:
            shows: Shows | None = "report" if report.shows_people else NOTHING
            yield f"/audit/reports/{report.name}", shows, report_view(report, turns)
            yield f"/audit/reports/{report.name}.csv", shows, report_csv_view(report, turns)
        yield "/audit/refusals", NOTHING, refusals_view(self.refusals)
        yield "/audit/accesses", NOTHING, accesses_view(self.accesses, self.customer_hash)
