"""The feed: GET /audit/events and /queries/events, every event of the log in order, from any position on.

As lines of JSON, a page at a time, waiting up to WAIT_SECONDS for the next one where asked; or as a stream of
Server-Sent Events. Who waits holds no turn, so that the feed keeps nobody from working; and only so many wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore
from time import monotonic
from uuid import UUID

import msgspec
from flask import Response, request

from projections.public_events.reading import EventPage, EventsAsked
from web.audit.event_stream import stream
from web.audit.ports import EventFeed, News
from web.auth import Authenticate
from web.capacity import TURN, aside
from web.guard import View, caller_now
from web.parameters import invalid_parameter, single_parameters, whole_number
from web.problems import RETRY_AFTER_SECONDS, Problem, invalid_header

LIMIT_DEFAULT = 500
LIMIT_MAX = 5_000
WAIT_SECONDS = 30
WAITERS = 200
TYPES_MAX = 100
LINES = "application/x-ndjson"
STREAM = "text/event-stream"
POSITION = "Daybook-Position"
PARAMETERS = frozenset({"after", "limit", "types", "order_id", "wait"})

encode_lines = msgspec.json.Encoder().encode_lines


@dataclass(frozen=True, slots=True)
class Feed:
    """What the feed needs: who reads, who wakes, and who knows whether a key still works; ``places`` for who waits."""

    events: EventFeed
    news: News
    authenticate: Authenticate
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(WAITERS))


def feed_view(feed: Feed, *, audit: bool) -> View:
    """GET /audit/events for an ``audit``, GET /queries/events otherwise."""

    def view() -> Response:
        asked, wait = _asked(feed)
        head = feed.events.head()
        if asked.after > head:
            detail = f"There is no position {asked.after} in the log yet; its last one is {head}."
            raise Problem(409, "position_unknown", detail, position=head)
        if STREAM in request.headers.get("Accept", ""):
            return _streamed(feed, asked, audit=audit)
        page = _waited(feed, asked, wait, audit=audit)
        headers = {POSITION: str(page.position), "Cache-Control": "no-store"}
        return Response(encode_lines(page.events), headers=headers, content_type=LINES)

    return view


def _asked(feed: Feed) -> tuple[EventsAsked, int]:
    """Which events, and how many seconds to wait for one."""
    given = single_parameters(request, PARAMETERS)
    types = tuple(name for name in given.get("types", "").split(",") if name)
    asked = EventsAsked(
        _resumed(whole_number(given, "after", 0, 0, 2**63 - 1)),
        whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX),
        types,
        _order(given.get("order_id")),
    )
    if len(types) > TYPES_MAX:
        raise invalid_parameter("types", f"Must name at most {TYPES_MAX}.", malformed=False)
    if types:
        try:
            feed.events.matching(types)
        except ValueError as unknown:
            message = f"There are no events {unknown}. See docs/reference/public-events.md for all."
            raise invalid_parameter("types", message, malformed=False) from None
    return asked, whole_number(given, "wait", 0, 0, WAIT_SECONDS)


def _resumed(after: int) -> int:
    """Where to go on: what a stream's reader has seen last comes before the parameter."""
    last = request.headers.get("Last-Event-ID")
    if not last:
        return after
    if not (last.isascii() and last.isdigit() and len(last) < 19):
        raise invalid_header("Last-Event-ID", "Must be the id of an event of this stream: a position.")
    return int(last)


def _order(given: str | None) -> UUID | None:
    try:
        return None if given is None else UUID(given)
    except ValueError:
        raise invalid_parameter("order_id", "Must be the UUID of an order.") from None


def _waited(feed: Feed, asked: EventsAsked, wait: int, *, audit: bool) -> EventPage:
    """The page, or the first that has an event within so many seconds."""
    if not wait:
        return feed.events.page(asked, audit=audit)
    until = monotonic() + wait
    with _place(feed):
        while True:
            mark = feed.news.mark()
            page = feed.events.page(asked, audit=audit)
            left = until - monotonic()
            if page.events or left <= 0:
                return page
            asked = replace(asked, after=page.position)
            if page.position >= feed.events.head():
                with aside(request.environ):
                    feed.news.wait(mark, left)


def _streamed(feed: Feed, asked: EventsAsked, *, audit: bool) -> Response:
    if not feed.places.acquire(blocking=False):
        raise too_many_waiting()
    caller, key = caller_now(), request.headers.get("Authorization")

    def allowed() -> bool:
        try:
            return feed.authenticate(key) == caller
        except Problem:
            return False

    pieces = stream(feed.events, feed.news, asked, request.environ.get(TURN), allowed, audit=audit)
    answer = Response(pieces, content_type=STREAM, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    answer.call_on_close(feed.places.release)
    return answer


@contextmanager
def _place(feed: Feed) -> Iterator[None]:
    """A place among those who wait, for as long as the block lasts."""
    if not feed.places.acquire(blocking=False):
        raise too_many_waiting()
    try:
        yield
    finally:
        feed.places.release()


def too_many_waiting() -> Problem:
    detail = f"As many wait for events as can ({WAITERS} in each process). Ask again, or without wait."
    return Problem(503, "too_many_waiting", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
