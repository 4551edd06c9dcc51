"""Packages that wait for their carrier: of booked shipments on no dispatch, and not moving yet; the oldest first.

What is on a dispatch is known by the claims of the log, so a package that was just put on one is gone
from this list at once, and never shown to two carriers. What is ``blocked`` may not leave: its order is on hold,
under review, or not paid for any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
from psycopg import Connection

from eventstore.feed import is_claimed
from projections.documents.kinds import KINDS
from projections.documents.page import keyset_items, place_in
from projections.documents.parameters import DocumentQuery, read_cursor
from projections.paging.ends import ends
from projections.paging.filters import Condition
from projections.paging.parameters import PAGING, check_names, parse_position, read_limit, read_text
from projections.paging.query import GridPage, Sort

LIST = "ready"
FILTERS = {"carrier": "carrier", "location": "location"}
PARAMETERS = PAGING | FILTERS.keys()
OF_SHIPMENT = (
    "shipment_id",
    "shipment_number",
    "order_id",
    "order_number",
    "store",
    "ship_to_name",
    "booked_at",
    "carrier",
    "service",
    "reference",
)
ON_NO_DISPATCH = f"NOT {is_claimed('dispatch', 'd.document_id::text')}"


def parse_ready_query(given: Mapping[str, Sequence[str]]) -> DocumentQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    check_names(given, PARAMETERS, FILTERS)
    single = {name: values[0] for name, values in given.items()}
    return DocumentQuery(
        kind=KINDS["shipments"],
        sort=Sort("booked_at", descending=False),
        choices={name: [read_text(name, value) for value in given[name]] for name in FILTERS if name in given},
        limit=read_limit(single),
        cursor=read_cursor(single, LIST, "booked_at"),
        min_position=parse_position(single.get("min_position")),
    )


def page(connection: Connection[Any], query: DocumentQuery) -> GridPage:
    """One page of whole shipments: at most ``limit`` packages, unless the first shipment alone has more."""
    conditions = [Condition(text) for text in ("kind = 'shipments'", "state = 'booked'", ON_NO_DISPATCH)]
    conditions += [Condition(f"{column} = ANY (%s)", (list(chosen),)) for column, chosen in query.choices.items()]
    position, items = keyset_items(connection, conditions, query)
    taken = _whole_shipments(items, query.limit)
    shipments, following, previous = ends(taken, len(items) > len(taken), query.cursor, place_in(query, LIST))
    packages = [package for item in shipments for package in waiting(msgspec.json.decode(item))]
    return GridPage(msgspec.json.encode(packages)[1:-1], following, previous, position)


def _whole_shipments(items: Sequence[bytes], limit: int) -> Sequence[bytes]:
    counts = accumulate(len(list(waiting(msgspec.json.decode(item)))) for item in items)
    fitting = sum(1 for count in counts if count <= limit)
    return items[: max(1, fitting)]


def waiting(shipment: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The packages of a listed shipment that no carrier has yet."""
    facts = {name: shipment[name] for name in OF_SHIPMENT}
    facts |= {"location": shipment["origin"], "blocked": shipment.get("blocked")}
    for package in shipment["packages"]:
        if not package["dispatched"]:
            yield facts | {name: value for name, value in package.items() if name != "dispatched"}
