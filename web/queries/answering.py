"""How every query answers: pages with their cursors, a bounded wait for a position, details with their version."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar
from urllib.parse import quote, unquote_plus

import msgspec
from flask import Response, request

from projections.engine.positions import Behind, PositionUnknown
from projections.paging.query import Cursor, GridPage, InvalidParameterError
from web.answers import JsonAnswer
from web.guard import View
from web.parameters import invalid_parameter, single_parameters, whole_number
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.requests import unknown_parameters

T = TypeVar("T")

# Where in a list to begin, which a link to another page says anew.
PLACE = frozenset({"after", "cursor", "min_position"})
# What a query may hold (RFC 3986); anything else that a client sent as it is gets its percent sign.
_AS_GIVEN = "%&=+!$'()*,;:@/?"

FRESH = {"Cache-Control": "private, no-cache"}


def refuse_when_behind(view: View) -> View:
    """The view, answering 503 with the position reached when that is still below the one asked for.

    A position that the log does not have is 409: waiting would not help.
    """

    def patient(**arguments: Any) -> Any:
        try:
            return view(**arguments)
        except PositionUnknown as unknown:
            raise Problem(409, unknown.code, str(unknown), position=unknown.position) from None
        except Behind as behind:
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            raise Problem(503, behind.code, str(behind), headers=headers, position=behind.position) from None

    return patient


def min_position() -> int | None:
    """The position that the reader wants to see at least, where nothing else can be asked."""
    return place_asked(single_parameters(request, {"min_position"}), "min_position")


def place_asked(given: Mapping[str, str], name: str) -> int | None:
    """The place in the log that a parameter names, if it is given."""
    return whole_number(given, name, 0, 0, 2**63 - 1) if name in given else None


def parse_query(known: AbstractSet[str], parse: Callable[[Mapping[str, Sequence[str]]], T]) -> T:
    """The query that the parameters of the request at hand ask."""
    given = request.args.to_dict(flat=False)
    if not given.keys() <= known:
        raise unknown_parameters(sorted(given.keys() - known))
    try:
        return parse(given)
    except InvalidParameterError as error:
        raise invalid_parameter(error.name, error.message, malformed=error.malformed) from None


def page_answer(page: GridPage) -> Response:
    """A page as JSON, around items that are JSON already."""
    tail: dict[str, Any] = {
        "next": _next(page),
        "previous": _url(page.previous),
        "position": page.position,
    }
    if page.count is not None:
        tail["count"] = page.count
    if page.warnings:
        tail["warnings"] = page.warnings
    return json_answer(b'{"items":[' + page.items + b"]," + msgspec.json.encode(tail)[1:])


def _next(page: GridPage) -> str | None:
    return _url(page.next) if page.after is None else _address(f"after={page.after}")


def _url(cursor: Cursor | None) -> str | None:
    """The same list with its filters, from ``cursor`` on."""
    return None if cursor is None else _address(f"cursor={cursor.token()}")


def _address(place: str) -> str:
    """The same list with its filters, from another place on."""
    given = request.query_string.decode("latin-1").split("&")
    kept = [pair for pair in given if pair and unquote_plus(pair.partition("=")[0]) not in PLACE]
    query = quote("&".join([*kept, place]), safe=_AS_GIVEN, encoding="latin-1")
    return f"{request.path}?{query}"


def versioned(document: Mapping[str, Any]) -> Response:
    """A document with its version as the ETag."""
    return json_answer(msgspec.json.encode(document), FRESH | {"ETag": etag(document)})


def etag(document: Mapping[str, Any]) -> str:
    return f'"{document["version"]}"'


def json_answer(body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return JsonAnswer(body, headers=dict(headers or {}))
