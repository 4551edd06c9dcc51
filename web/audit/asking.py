"""What an auditor asks of the whole: the search of the log, chains of causes; who answers, and under which paths."""

from collections.abc import Iterator
from dataclasses import dataclass

from web.audit.chain import Chains, chain_view
from web.audit.search import Search, events_view
from web.guard import View


@dataclass(frozen=True, slots=True)
class Asking:
    """Who answers."""

    search: Search
    chains: Chains

    def views(self, feed: View) -> Iterator[tuple[str, View]]:
        """Each path with its view; the ``feed`` of events shares one with the search."""
        yield "/audit/events", events_view(feed, self.search)
        yield "/audit/chain/<uuid:event_id>", chain_view(self.chains)
