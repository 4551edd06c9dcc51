"""How the read models are doing: how far behind the log, and what they could not fold."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from web.guard import View
from web.queries.answering import FRESH, json_answer
from web.queries.ports import Lags
from web.requests import refuse_parameters

MEASURES = {
    "lag_events": "Events not folded yet",
    "lag_seconds": "Age of the oldest of them",
    "parked": "Orders that could not be folded",
}


def projections_view(lags: Lags) -> View:
    """GET /queries/projections: lag and parked orders, with the error that parked each."""

    def view() -> Response:
        refuse_parameters(request)
        parked: dict[str, list[Any]] = {}
        for each in lags.parked():
            parked.setdefault(each.projection, []).append(
                {
                    "order_id": each.partition_id,
                    "position": each.position,
                    "error": each.error,
                    "since": each.since,
                    "attempts": each.attempts,
                }
            )
        items = [
            {
                "name": lag.projection,
                "position": lag.position,
                "lag_events": lag.events,
                "lag_seconds": round(lag.seconds, 3),
                "parked": parked.get(lag.projection, []),
            }
            for lag in lags.lags()
        ]
        return json_answer(msgspec.json.encode({"items": items}), FRESH)

    return view


def tell_lag(lags: Lags, projection: str, view: View) -> View:
    """The view, with headers that say how far its read model is behind the log."""

    def told(**arguments: Any) -> Response:
        response: Response = view(**arguments)
        lag = lags.of(projection)
        if lag is not None:
            response.headers["Daybook-Lag-Events"] = str(lag.events)
            response.headers["Daybook-Lag-Seconds"] = f"{lag.seconds:.3f}"
        return response

    return told


def lag_metrics(lags: Lags) -> Callable[[], bytes]:
    """What /metrics says of the read models, in Prometheus' text format."""

    def text() -> bytes:
        registry = CollectorRegistry()
        events = Gauge("daybook_projection_lag_events", "Events not folded yet", ["projection"], registry=registry)
        seconds = Gauge(
            "daybook_projection_lag_seconds", "Age of the oldest of them", ["projection"], registry=registry
        )
        parked = Gauge(
            "daybook_projection_parked", "Orders that could not be folded", ["projection"], registry=registry
        )
        for lag in lags.lags():
            events.labels(lag.projection).set(lag.events)
            seconds.labels(lag.projection).set(lag.seconds)
            parked.labels(lag.projection).set(lag.parked)
        return generate_latest(registry)

    return text
