"""Events as Server-Sent Events: what there is, then what comes, until the reader leaves or its key stops working.

It ends by itself after a while, which every reader of such streams answers by asking again from where it was; so
streams spread over the processes, and a server that stops is not held up for long. It holds a turn only while it reads.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic

import msgspec
import psycopg

from eventstore.errors import LogUnavailable
from projections.public_events.reading import EventPage, EventsAsked
from projections.public_events.values import Json
from web.audit.ports import EventFeed, News
from web.capacity import Turn, at_work
from web.problems import Problem

STREAM_SECONDS = 300.0
BEAT_SECONDS = 5.0
RETRY_MS = 1_000

encode = msgspec.json.Encoder().encode


def stream(
    events: EventFeed,
    news: News,
    asked: EventsAsked,
    turn: Turn | None,
    allowed: Callable[[], bool],
    *,
    audit: bool,
) -> Iterator[bytes]:
    """The pieces of the answer."""
    yield b"retry: %d\n\n" % RETRY_MS
    until = monotonic() + STREAM_SECONDS
    while monotonic() < until and allowed():
        mark = news.mark()
        page = _page(events, asked, turn, audit=audit)
        if page is None:
            return
        moved = page.position > asked.after
        asked = replace(asked, after=page.position)
        if page.events:
            yield b"".join([_event(event) for event in page.events])
        elif not moved and not news.wait(mark, BEAT_SECONDS):
            yield b"id: %d\n\n" % page.position  # without data: no event, but the place to go on from


def _page(events: EventFeed, asked: EventsAsked, turn: Turn | None, *, audit: bool) -> EventPage | None:
    try:
        with at_work(turn):
            return events.page(asked, audit=audit)
    except (Problem, LogUnavailable, psycopg.OperationalError):
        return None  # the reader asks again, and is told why not


def _event(event: Json) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event["position"], event["type"].encode(), encode(event))
