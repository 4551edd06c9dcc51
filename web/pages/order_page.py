"""The page of one order: what it is, what is waiting, its money, parcels and papers, its story, and every form.

Everything comes from the order as the query shows it; which forms there are is what it says that it accepts.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import NotFound

from access.roles import RIGHTS, Right
from web.guard import caller_now
from web.pages import command_words
from web.pages.acting import Acting
from web.pages.approvals import waiting_for
from web.pages.rendering import render
from web.parameters import single_parameters
from web.queries.answering import place_asked, refuse_when_behind
from web.queries.ports import ApprovalQueries, OrderQueries

Shown = Mapping[str, Any]
# Of the facts of events: what is shown in a way of its own, and what concerns nobody who reads a timeline.
# What asks the carrier for labels: of no use where it has never been asked for one.
LABELS = frozenset({"request-label", "void-label"})
UNTELLING = frozenset(
    {"text", "currency", "stationery", "notify", "source", "dated_at", "waived", "prefix", "event_stream"}
)


class OrderPage:
    """The view of an order."""

    def __init__(self, orders: OrderQueries, acting: Acting, approvals: ApprovalQueries) -> None:
        self._orders = orders
        self._approvals = approvals
        self._acting = acting

    def page(self, order_id: UUID) -> Response:
        """GET /orders/{order_id}."""
        return refuse_when_behind(lambda: self._page(order_id))()  # type: ignore[no-any-return]

    def _page(self, order_id: UUID) -> Response:
        given = single_parameters(request, {"timeline_before", "min_position"})
        reasons = Right.AUDIT in RIGHTS[caller_now().role]
        places = [place_asked(given, name) for name in ("min_position", "timeline_before")]
        order = self._orders.order_detail(order_id, *places, reasons=reasons)
        if order is None:
            raise NotFound
        acts = Right.COMMAND in RIGHTS[caller_now().role]
        of_shipment = self._of("shipments") if acts else []
        return render(
            "order.html",
            order=order,
            allowed=self._commands([f"orders/{name}" for name in order["allowed_commands"]]) if acts else [],
            refused=_refused(order) if acts else [],
            of_invoice=self._of("invoices") if acts else [],
            of_shipment=of_shipment,
            of_unlabelled=[each for each in of_shipment if each[0] not in LABELS],
            of_memo=self._of("credit-memos") if acts else [],
            waits=waits(order),
            waiting_for=[(command_words.called(each["command"]), each) for each in self._waiting_for(order_id)],
            telling=telling,
            texts={line["line_id"]: line["name"] or line["sku"] for line in order["lines"]},
        )

    def _waiting_for(self, order_id: UUID) -> list[Shown]:
        return list(waiting_for(self._approvals, order_id))

    def _of(self, collection: str) -> list[tuple[str, str]]:
        return self._commands([f"{collection}/{verb}" for verb in self._acting.verbs(collection)])

    def _commands(self, names: list[str]) -> list[tuple[str, str]]:
        """Verb and words of each command."""
        known = [name for name in names if self._acting.knows(name)]
        return [(name.partition("/")[2], command_words.called(name)) for name in command_words.in_order(known)]


def _refused(order: Shown) -> list[tuple[str, Shown]]:
    """What is not possible now, and why."""
    refused: Mapping[str, Shown] = order["refused_commands"]
    names = command_words.in_order([f"orders/{name}" for name in refused])
    return [(command_words.called(name), refused[name.partition("/")[2]]) for name in names]


def telling(told: Shown) -> dict[str, Any]:
    """Of what an event has in it, what a person wants to read: no ids, no zeros, nothing that stands above."""
    if told["type"] in {"OrderPlaced", "OrderAmended"}:
        return {}
    return {
        name: value
        for name, value in told["facts"].items()
        if name not in UNTELLING and not name.endswith("_id") and value is not False and _something(value)
    }


def _something(value: Any) -> bool:
    return not isinstance(value, str) or bool(value.strip("0."))


def waits(order: Shown) -> dict[str, int]:
    """How many units wait for an invoice, and how many for a parcel."""
    return {
        "to_invoice": sum(line["to_invoice"] for line in order["lines"]),
        "to_ship": sum(line["to_ship"] for line in order["lines"] if line["shippable"]),
    }
