"""The orders grid of a past moment over HTTP: GET /audit/grid?as_of= as JSON, /audit/grid.csv as a file.

The filters, the sort and the columns are the grid's own. Everything that fits is sent, in one answer; the log is folded
before the first byte, so that what goes wrong is told as a problem. One at a time in each process.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import BoundedSemaphore
from typing import Any, Protocol

import msgspec
from flask import Response, request

from eventstore.cursors import position_before
from eventstore.reader import LogReader
from projections.orders_grid.columns import MATCHES
from projections.orders_grid.parameters import PARAMETERS, parse_grid_query
from projections.orders_grid.past import PastRows
from projections.orders_grid.query import GridQuery
from projections.paging.parameters import read_integer, read_time
from projections.paging.query import InvalidParameterError, Match
from projections.paging.times import rfc3339
from web.audit.sending import sent, without_turn
from web.guard import View
from web.parameters import invalid_parameter
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.queries.export_files import csv_pieces
from web.queries.exporting import VISIBLE
from web.requests import unknown_parameters

LIMIT_MAX = 10_000_000
ROWS_AT_ONCE = 500
OWN = frozenset({"as_of", "position", "limit"})
NO_PAST = frozenset({"cursor", "count", "min_position", "limit"})
ASKED = PARAMETERS - NO_PAST


class PastGrid(Protocol):
    """Answers what the grid was."""

    def rows(self, query: GridQuery, position: int, limit: int | None = None) -> PastRows: ...


class Asked:
    """One question about the past, read from the parameters: the grid's query, up to where, how many rows."""

    def __init__(self, reader: LogReader, given: Mapping[str, Sequence[str]]) -> None:
        single = {name: values[0] for name, values in given.items()}
        self.moment, self.position = _point(reader, single)
        self.limit = read_integer("limit", single["limit"], 1, LIMIT_MAX) if "limit" in single else None
        self.query = parse_grid_query({name: values for name, values in given.items() if name in ASKED})


def grid_view(grid: PastGrid, reader: LogReader, turn: BoundedSemaphore) -> View:
    """GET /audit/grid?as_of= (or position=): the moment, the orders, how many, and those that could not be folded."""

    def view() -> Response:
        asked = _asked(reader, OWN)
        held, rows = _folded(grid, asked, turn)

        return sent(held, _object(asked.moment, rows), "application/json", {})

    return view


def grid_csv_view(grid: PastGrid, reader: LogReader, turn: BoundedSemaphore) -> View:
    """GET /audit/grid.csv: the same as a file, with ``columns`` and ``bom`` as the export of today's grid has them."""
    amounts = frozenset(name for name, match in MATCHES.items() if match is Match.NUMBERS) - {"item_count"}
    known = ("order_id", *MATCHES)

    def view() -> Response:
        asked = _asked(reader, OWN | {"columns", "bom"})
        named = [name for name in request.args.get("columns", "").split(",") if name]
        if unknown := [name for name in named if name not in known]:
            raise invalid_parameter("columns", f"{unknown[0]} is none of: {', '.join(known)}.")
        held, rows = _folded(grid, asked, turn)

        pieces = csv_pieces(_decoded(rows.items()), named or VISIBLE, amounts, bom=request.args.get("bom") == "1")
        name = f'attachment; filename="orders-{asked.position}.csv"'
        headers = {"Content-Disposition": name, "Daybook-Position": str(rows.position)}
        return sent(held, pieces, "text/csv; charset=utf-8", headers)

    return view


def _object(moment: str, rows: PastRows) -> Iterator[bytes]:
    """The whole as one JSON object, piece by piece."""
    head = {"as_of": moment, "position": rows.position, "count": rows.count}
    yield msgspec.json.encode(head)[:-1] + b',"items":['
    between = b""
    items = rows.items()
    while piece := list(islice(items, ROWS_AT_ONCE)):
        yield between + b",".join(piece)
        between = b","
    unreadable = [{"order_id": each, "position": position} for each, position in rows.unreadable]
    yield b"]," + msgspec.json.encode({"unreadable": unreadable, "unreadable_count": rows.failed})[1:]


def _decoded(items: Iterator[bytes]) -> Iterator[list[dict[str, Any]]]:
    while piece := list(islice(items, ROWS_AT_ONCE)):
        yield msgspec.json.decode(b"[" + b",".join(piece) + b"]")


def _asked(reader: LogReader, own: frozenset[str] | set[str]) -> Asked:
    given = request.args.to_dict(flat=False)
    if strange := given.keys() - ASKED - own:
        raise unknown_parameters(sorted(strange))
    for name in given.keys() & own:
        if len(given[name]) > 1:
            raise invalid_parameter(name, "Given more than once.")
    try:
        return Asked(reader, given)
    except InvalidParameterError as error:
        raise invalid_parameter(error.name, error.message, malformed=error.malformed) from None


def _point(reader: LogReader, single: Mapping[str, str]) -> tuple[str, int]:
    """The moment that is asked for, as text, and the last position by then."""
    if ("as_of" in single) == ("position" in single):
        raise Problem(400, "missing_parameter", "as_of: Required: a moment, or a day (its end); or position instead.")
    if "position" in single:
        position = read_integer("position", single["position"], 1, 2**63 - 1)
        head = reader.head()
        if position > head:
            raise Problem(409, "position_unknown", f"The log ends at position {head}.", position=head)
        return rfc3339(reader.read_range(position, position)[0].recorded_at), position
    moment = read_time("as_of", single["as_of"], end_of_day=True)
    now = datetime.now(UTC)
    if moment > now:
        if single["as_of"] != now.date().isoformat():
            raise invalid_parameter("as_of", "Lies ahead: only what has passed can be asked for.", malformed=False)
        moment = now
    return rfc3339(moment), position_before(reader, moment + timedelta(microseconds=1))


def _folded(grid: PastGrid, asked: Asked, turn: BoundedSemaphore) -> tuple[ExitStack, PastRows]:
    """The rows, and what to let go of after them. The log is folded without a turn: no other request waits for it."""
    if not turn.acquire(blocking=False):
        detail = "The grid of another past moment is being made."
        raise Problem(503, "export_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
    held = ExitStack()
    held.callback(turn.release)
    try:
        with without_turn():
            rows = grid.rows(asked.query, asked.position, asked.limit)
            held.callback(rows.close)
    except BaseException:
        held.close()
        raise
    return held, rows
