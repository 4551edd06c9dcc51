"""The pages of the warehouse: batches with their entries, packages ready for pickup, and the pickups themselves.

A batch or a pickup is made from what was ticked, scanned or named; what may go along is the commands' to say.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import NotFound

from projections.documents.ready_packages import parse_ready_query
from projections.orders_grid.parameters import parse_grid_query
from projections.paging.identifiers import order_number as as_kept
from web.pages.acting import Acting, Outcome
from web.pages.forms import done
from web.pages.listing import Asked, items_of, page_of, read
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.pages.visitor import visitor_now
from web.problems import Problem
from web.queries.ports import DocumentQueries, OrderQueries

Choices = Mapping[str, tuple[str, ...]]
# A pickup is scheduled at least half an hour ahead; a form proposes a little more.
USUALLY_AHEAD = timedelta(minutes=45)
RESULTS = ("failed", "pending", "booked")
ORDERS_MAX = 1000
PACKAGES_SHOWN = 200


class Warehouse:
    """The views of batches and dispatches."""

    def __init__(self, orders: OrderQueries, documents: DocumentQueries, acting: Acting, choices: Choices) -> None:
        self._orders = orders
        self._documents = documents
        self._acting = acting
        self._choices = choices

    def codes(self) -> dict[str, Any]:
        """What the list of batches needs beside its rows."""
        return {"choices": self._choices}

    def batch(self, document_id: UUID) -> Response:
        """GET /batches/{id}."""
        batch = self._found("batches", document_id)
        entries = sorted(batch["entries"], key=lambda entry: RESULTS.index(entry["result"]))
        return render("batch.html", batch=batch, entries=entries)

    def dispatch(self, document_id: UUID) -> Response:
        """GET /dispatches/{id}."""
        return render("dispatch.html", dispatch=self._found("dispatches", document_id))

    def _found(self, kind: str, document_id: UUID) -> Mapping[str, Any]:
        document = self._documents.detail(kind, document_id, None)
        if document is None:
            raise NotFound
        return document

    def create_batch(self) -> Any:
        """POST /batches: of ticked orders, or of those that are named by number."""
        form = request.form
        orders = form.getlist("order") + self._by_number(form.get("numbers", ""))
        body = {name: form.get(name, "") for name in ("carrier", "origin", "service")}
        sent = body | {"orders": list(dict.fromkeys(orders))}
        return self._created("batches", sent, "batch_id")

    def _by_number(self, text: str) -> list[str]:
        """The ids of the orders of these numbers; raises Problem 422 that names those that are nowhere."""
        numbers = text.replace(",", " ").replace(";", " ").split()
        if len(numbers) > ORDERS_MAX:
            raise Problem(422, "invalid_value", f"A batch has at most {ORDERS_MAX} orders.")
        found: dict[str, list[str]] = {}
        for start in range(0, len(numbers), 50):
            pairs = (("order_number", " ".join(numbers[start : start + 50])), ("limit", "200"))
            page = self._orders.grid_page(read(Asked("/", pairs), parse_grid_query))
            for item in items_of(page):
                found.setdefault(as_kept(item["order_number"]), []).append(item["order_id"])
        asked = {number: found.get(as_kept(number), []) for number in numbers}
        missing = [number for number, orders in asked.items() if not orders]
        if missing:
            raise Problem(422, "invalid_value", f"There is no order with the number {', '.join(missing[:20])}.")
        shared = [number for number, orders in asked.items() if len(orders) > 1]
        if shared:
            detail = (
                f"Several orders have the number {', '.join(shared[:20])}. Tick the right ones in the list of orders."
            )
            raise Problem(422, "invalid_value", detail)
        return [order for orders in asked.values() for order in orders]

    def ready(self) -> dict[str, Any]:
        """What waits for a pickup, for the list of dispatches."""
        carriers, places = self._choices["carrier"], self._choices["location"]
        carrier = request.args.get("carrier") or self._waiting_carrier() or carriers[0]
        location = request.args.get("location") or places[0]
        pairs = (("carrier", carrier), ("location", location), ("limit", str(PACKAGES_SHOWN)))
        found = page_of(Asked("/dispatches", pairs), parse_ready_query, self._documents.ready_packages)
        zone = visitor_now().writing.zone
        at = (datetime.now(UTC) + USUALLY_AHEAD).astimezone(zone)
        return {
            "choices": self._choices,
            "carrier": carrier,
            "location": location,
            "ready": items_of(found),
            "more_ready": found.next is not None,
            "ready_at": f"{at:%Y-%m-%dT%H:%M}",
        }

    def _waiting_carrier(self) -> str | None:
        """The carrier of the package that waits longest."""
        first = items_of(page_of(Asked("", (("limit", "1"),)), parse_ready_query, self._documents.ready_packages))
        return first[0]["carrier"] if first and first[0]["carrier"] in self._choices["carrier"] else None

    def create_dispatch(self) -> Any:
        """POST /dispatches: of the ticked packages' shipments, or of all that is ready."""
        form = request.form
        ticked: Any = list(dict.fromkeys(form.getlist("shipment")))
        body = {name: form.get(name, "") for name in ("carrier", "location")}
        at = datetime.fromisoformat(form.get("ready_at", "")).replace(tzinfo=visitor_now().writing.zone)
        if "everything" not in form and not ticked:
            raise Problem(422, "invalid_value", _("Tick the packages that go along, or schedule all that is ready."))
        sent = body | {"ready_at": at.isoformat(), "shipments": "all_ready" if "everything" in form else ticked}
        return self._created("dispatches", sent, "dispatch_id")

    def _created(self, name: str, body: dict[str, Any], id_name: str) -> Any:
        outcome: Outcome = self._acting.send(name, None, body, key=request.form.get("key") or None)
        if not outcome.done:
            raise Refused(outcome)
        return done(name, outcome, f"/{name}/{outcome.document[id_name]}")


class Refused(Problem):
    """What a command refused, as the problem that it was."""

    def __init__(self, outcome: Outcome) -> None:
        told = outcome.document
        errors = [(fault["pointer"], fault["message"]) for fault in told.get("errors", ())]
        super().__init__(outcome.status, outcome.code, str(told.get("detail", "")), errors=errors)
