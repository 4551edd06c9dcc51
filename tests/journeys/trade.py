"""A day's trade over HTTP: each method is one request that must succeed, and answers what the server answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from application.processes.process import Process
from tests.web.live import Site, another_order

Json = dict[str, Any]

MUG: Json = {
    "line_id": "1",
    "sku": "MUG-01",
    "name": "Mug",
    "quantity": 3,
    "unit_price": "9.99",
    "tax_rate": "0.23",
    "weight_grams": 400,
}
ONE_HOUR = timedelta(hours=1)


@dataclass
class Trade:
    """A shop behind the real edge; ``work`` lets the processes and the read models catch up."""

    site: Site
    processes: Sequence[Process]

    def post(self, path: str, body: Json | None = None) -> Json:
        response = self.site.post(path, body or {})
        answer: Json = response.get_json()
        assert response.status_code in {200, 201, 202}, (path, answer)
        return answer

    def get(self, path: str) -> Json:
        response = self.site.get(f"/queries/{path}")
        shown: Json = response.get_json()
        assert response.status_code == 200, (path, shown)
        return shown

    def work(self) -> None:
        while sum(process.step() for process in self.processes):
            pass
        self.site.follow()

    def place(self, method: str = "cash_on_delivery", *lines: Json, **more: Any) -> str:
        """A new order of three mugs, or of these lines, without a charge for delivery; returns its id."""
        body = another_order(payment={"method": method}, lines=list(lines or [MUG]), **more)
        if "shipping" not in more:
            del body["shipping"]
        order_id: str = self.post("orders", body)["order_id"]
        return order_id

    def order(self, order_id: str) -> Json:
        return self.get(f"orders/{order_id}")

    def axes(self, order_id: str) -> tuple[str, str, str]:
        """Status, payment and fulfilment of an order."""
        shown = self.order(order_id)
        return shown["status"], shown["payment_status"], shown["fulfilment_status"]

    def capture(self, order_id: str, amount: str) -> Json:
        body = {"amount": amount, "provider_reference": f"pay-{uuid4()}"}
        return self.post(f"orders/{order_id}/capture-payment", body)

    def invoice(self, order_id: str, lines: Any = "all_remaining", **more: Any) -> Json:
        return self.post(f"orders/{order_id}/invoices", {"lines": lines, **more})

    def book(self, order_id: str, quantity: int = 3, *numbers: str, **more: Any) -> Json:
        """Book mugs, one package per number; without numbers one package."""
        return self.post(f"orders/{order_id}/shipments", booking(quantity, *numbers, **more))

    def dispatch(self, *shipments: Json, **more: Any) -> Json:
        return self.post("dispatches", dispatching(*shipments, **more))

    def scan(self, number: str, status: str, **more: Any) -> Json:
        at = datetime.now(UTC).isoformat()
        body = {"carrier": "ups", "tracking_number": number, "status": status, "occurred_at": at}
        return self.post("tracking-events", body | more)

    def refund(self, invoice: Json, quantity: int, disposition: str, **more: Any) -> Json:
        return self.post(f"invoices/{invoice['invoice_id']}/refund", refunding(quantity, disposition, **more))


def units(quantity: int, line_id: str = "1") -> list[Json]:
    return [{"line_id": line_id, "quantity": quantity}]


def booking(quantity: int = 3, *numbers: str, **more: Any) -> Json:
    """The body of a shipment."""
    packages: list[Json] = [{"weight_grams": 1300, "contents": units(quantity)}]
    if numbers:
        each = units(quantity // len(numbers))
        packages = [{"weight_grams": 500, "contents": each, "tracking_number": number} for number in numbers]
    return {"lines": units(quantity), "carrier": "ups", "packages": packages} | more


def dispatching(*shipments: Json, **more: Any) -> Json:
    """The body of a dispatch."""
    ids = [shipment["shipment_id"] for shipment in shipments]
    ready_at = (datetime.now(UTC) + ONE_HOUR).isoformat()
    return {"carrier": "ups", "location": "main", "ready_at": ready_at, "shipments": ids} | more


def refunding(quantity: int, disposition: str, **more: Any) -> Json:
    """The body of a refund."""
    return {"lines": [{"line_id": "1", "quantity": quantity, "disposition": disposition}]} | more
