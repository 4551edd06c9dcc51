"""The page on which somebody who administers erases the customer of an order, and what comes of it.

Everything is done by the command that programs send, with its refusals: open orders and documents that must be kept
stand in the way here too. The id of the customer never stands in an address.
"""

from typing import Any
from uuid import UUID, uuid4

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from web.pages.acting import Acting, Outcome
from web.pages.forms import waits_told
from web.pages.remembering import remember
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.queries.ports import OrderQueries

ERASE = "customers/erase"


class ErasingPages:
    """The views, over the orders by which a customer is found."""

    def __init__(self, orders: OrderQueries, acting: Acting) -> None:
        self._orders = orders
        self._acting = acting

    def form(self, order_id: UUID) -> Response:
        """GET /orders/{order_id}/erase-customer."""
        return self._drawn(order_id, self._customer(order_id))

    def erase(self, order_id: UUID) -> Any:
        """POST /orders/{order_id}/erase-customer: erase, or say what is in the way."""
        customer = self._customer(order_id)
        body = {"reason": request.form.get("reason", "").strip(), "waive_retention": "waive_retention" in request.form}
        key = request.form.get("key") or None
        outcome = self._acting.send(ERASE, None, body, key=key, customer_id=customer["id"])
        if not outcome.done:
            return self._drawn(order_id, customer, outcome)
        document = outcome.document
        home = f"/approvals/{document['approval_id']}" if outcome.waits else f"/orders/{order_id}"
        answer = redirect(home, 303)
        remember(answer, waits_told(ERASE) if outcome.waits else _erased(document), document["position"])
        return answer

    def _customer(self, order_id: UUID) -> dict[str, Any]:
        """The customer of the order, who is known."""
        order = self._orders.order_detail(order_id, None, None, reasons=False)
        if order is None or not order["customer"] or not order["customer"]["id"]:
            raise NotFound
        return dict(order["customer"])

    @staticmethod
    def _drawn(order_id: UUID, customer: dict[str, Any], outcome: Outcome | None = None) -> Response:
        return render(
            "erase_customer.html",
            status=outcome.status if outcome else 200,
            customer=customer,
            home=f"/orders/{order_id}",
            problem=outcome.document if outcome else None,
            reason=request.form.get("reason", ""),
            waive="waive_retention" in request.form,
            key=str(uuid4()) if outcome is None else request.form.get("key"),
        )


def _erased(document: dict[str, Any]) -> str:
    return _("The customer was erased, with %(orders)s orders.") % {"orders": len(document["orders"])}
