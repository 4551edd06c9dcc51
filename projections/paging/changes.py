"""What changed in a list since a position of the log: for programs that keep up with it and may miss nothing.

The rows come in the order of their last change, and none is handed out before everything up to there is in the list: so
who goes on where an answer ended gets every change once, however many workers fold the log. Changes of one position
(an event that moves an invoice and a parcel) stay together, so a page may be longer than asked for.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import Connection

from eventstore import feed
from projections.engine.parking import parked_ids
from projections.engine.positions import PositionUnknown
from projections.paging.filters import Condition
from projections.paging.query import GridPage, InvalidParameterError, Warned
from projections.paging.reading import read_items

PARAMETER = "after"
# What says otherwise where to begin, or in which order.
_EXCLUDED = ("cursor", "sort", "count")
NAMED_MAX = 20


def check_alone(given: Sequence[str]) -> None:
    """Refuse parameters that make no sense beside ``after``. Raises InvalidParameterError."""
    if PARAMETER in given:
        for name in _EXCLUDED:
            if name in given:
                raise InvalidParameterError(name, "Leave it out with after=, which has its own order and place.")


def changes(
    connection: Connection[Any],
    table: str,
    conditions: Sequence[Condition],
    after: int,
    *,
    limit: int,
    min_position: int | None,
) -> GridPage:
    """The rows of ``read.table`` that changed behind position ``after``; ``after`` of the page is where to go on.

    The table keeps ``updated_at`` and ``position`` of each row's last change. Raises positions.Behind, PositionUnknown.
    """
    shown = f"(SELECT coalesce(min(position), 0) FROM read.positions WHERE projection = '{table}')"  # noqa: S608
    wheres = [
        *conditions,
        Condition(f"(updated_at, position) > ({feed.RECORDED_BY}, %s::bigint)", (after, after)),
        Condition(f"position <= {shown}"),
    ]
    statement = (
        f"SELECT item FROM read.{table} WHERE {' AND '.join([each.text for each in wheres])} "  # noqa: S608
        f"ORDER BY updated_at, position FETCH FIRST {limit} ROWS WITH TIES"
    )
    parameters = [value for each in wheres for value in each.parameters]
    position, items = read_items(connection, table, min_position, statement, parameters)
    if after > position and after > (head := feed.head(connection)):
        raise PositionUnknown(after, head)
    reached = _position(items[-1]) if len(items) >= limit else position
    return GridPage(b",".join(items), None, None, position, None, _missing(connection, table), max(after, reached))


class _Place(msgspec.Struct):
    position: int


_decode_place = msgspec.json.Decoder(_Place).decode


def _position(item: bytes) -> int:
    return _decode_place(item).position


def _missing(connection: Connection[Any], table: str) -> Sequence[Warned]:
    """Which orders are not shown as they are, because they wait for a repair."""
    waiting = sorted(map(str, parked_ids(connection, table)))
    if not waiting:
        return ()
    named = ", ".join(waiting[:NAMED_MAX])
    text = f"Not shown as they are now, see /queries/projections; ask for them once they are repaired: {named}."
    return (Warned(PARAMETER, text),)
