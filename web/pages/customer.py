"""The customer's pages: an order behind its link, open to whoever has it, and the account of a customer who signed in.

They show what the customer's queries show and nothing of anybody else. They are not to be found by search engines, kept
by others, or told to where a link leads.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from access.roles import Role
from projections.orders.customer_orders import parse_customer_query
from web.guard import caller_now
from web.pages.formats import Writing
from web.pages.listing import Asked, asked_of, items_of, read
from web.pages.rendering import render
from web.pages.visitor import VISITOR, Visitor, visitor_now
from web.queries.answering import refuse_when_behind
from web.queries.ports import OrderQueries

TOKEN_MAX = 128
PRIVATE = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-store",
}
GERMAN = frozenset({"DE", "AT", "LI"})


def track_view(orders: OrderQueries) -> Callable[..., Any]:
    """GET /track/{token}."""

    def view(token: str) -> Response:
        known = len(token) <= TOKEN_MAX and "\0" not in token
        parcels = orders.tracking(token, None) if known else None
        if parcels is None:
            raise NotFound
        _speak_as(parcels)
        return render("track.html", headers=PRIVATE, order=parcels)

    return refuse_when_behind(view)


def _speak_as(parcels: Mapping[str, Any]) -> None:
    """In the language of the order: asked for, else that of where it goes, else the visitor's."""
    asked = request.args.get("lang", "")
    countries = {parcel["deliveryAddress"]["addressCountry"] for parcel in parcels["parcels"]}
    tag = asked or ("de-DE" if countries and countries <= GERMAN else "")
    visitor = visitor_now()
    if tag:
        writing = Writing.of("", str(visitor.writing.zone), tag[:20])
        request.environ[VISITOR] = Visitor(writing, visitor.caller, visitor.csrf, visitor.preferences)


def account_view(orders: OrderQueries) -> Callable[[], Any]:
    """GET /account: a customer's own orders."""

    def view() -> Any:
        caller = caller_now()
        if caller.role is not Role.CUSTOMER or caller.customer_id is None:
            return redirect("/", 303)
        asked: Asked = asked_of(frozenset({"cursor", "limit"}))
        found = orders.customer_orders(caller.customer_id, read(asked, parse_customer_query))
        following = asked.beyond(found.next)
        return render("account.html", headers=PRIVATE, orders=items_of(found), following=following)

    return view
