"""What we see of the traffic: one log line and two metrics per request, and the headers that every answer carries.

A line names the path's template, never the path: a tracking link is a secret, and so is a key. Personal data never
gets here.
"""

import time
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from web.requests import correlation_id

if TYPE_CHECKING:
    from web.auth import Caller

REQUESTS = Counter("daybook_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "daybook_http_request_seconds",
    "Time until the answer was ready.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})

log = structlog.get_logger("web")


def install(app: Flask) -> None:
    """Observe every request of the app."""
    app.before_request(_begin)
    app.after_request(_end)


def correlation() -> UUID:
    """The correlation id of the request at hand."""
    return g.correlation_id  # type: ignore[no-any-return]


def _begin() -> None:
    g.started = time.perf_counter()
    g.correlation_id = correlation_id(request)


def _end(response: Response) -> Response:
    headers = response.headers
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    if "started" in g:
        _observe(response)
    return response


def _observe(response: Response) -> None:
    seconds = time.perf_counter() - g.started
    method = request.method if request.method in METHODS else "OTHER"
    route = request.url_rule.rule if request.url_rule else "-"
    caller: Caller | None = g.get("caller")
    response.headers["X-Correlation-ID"] = str(g.correlation_id)
    REQUESTS.labels(method, route, str(response.status_code)).inc()
    SECONDS.labels(route).observe(seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=response.status_code,
        duration_ms=round(seconds * 1000, 3),
        role=caller.role.value if caller else None,
        key_id=caller.key_id if caller else None,
        correlation_id=str(g.correlation_id),
    )
