"""The pages for who looks at the whole: the dashboard, the audit trail, and the settings."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from access.sessions import Sessions
from web.audit.ports import AuditTrail
from web.guard import caller_now
from web.pages.charts import Bar, bars
from web.pages.formats import locale_of, zone_names, zone_of
from web.pages.rendering import render
from web.pages.visitor import visitor_now
from web.parameters import single_parameters, whole_number
from web.queries.dashboard import Dashboard, days_asked
from web.queries.ports import Lags, OrderQueries

EVENTS_MAX = 200
TAGS = ("en-GB", "en-US", "de-DE", "de-AT", "de-CH", "fr-FR", "es-ES", "pt-PT", "it-IT", "nl-NL", "ja-JP")


class Insight:
    """The views of dashboard and audit."""

    def __init__(self, orders: OrderQueries, dashboard: Dashboard, lags: Lags, audit: AuditTrail) -> None:
        self._orders = orders
        self._dashboard = dashboard
        self._lags = lags
        self._audit = audit

    def dashboard(self) -> Response:
        """GET /dashboard."""
        days = days_asked()
        figures = self._dashboard.figures(days)
        by_day = _every_day(figures["by_day"], days)
        return render(
            "dashboard.html",
            figures=figures,
            by_day=by_day,
            orders_chart=_chart(by_day, "orders"),
            revenue_chart=_chart(by_day, "revenue"),
            counts=self._orders.status_counts(),
            lags=self._lags.lags(),
            length=_length,
        )

    def audit(self) -> Response:
        """GET /audit: what happened to keys and periods, and the way to an order's history."""
        given = single_parameters(request, {"cursor"})
        after = whole_number(given, "cursor", 0, 0, 2**63 - 1)
        events = self._audit.access_events(after, EVENTS_MAX + 1)
        following = events[EVENTS_MAX - 1]["position"] if len(events) > EVENTS_MAX else None
        return render("audit.html", events=events[:EVENTS_MAX], following=following)

    def order_history(self, order_id: UUID) -> Response:
        """GET /audit/history/{order_id}: event by event, with what each changed."""
        given = single_parameters(request, {"cursor"})
        after = whole_number(given, "cursor", 0, 0, 2**63 - 1)
        events = self._audit.order_events(order_id, after, EVENTS_MAX + 1)
        if events is None:
            raise NotFound
        order = self._orders.order_detail(order_id, None, None, reasons=True) or {}
        changes = {told["position"]: told["changes"] for told in order.get("timeline", ())}
        following = events[EVENTS_MAX - 1]["position"] if len(events) > EVENTS_MAX else None
        return render(
            "order_history.html",
            order=order,
            order_id=order_id,
            events=events[:EVENTS_MAX],
            following=following,
            changes=changes,
        )


def _every_day(found: list[Mapping[str, Any]], days: int) -> list[dict[str, Any]]:
    """A row for each day, also for those on which nothing happened."""
    known = {each["day"]: each for each in found}
    today = datetime.now(UTC).date()
    wanted = [(today - timedelta(days=back)).isoformat() for back in reversed(range(days))]
    return [dict(known.get(day, {"day": day, "orders": 0, "revenue": "0"})) for day in wanted]


def _chart(by_day: list[dict[str, Any]], name: str) -> Any:
    writing = visitor_now().writing
    return bars(
        [
            Bar(
                str(date.fromisoformat(each["day"]).day),
                float(each[name]),
                f"{writing.day(each['day'])}: {writing.number(Decimal(each[name]))}",
            )
            for each in by_day
        ],
        writing.number,
    )


def _length(seconds: float | None) -> str:
    return "" if seconds is None else visitor_now().writing.span(timedelta(seconds=seconds))


class Settings:
    """The view of the settings."""

    def __init__(self, sessions: Sessions, choices: Mapping[str, tuple[str, ...]]) -> None:
        self._sessions = sessions
        self._choices = choices

    def page(self) -> Response:
        """GET /settings."""
        return render("settings.html", zones=zone_names(), tags=TAGS, choices=self._choices)

    def prefer(self) -> Any:
        """POST /settings: keep language and time zone."""
        language, zone = request.form.get("language", ""), request.form.get("zone", "")
        known = locale_of(language) if language else None
        chosen = {"language": language if known else "", "zone": zone if zone and zone_of(zone) else ""}
        self._sessions.prefer(caller_now().key_id, chosen)
        return redirect("/settings", 303)
