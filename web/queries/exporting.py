"""Lists as files: GET /queries/{list}.csv and .xlsx, with the filters and the sort of the list itself.

The rows are the list's rows of one moment, whatever happens while they are sent. A few at once and no more: each takes
a connection of the database for as long as its reader reads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from threading import BoundedSemaphore
from typing import Any, Protocol

from flask import Response, request

from projections.documents.kind import Form, Kind
from projections.documents.kinds import KINDS
from projections.documents.parameters import DocumentQuery, parameters, parse_document_query
from projections.orders_grid import columns as grid_columns
from projections.orders_grid.parameters import PARAMETERS, parse_grid_query
from projections.orders_grid.query import GridQuery
from projections.paging.query import InvalidParameterError
from web.capacity import TURN
from web.guard import View
from web.parameters import invalid_parameter
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.queries.answering import refuse_when_behind
from web.queries.export_files import ROWS_MAX, TooManyRows, csv_pieces, pieces_of, xlsx_file
from web.requests import unknown_parameters

AT_ONCE = 2
OWN = frozenset({"columns", "bom"})
NO_EXPORT = frozenset({"limit", "cursor", "count", "after"})
VISIBLE = (
    "order_number",
    "store",
    "purchased_at",
    "bill_to_name",
    "ship_to_name",
    "base_grand_total",
    "grand_total",
    "currency",
    "status",
)
EXPORTED = tuple(kind for kind in KINDS.values() if kind.exported)
TIMES = grid_columns.names_of(grid_columns.Kind.TIME).union(*(kind.names_of(Form.TIME) for kind in EXPORTED))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Pieces = Iterator[list[dict[str, Any]]]
Given = Mapping[str, Sequence[str]]


class Exports(Protocol):
    """Reads whole lists, a piece at a time, of one snapshot."""

    def orders(self, query: GridQuery) -> Pieces: ...

    def documents(self, query: DocumentQuery) -> Pieces: ...


class Listing:
    """What a list is exported as: its columns, which of them are amounts, and how its rows are read."""

    def __init__(
        self,
        name: str,
        known: Sequence[str],
        usual: Sequence[str],
        asked: frozenset[str],
        *,
        amounts: frozenset[str],
        read: Callable[[Given], Pieces],
    ) -> None:
        self.name = name
        self.known = known
        self.usual = usual
        self.asked = asked - NO_EXPORT
        self.read = read
        self.amounts = amounts


def listings(exports: Exports) -> list[Listing]:
    """Every list that can be exported."""
    known = ("order_id", *grid_columns.MATCHES)
    amounts = grid_columns.names_of(grid_columns.Kind.AMOUNT)

    def read(given: Given) -> Pieces:
        return exports.orders(parse_grid_query(given))

    orders = Listing("orders", known, VISIBLE, PARAMETERS, amounts=amounts, read=read)
    return [orders, *(_documents(exports, kind) for kind in EXPORTED)]


def _documents(exports: Exports, kind: Kind) -> Listing:
    usual = [name for name in kind.exported if not name.endswith("_id")]

    def read(given: Given) -> Pieces:
        return exports.documents(parse_document_query(kind, given))

    amounts = kind.names_of(Form.AMOUNT)
    return Listing(kind.name, kind.exported, usual, parameters(kind), amounts=amounts, read=read)


def csv_view(listing: Listing, turns: BoundedSemaphore) -> View:
    """GET /queries/{list}.csv."""

    def view() -> Response:
        given, columns = _asked(listing, {"bom"})
        bom = _flag(given.pop("bom", None))
        held, rows = _begun(listing, given, turns)

        def pieces() -> Iterator[bytes]:
            with held:
                yield from csv_pieces(rows, columns, listing.amounts, bom=bom)

        return _file(listing, "csv", "text/csv; charset=utf-8", pieces())

    return refuse_when_behind(view)


def xlsx_view(listing: Listing, turns: BoundedSemaphore) -> View:
    """GET /queries/{list}.xlsx: written whole before it is sent, so that a list that is too long is refused at once."""

    def view() -> Response:
        given, columns = _asked(listing, set())
        held, rows = _begun(listing, given, turns)
        turn = request.environ.get(TURN)
        if turn is not None:  # a long list takes its time, and no other request waits for it
            turn.give_back()
        with held:
            try:
                file = xlsx_file(rows, columns, listing.amounts, TIMES)
            except TooManyRows:
                detail = f"A worksheet has {ROWS_MAX} rows and this list has more. Ask for .csv, or narrow it down."
                raise Problem(422, "too_many_rows", detail) from None
        if turn is not None:
            turn.take()
        return _file(listing, "xlsx", XLSX, pieces_of(file))

    return refuse_when_behind(view)


def _begun(listing: Listing, given: Given, turns: BoundedSemaphore) -> tuple[ExitStack, Pieces]:
    """The rows, of which the first piece was read: what is wrong with the question is said before anything is sent."""
    if not turns.acquire(blocking=False):
        detail = "Too many exports run at the moment."
        raise Problem(503, "export_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
    held = ExitStack()
    held.callback(turns.release)
    try:
        rows = listing.read(given)
        held.callback(rows.close)  # type: ignore[attr-defined]  # a generator
        first = next(rows, [])
    except InvalidParameterError as error:
        held.close()
        raise invalid_parameter(error.name, error.message, malformed=error.malformed) from None
    except BaseException:
        held.close()
        raise
    return held, chain([first], rows)


def _asked(listing: Listing, own: set[str]) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = request.args.to_dict(flat=False)
    strange = given.keys() - listing.asked - own - {"columns"}
    if strange:
        raise unknown_parameters(sorted(strange))
    asked = ",".join(given.pop("columns", [])).split(",")
    columns = [name for name in dict.fromkeys(asked) if name]
    unknown = [name for name in columns if name not in listing.known]
    if unknown:
        raise invalid_parameter("columns", f"{unknown[0]} is none of: {', '.join(listing.known)}.")
    return given, columns or list(listing.usual)


def _flag(values: list[str] | None) -> bool:
    if values not in (None, ["0"], ["1"]):
        raise invalid_parameter("bom", "Must be 1 or 0.")
    return values == ["1"]


def _file(listing: Listing, ending: str, content_type: str, pieces: Iterator[bytes]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{listing.name}.{ending}"', "Cache-Control": "no-store"}
    return Response(pieces, headers=headers, content_type=content_type)
