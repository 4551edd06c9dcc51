"""What operators and their machines ask: alive, ready, metrics, and the description of the API itself."""

import os
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from flask import Response, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from web.guard import View
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.requests import refuse_parameters

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Readiness(Protocol):
    """Knows whether this process can do its work now."""

    def complaints(self) -> Sequence[str]:
        """One sentence for each thing that is missing; nothing when ready."""

    def warnings(self) -> Sequence[str]:
        """One sentence for each thing that somebody has to look at while this process does its work."""

    def metrics(self) -> bytes:
        """The same as figures, in Prometheus' text format."""


def health() -> Response:
    """GET /healthz: the process answers."""
    refuse_parameters(request)
    return Response(b'{"status":"alive"}', content_type="application/json")


def ready_view(readiness: Readiness) -> View:
    """GET /readyz: the process can do its work; "degraded" when somebody has to look at something all the same."""

    def view() -> Response:
        refuse_parameters(request)
        complaints = list(readiness.complaints())
        if complaints:
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            raise Problem(503, "not_ready", " ".join(complaints), headers=headers)
        warnings = list(readiness.warnings())
        answer = {"status": "degraded", "warnings": warnings} if warnings else {"status": "ready"}
        return Response(msgspec.json.encode(answer), content_type="application/json")

    return view


def metrics_view(more: Callable[[], bytes]) -> View:
    """GET /metrics: of all processes when they share a folder for it, else of this one; and ``more``."""

    def view() -> Response:
        refuse_parameters(request)
        registry = REGISTRY
        if MULTIPROCESS_VARIABLE in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry) + more(), content_type=CONTENT_TYPE_LATEST)

    return view


def description_view(document: dict[str, object]) -> View:
    """GET /openapi.json."""
    body = msgspec.json.encode(document)

    def view() -> Response:
        refuse_parameters(request)
        return Response(body, content_type="application/json", headers={"Cache-Control": "no-cache"})

    return view
