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
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from web.requests import correlation_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from web.auth import Caller

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

log = structlog.get_logger("web")


def install(app: Flask) -> None:
    """Observe every request of the app."""
    app.wsgi_app = FixedHeaders(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way to wrap
    app.before_request(_begin)
    app.after_request(_end)


def correlation() -> UUID:
    """The correlation id of the request at hand."""
    return g.correlation_id  # type: ignore[no-any-return]


def _begin() -> None:
    g.started = time.perf_counter()
    g.correlation_id = correlation_id(request)


def _end(response: Response) -> Response:
    if "started" in g:
        _observe(response, time.perf_counter() - g.started)
    return response


def _observe(response: Response, seconds: float) -> None:
    method = request.method if request.method in METHODS else "OTHER"
    route = request.url_rule.rule if request.url_rule else "-"
    caller: Caller | None = g.get("caller")
    correlation = str(g.correlation_id)
    response.headers.add("X-Correlation-ID", correlation)
    _count(method, route, response.status_code, seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=response.status_code,
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


class FixedHeaders:
    """WSGI middleware: the headers that every answer carries, and ``Cache-Control`` where a view set none."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(("Cache-Control", "no-store"))
            return start_response(status, headers + FIXED, exc_info)

        return self._inner(environ, start)
