"""The lists of documents: one view for all, with the columns that the description of each kind has.

They are asked what the API's lists are asked.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Response, redirect
from werkzeug.exceptions import NotFound

from projections.documents.kind import Form, Kind
from projections.documents.parameters import (
    AMOUNT,
    DocumentQuery,
    choice_columns,
    name_filters,
    parameters,
    parse_document_query,
    sorts,
)
from web.pages.listing import Asked, Column, Filter, Listed, asked_of, items_of, page_of, tidied
from web.pages.mass_printing import PRINTED
from web.pages.rendering import render
from web.pages.texts import words_of
from web.pages.visitor import translate as _
from web.queries.answering import refuse_when_behind
from web.queries.ports import DocumentQueries

More = Callable[[], dict[str, Any]]


def _columns(kind: Kind) -> Iterator[Column]:
    labels = _labels() | {kind.number_name: _("Number")}
    shown = {kind.number_name: "order", "order_number": "order_link", kind.state: "pill", "label": "pill"}
    wanted = sorts(kind)
    forms = {fact.name: fact.form for fact in (*kind.summary_facts(), *kind.listed)}
    for name in kind.columns:
        how = shown.get(name) or SHOWN.get(forms[name], "text")
        yield Column(name, labels.get(name) or _(words_of(name)), how, sort=name in wanted)


SHOWN: dict[Any, str] = {Form.AMOUNT: "money", Form.TIME: "time", Form.COUNT: "number"}


def _labels() -> dict[str, str]:
    return {
        "state": _("State"),
        "status": _("State"),
        "issued_at": _("Issued"),
        "booked_at": _("Booked"),
        "created_at": _("Created"),
        "scheduled_at": _("Scheduled"),
        "ready_at": _("Ready at"),
        "invoice_number": _("Invoice"),
        "credit_memo_number": _("Credit memo"),
        "shipment_number": _("Shipment"),
        "batch_number": _("Batch"),
        "dispatch_number": _("Dispatch"),
        "order_number": _("Order"),
        "manifest_number": _("Manifest"),
        "external_reference": _("Reference"),
        "customer_id": _("Customer id"),
        "tracking_number": _("Tracking number"),
        "purchase_order": _("Purchase order number"),
        "sscc": _("SSCC"),
        "bill_to_name": _("Bill to"),
        "ship_to_name": _("Ship to"),
        "carrier": _("Carrier"),
        "service": _("Service"),
        "label": _("Label"),
        "origin": _("From"),
        "location": _("Place"),
        "currency": _("Currency"),
        "grand_total": _("Total"),
        "due": _("Due"),
        "orders": _("Orders"),
        "booked": _("Booked"),
        "failed": _("Failed"),
        "shipments": _("Shipments"),
    }


def _filters(kind: Kind) -> Iterator[Filter]:
    labels = _labels()
    yield Filter(_("State"), "choice", (kind.state,), kind.states)
    names = sorted(name_filters(kind) | (choice_columns(kind).keys() - {kind.state}))
    for name in names:
        yield Filter(labels.get(name) or _(words_of(name)), "text", (name,))
    stem = kind.moment.removesuffix("_at")
    yield Filter(labels.get(kind.moment) or _(words_of(kind.moment)), "days", (f"{stem}_from", f"{stem}_to"))
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
            return tidied() or refuse_when_behind(lambda: self._page(kind, template, more))()

        return page

    def _page(self, kind: Kind, template: str, more: More) -> Response:
        asked = asked_of(parameters(kind))
        found = page_of(asked, lambda given: parse_document_query(kind, given), self._read)
        listed = Listed(
            asked,
            list(_columns(kind)),
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
            title=title_of(kind),
            tabs=_tabs(kind, asked),
            key=str(uuid4()),
            printed=_printed(kind),
            **more(),
        )

    def _read(self, query: DocumentQuery) -> Any:
        return self._documents.page(query)


def _printed(kind: Kind) -> list[tuple[str, str]]:
    """The forms that can be printed of many, with what they are called on a button."""
    called = {
        "packing-slip": _("Print packing slips"),
        "label": _("Print labels"),
        "invoice": _("Print invoices"),
        "credit-memo": _("Print credit memos"),
    }
    return [(form, called[form]) for form, name in PRINTED.items() if name == kind.name]


def title_of(kind: Kind) -> str:
    """What a list is called: "Credit memos"."""
    return _(kind.document.plural.capitalize())


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


def detail_view(documents: DocumentQueries, kind: Kind) -> Callable[..., Any]:
    """GET /{kind}/{id}: to its place on the page of its order; where it spans orders, the facts of its list."""

    def view(document_id: UUID) -> Any:
        document = documents.detail(kind.name, document_id, None)
        if document is None:
            raise NotFound
        if kind.of_order:
            return redirect(f"/orders/{document['order_id']}#{document_id}", 303)
        return render("document.html", kind=kind, title=title_of(kind), document=document, columns=_columns(kind))

    return view
