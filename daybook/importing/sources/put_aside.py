"""Rows of tables put aside by their orders; an order of which a row cannot be read is refused as a whole."""

from collections.abc import Iterable, Iterator, Sequence

from daybook.importing.sources.reading import RefusedOrder
from daybook.importing.sources.shelf import Kept, Shelf
from daybook.importing.sources.tables import Row

FAULT = "fault"


def put_aside(rows: Iterable[Row], kept: Shelf, *, owner: str, kind: str) -> Iterator[RefusedOrder]:
    """Keep the rows; gives those that name no order. ``owner`` is the column that names it."""
    for row in rows:
        name, place = row.values.get(owner, "").strip(), row.place
        if not name:
            yield RefusedOrder("", place, row.fault or f"The row has no {owner}")
        elif row.fault:
            kept.put(name, FAULT, place.file, place.line, row.fault)
        else:
            kept.put(name, kind, place.file, place.line, row.values)


def fault_in(owner: str, things: Sequence[Kept]) -> RefusedOrder | None:
    """Why the order is not taken, where one of its rows cannot be read: without it, it would be another order."""
    fault = next((thing for thing in things if thing.kind == FAULT), None)
    return None if fault is None else RefusedOrder(owner, fault.place, str(fault.value))
