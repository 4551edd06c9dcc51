"""The orders grid at /: tabs, search, filters, columns, pages, and where a selection goes.

It reads the grid as the API does and shows what that says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Response, redirect, request

from access.saved_views import SavedViews
from access.sessions import Sessions
from projections.orders_grid.columns import STATUSES
from projections.orders_grid.parameters import PARAMETERS, parse_grid_query
from projections.paging.query import Count
from web.guard import caller_now
from web.pages import command_words, orders_columns
from web.pages.listing import Asked, Listed, asked_of, items_of, page_of, read, tidied
from web.pages.mass_actions import ACTIONS
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.pages.visitor import visitor_now
from web.problems import Problem
from web.queries.answering import refuse_when_behind
from web.queries.ports import OrderQueries
from web.saved_views import SaveView, keep, shown

COLUMNS = "orders.columns"
Choices = Mapping[str, tuple[str, ...]]


class OrdersGrid:
    """The views of the grid."""

    def __init__(self, orders: OrderQueries, sessions: Sessions, views: SavedViews, choices: Choices) -> None:
        self._orders = orders
        self._sessions = sessions
        self._views = views
        self._choices = choices

    def page(self) -> Any:
        """GET /."""
        return tidied() or refuse_when_behind(self._page)()

    def _page(self) -> Response:
        asked = asked_of(PARAMETERS)
        found = page_of(asked, parse_grid_query, self._orders.grid_page)
        language = visitor_now().writing.language
        known = orders_columns.columns(language)
        names = orders_columns.shown(asked.columns, visitor_now().preferences.get(COLUMNS, ""))
        listed = Listed(
            asked,
            [known[name] for name in names],
            items_of(found),
            asked.beyond(found.next),
            asked.beyond(found.previous),
            found.position,
            orders_columns.filters(language),
            found.warnings,
            (*(known[name] for name in names), *(each for name, each in known.items() if name not in names)),
            {"default_sort": "-purchased_at", "key": "order_id"},
        )
        counts = self._orders.status_counts()
        views = [shown(each, caller_now().key_id) for each in self._views.of(caller_now().key_id)]
        return render(
            "orders.html",
            listed=listed,
            tabs=[*_tabs(asked, counts), *_view_tabs(asked, views)],
            views=views,
            actions=[(name, command_words.called(name)) for name in ACTIONS],
            choices=self._choices,
        )

    def count(self) -> Response:
        """GET /orders/count: how many orders the filters match, as a word for the selection."""
        asked = asked_of(PARAMETERS)
        query = read(asked, parse_grid_query)
        found = self._orders.grid_page(replace(query, count=Count.EXACT, limit=1, cursor=None))
        return render("count.html", count=found.count)

    def choose_columns(self) -> Any:
        """POST /orders/columns: keep a person's columns and their order."""
        names = orders_columns.shown(tuple(_ordered(request.form)), "")
        chosen = "" if "usual" in request.form else ",".join(names)
        self._sessions.prefer(caller_now().key_id, {COLUMNS: chosen})
        kept = [pair for pair in parse_qsl(request.form.get("query", "")) if pair[0] != "columns"]
        return redirect(f"/?{urlencode(kept)}" if kept else "/", 303)

    def save_view(self) -> Any:
        """POST /views: keep what is shown under a name."""
        form = request.form
        said = {"name": form.get("name", ""), "query": form.get("query", ""), "shared": "shared" in form}
        names = [name for name in form.get("columns", "").split(",") if name]
        body = SaveView().load(said | {"columns": names})
        keep(self._views, body)
        return redirect(_view_address(body["query"], names), 303)

    def delete_view(self, view_id: UUID) -> Any:
        """POST /views/{view_id}/delete."""
        self._views.delete(caller_now().key_id, view_id)
        return redirect("/", 303)


def _view_address(query: str, columns: Sequence[str]) -> str:
    pairs = [*parse_qsl(query), *([("columns", ",".join(columns))] if columns else [])]
    return f"/?{urlencode(pairs)}" if pairs else "/"


def _view_tabs(asked: Asked, views: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each saved view; the one that is shown is marked."""
    now = sorted(parse_qsl(asked.query()))
    return [
        {
            "label": each["name"],
            "count": None,
            "address": _view_address(each["query"], each["columns"]),
            "current": bool(now) and sorted(parse_qsl(each["query"])) == now,
        }
        for each in views
    ]


def _ordered(form: Mapping[str, str]) -> list[str]:
    """The ticked columns by the place that each was given."""
    places = []
    for name in request.form.getlist("column"):
        place = form.get(f"place.{name}", "")
        places.append((int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 999, name))
    return [name for _, name in sorted(places, key=lambda each: each[0])]


def _tabs(asked: Asked, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """All, and each status that some order has."""
    now = asked.every("status")
    alone = len(now) == 1 and {name for name, _ in asked.filters} == {"status"}
    tabs = [{"label": _("All"), "count": sum(counts.values()), "address": "/", "current": not asked.filters}]
    used = [status for status in STATUSES if counts.get(status) or status in now]
    return tabs + [
        {
            "label": _(status),
            "count": counts.get(status, 0),
            "address": f"/?{urlencode({'status': status})}",
            "current": alone and status in now,
        }
        for status in used
    ]


def find_view(orders: OrderQueries, home: str = "/orders") -> Any:
    """GET /find: straight to the order when only one is found, else to the list of what is."""

    def view() -> Any:
        words = request.args.get("q", "").strip()
        if not words:
            return redirect("/", 303)
        asked = Asked("/", (("q", words[:1000]),))
        try:
            found = items_of(orders.grid_page(read(asked, parse_grid_query)))
        except Problem:
            found = []
        if len(found) == 1:
            return redirect(f"{home}/{found[0]['order_id']}", 303)
        return redirect(asked.address(), 303)

    return view
