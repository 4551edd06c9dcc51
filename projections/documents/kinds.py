"""Every kind of document that has a list, by the name of its list.

Who needs the kinds takes them from here and keeps no list of its own.
"""

from projections.documents import batches, credit_memos, dispatches, invoices, shipments
from projections.documents.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (batches.KIND, dispatches.KIND, invoices.KIND, shipments.KIND, credit_memos.KIND)
}
SPANNING_EVENTS = tuple(event for kind in KINDS.values() if not kind.of_order for event in kind.life.events)
"""What happens in partitions that belong to no order."""
