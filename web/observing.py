"""What we see of the traffic: one log line and two metrics per request, and the headers that every answer carries.

A line names the path's template, never the path: a tracking link is a secret, and so is a key. Personal data never
gets here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from flask import Flask, request
from prometheus_client import Counter, Histogram

from web.guard import CALLER, View
from web.requests import correlation_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from access.roles import Caller

REQUESTS = Counter("daybook_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "daybook_http_request_seconds",
    "Time until the answer was ready.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
FIXED = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
CORRELATION = "daybook.correlation_id"
ROUTE = "daybook.route"
# Set by who sends the fixed headers itself, with values of its own: a page.
OWN_HEADERS = "daybook.own_headers"
# What is said of the rate limit of the caller's key, where there is one.
RATE_LIMIT = "daybook.rate_limit"

log = structlog.get_logger("web")


def install(app: Flask) -> None:
    """Observe every request of the app."""
    app.wsgi_app = Observed(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way to wrap


def routed(path: str, view: View) -> View:
    """The view, whose requests are noted under the template of their path."""

    def noted(**arguments: Any) -> Any:
        request.environ[ROUTE] = path
        return view(**arguments)

    return noted


def correlation() -> UUID:
    """The correlation id of the request at hand."""
    return request.environ[CORRELATION]  # type: ignore[no-any-return]


class Observed:
    """WSGI middleware around the whole application, below Flask: its hooks cost twice as much for every request."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        environ[CORRELATION] = correlation_id(environ)
        correlation = str(environ[CORRELATION])
        answered = 0

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal answered
            answered = int(status[:3])
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(("Cache-Control", "no-store"))
            fixed = () if OWN_HEADERS in environ else FIXED
            limited = environ.get(RATE_LIMIT, ())
            return start_response(status, [*headers, ("X-Correlation-ID", correlation), *limited, *fixed], exc_info)

        answer = self._inner(environ, start)
        _observe(environ, answered, correlation, time.perf_counter() - began)
        return answer


def _observe(environ: WSGIEnvironment, status: int, correlation: str, seconds: float) -> None:
    method = environ["REQUEST_METHOD"]
    method = method if method in METHODS else "OTHER"
    route = environ.get(ROUTE, "-")
    caller: Caller | None = environ.get(CALLER)
    _count(method, route, status, seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        duration_ms=round(seconds * 1000, 3),
        role=caller.role.value if caller else None,
        key_id=caller.key_id if caller else None,
        correlation_id=correlation,
    )


@cache
def _meters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The two series of one kind of request; their number is bounded by routes times statuses."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


def _count(method: str, route: str, status: int, seconds: float) -> None:
    counter, histogram = _meters(method, route, status)
    counter.inc()
    histogram.observe(seconds)
