"""The lists of invoices, shipments, credit memos, batches and dispatches: one view for all, a table of columns each.

They are asked what the API's lists are asked.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Response, redirect
from werkzeug.exceptions import NotFound

from projections.documents.parameters import (
    AMOUNT,
    DocumentQuery,
    choice_columns,
    name_filters,
    parameters,
    parse_document_query,
    sorts,
)
from projections.documents.read_model import Kind
from web.pages.listing import Asked, Column, Filter, Listed, asked_of, items_of, page_of, tidied
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.queries.answering import waiting
from web.queries.ports import DocumentQueries

More = Callable[[], dict[str, Any]]


def _columns(kind: Kind) -> list[Column]:
    number = Column(kind.number_name, _("Number"), "order")
    order = Column("order_number", _("Order"), "order_link", sort=False)
    state = Column(kind.state, _("State"), "pill", sort=False)
    total = Column("grand_total", _("Total"), "money")
    moment = Column(kind.moment, _(MOMENTS[kind.moment]), "time")
    carrier = Column("carrier", _("Carrier"), sort=False)
    by_kind: dict[str, list[Column]] = {
        "invoices": [
            number,
            order,
            moment,
            Column("bill_to_name", _("Bill to"), sort=False),
            state,
            total,
            Column("due", _("Due"), "money", sort=False),
        ],
        "credit-memos": [
            number,
            order,
            Column("invoice_number", _("Invoice"), sort=False),
            moment,
            Column("bill_to_name", _("Bill to"), sort=False),
            state,
            total,
        ],
        "shipments": [
            number,
            order,
            moment,
            Column("ship_to_name", _("Ship to"), sort=False),
            carrier,
            Column("service", _("Service"), sort=False),
            Column("origin", _("From"), sort=False),
            state,
        ],
        "batches": [
            number,
            moment,
            carrier,
            Column("service", _("Service"), sort=False),
            Column("origin", _("From"), sort=False),
            Column("orders", _("Orders"), "number", sort=False),
            Column("booked", _("Booked"), "number", sort=False),
            Column("failed", _("Failed"), "number", sort=False),
            state,
        ],
        "dispatches": [
            number,
            moment,
            carrier,
            Column("location", _("Place"), sort=False),
            Column("ready_at", _("Ready at"), "time", sort=False),
            Column("shipments", _("Shipments"), "number", sort=False),
            Column("manifest_number", _("Manifest"), sort=False),
            state,
        ],
    }
    return by_kind[kind.name]


MOMENTS = {"issued_at": "Issued", "booked_at": "Booked", "created_at": "Created", "scheduled_at": "Scheduled"}
NAMES = {
    "invoices": "Invoices",
    "credit-memos": "Credit memos",
    "shipments": "Shipments",
    "batches": "Batches",
    "dispatches": "Dispatches",
}
LABELS = {
    "invoice_number": "Invoice",
    "credit_memo_number": "Credit memo",
    "shipment_number": "Shipment",
    "batch_number": "Batch",
    "dispatch_number": "Dispatch",
    "order_number": "Order",
    "external_reference": "Reference",
    "customer_id": "Customer id",
    "tracking_number": "Tracking number",
    "carrier": "Carrier",
    "origin": "From",
    "location": "Place",
    "currency": "Currency",
}


def _filters(kind: Kind) -> Iterator[Filter]:
    yield Filter(_("State"), "choice", (kind.state,), kind.states)
    names = sorted(name_filters(kind) | (choice_columns(kind).keys() - {kind.state}))
    for name in names:
        yield Filter(_(LABELS.get(name, name)), "text", (name,))
    stem = kind.moment.removesuffix("_at")
    yield Filter(_(MOMENTS[kind.moment]), "days", (f"{stem}_from", f"{stem}_to"))
    yield Filter(_("Updated"), "days", ("updated_from", "updated_to"))
    if kind.of_money:
        yield Filter(_("Total"), "numbers", AMOUNT)


class DocumentLists:
    """The views of the lists."""

    def __init__(self, documents: DocumentQueries) -> None:
        self._documents = documents

    def view(self, kind: Kind, template: str = "documents.html", more: More = dict) -> Callable[[], Any]:
        """GET /{kind}; ``more`` are values that the list's own template needs."""

        def page() -> Any:
            return tidied() or waiting(lambda: self._page(kind, template, more))()

        return page

    def _page(self, kind: Kind, template: str, more: More) -> Response:
        asked = asked_of(parameters(kind))
        found = page_of(asked, lambda given: parse_document_query(kind, given), self._read)
        columns = _columns(kind)
        wanted = sorts(kind)
        listed = Listed(
            asked,
            [column if column.name in wanted else _unsorted(column) for column in columns],
            items_of(found),
            asked.beyond(found.next),
            asked.beyond(found.previous),
            found.position,
            tuple(_filters(kind)),
            found.warnings,
            more={"default_sort": f"-{kind.moment}", "key": kind.id_name},
        )
        return render(
            template,
            listed=listed,
            kind=kind,
            title=_(NAMES[kind.name]),
            tabs=_tabs(kind, asked),
            key=str(uuid4()),
            **more(),
        )

    def _read(self, query: DocumentQuery) -> Any:
        return self._documents.page(query)


def _unsorted(column: Column) -> Column:
    return Column(column.name, column.label, column.kind, sort=False)


def _tabs(kind: Kind, asked: Asked) -> list[dict[str, Any]]:
    """All, and each state; how many there are is nowhere kept."""
    now = asked.every(kind.state)
    alone = {name for name, _value in asked.filters} == {kind.state} and len(now) == 1
    tabs = [{"label": _("All"), "count": None, "address": f"/{kind.name}", "current": not asked.filters}]
    return tabs + [
        {
            "label": _(state.capitalize()),
            "count": None,
            "address": f"/{kind.name}?{urlencode({kind.state: state})}",
            "current": alone and state in now,
        }
        for state in kind.states
    ]


def to_order_view(documents: DocumentQueries, kind: str) -> Callable[..., Any]:
    """GET /{kind}/{id}: to its place on the page of its order."""

    def view(document_id: UUID) -> Any:
        document = documents.detail(kind, document_id, None)
        if document is None:
            raise NotFound
        return redirect(f"/orders/{document['order_id']}#{document_id}", 303)

    return view
