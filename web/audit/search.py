"""Searching the log over HTTP: GET /audit/events with conditions, a page of JSON at a time, newest first.

The same path is the feed (``feed``). A request that names a parameter of the search, or that accepts application/json
and nothing of the feed's kind, is a search; every other one is the feed: who follows the log is never surprised.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from eventstore.event_keys import KeysAsked, KeysBehind
from projections.audit.search import SearchAsked, SearchPage
from projections.paging.parameters import read_number, read_time
from projections.paging.query import InvalidParameterError
from projections.paging.words import asked_words
from web.audit.feed import LINES, STREAM
from web.guard import View
from web.parameters import invalid_parameter, single_parameters, whole_number
from web.problems import RETRY_AFTER_SECONDS, Problem

LIMIT_DEFAULT = 100
LIMIT_MAX = 500
TEXT_MAX = 200
OF_SEARCH = frozenset(
    {"actor", "command_id", "correlation_id", "type", "reason", "recorded_from", "recorded_to", "amount"}
    | {"sort", "cursor"}
)
OF_FEED = frozenset({"after", "types", "wait"})
OF_BOTH = frozenset({"order_id", "limit"})
SORTS = ("-position", "position")


class Search(Protocol):
    """Finds events. Raises KeysBehind."""

    def page(self, asked: SearchAsked) -> SearchPage: ...

    def topics(self, types: list[str]) -> list[str]:
        """The types that these names and patterns stand for; ValueError names one that stands for none."""


def events_view(feed: View, search: Search) -> View:
    """GET /audit/events: the search, or else the feed."""

    def view() -> Response:
        if not _is_search():
            answer: Response = feed()
            return answer
        given = single_parameters(request, OF_SEARCH | OF_FEED | OF_BOTH)
        if foreign := sorted(given.keys() & OF_FEED):
            message = "Belongs to the feed, which takes none of the search's parameters; see docs/reference/audit.md."
            raise invalid_parameter(foreign[0], message)
        return answered(lambda: _page(given, search.page(asked_of(given, search))))

    return view


def answered(ask: Any) -> Response:
    """What was asked, or why the log cannot be searched to its end yet."""
    try:
        answer: Response = ask()
    except KeysBehind as behind:
        detail = f"{behind} Ask again in a moment."
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
        raise Problem(503, "search_behind", detail, headers=headers, position=behind.position) from behind
    return answer


def _is_search() -> bool:
    if request.args.keys() & OF_SEARCH:
        return True
    accepted = request.headers.get("Accept", "")
    json = "application/json" in accepted and LINES not in accepted and STREAM not in accepted
    return json and not request.args.keys() & OF_FEED


def asked_of(given: Mapping[str, str], search: Search) -> SearchAsked:
    """The search that these parameters ask for. Raises Problem."""
    try:
        return _asked(given, search)
    except InvalidParameterError as wrong:
        raise invalid_parameter(wrong.name, wrong.message, malformed=wrong.malformed) from wrong


def _asked(given: Mapping[str, str], search: Search) -> SearchAsked:
    sort = given.get("sort", SORTS[0])
    if sort not in SORTS:
        raise invalid_parameter("sort", f"Must be one of {', '.join(SORTS)}.")
    beyond, backward = _cursor(given.get("cursor"))
    return SearchAsked(
        keys=KeysAsked(
            topics=_topics(given["type"], search) if "type" in given else None,
            correlation_id=_uuid(given, "correlation_id"),
            command_id=_uuid(given, "command_id"),
            order_id=_uuid(given, "order_id"),
        ),
        actor=_text(given, "actor"),
        amount=read_number("amount", given["amount"]) if "amount" in given else None,
        reason=_words(_text(given, "reason")),
        recorded_from=_time(given, "recorded_from", end=False),
        recorded_to=_time(given, "recorded_to", end=True),
        down=sort == SORTS[0],
        limit=whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX),
        beyond=beyond,
        backward=backward,
    )


def _topics(types: str, search: Search) -> list[str]:
    try:
        return search.topics([name for name in types.split(",") if name])
    except ValueError as unknown:
        message = f"There are no events {unknown}. See docs/reference/public-events.md for all."
        raise invalid_parameter("type", message, malformed=False) from None


def _uuid(given: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(given[name]) if name in given else None
    except ValueError:
        raise invalid_parameter(name, "Must be a UUID.") from None


def _text(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is not None and (not text.strip() or len(text) > TEXT_MAX or "\0" in text):
        raise invalid_parameter(name, f"Must be a text of at most {TEXT_MAX} characters.", malformed=False)
    return text


def _words(text: str | None) -> str | None:
    if text is not None and not asked_words(text):
        raise invalid_parameter("reason", "Must have a word in it.", malformed=False)
    return text


def _time(given: Mapping[str, str], name: str, *, end: bool) -> Any:
    return read_time(name, given[name], end_of_day=end) if name in given else None


def _cursor(token: str | None) -> tuple[int | None, bool]:
    """The position that a page begins beyond, and whether it is the page before."""
    if token is None:
        return None, False
    direction, _, position = token.partition(".")
    if direction not in {"next", "previous"} or not (position.isascii() and position.isdigit() and len(position) < 19):
        raise invalid_parameter("cursor", "This is no cursor of this list.")
    return int(position), direction == "previous"


def _page(given: Mapping[str, str], page: SearchPage) -> Response:
    def place(direction: str, position: int | None) -> str | None:
        kept = {name: value for name, value in given.items() if name != "cursor"}
        cursor = {"cursor": f"{direction}.{position}"}
        return None if position is None else f"{request.path}?{urlencode(kept | cursor)}"

    body = {
        "items": page.items,
        "next": place("next", page.next),
        "previous": place("previous", page.previous),
        "position": page.position,
    }
    return Response(msgspec.json.encode(body), content_type="application/json", headers={"Cache-Control": "no-store"})
