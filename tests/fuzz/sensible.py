"""From a request that was made up to one about something that exists: ids, lines and sums that were answered before.

Only some of what was made up is replaced, and only now and then, so that wrong things are asked for all the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

from tests.fuzz.known import Known
from web.openapi.examples import kept

Json = dict[str, Any]

ENDPOINT = "http://127.0.0.1:9/daybook"
METHODS = ("bank_transfer", "cash_on_delivery", "cash_on_delivery", "purchase_order")
OWN_NAMES = ("external", "external_reference", "order_number", "occurred_at", "expires_at", "view_id", "webhook_id")
POSITIONS = {"min_position", "position", "from", "to", "size", "after"}
MORE_THAN_ENOUGH = 2**31


class Sense:
    """Makes requests about what is known."""

    def __init__(self, known: Known, random: Random) -> None:
        self._known = known
        self._random = random
        self._count = 0

    def make(self, case: Any) -> None:
        """Change a request of the right shape so that it may be about something."""
        for name in case.path_parameters or {}:
            value = self._known.some(name)
            if value is not None and self._often(0.9):
                case.path_parameters[name] = value
        self._headers(case)
        self._query(case)
        if isinstance(case.body, dict):
            example = kept()["operations"].get(f"{case.method.upper()} {case.operation.path}", {}).get("sent")
            case.body = self.body(case.operation.path, case.body, example, case.path_parameters or {})

    def _often(self, share: float) -> bool:
        return self._random.random() < share

    def _headers(self, case: Any) -> None:
        for name in list(case.headers or {}):
            rarely = name in {"If-Match", "Daybook-History", "If-None-Match"}
            if self._often(0.9 if rarely else 0.4):
                del case.headers[name]

    def _query(self, case: Any) -> None:
        query = case.query or {}
        query.pop("wait", None)  # what waits for an event would wait for long
        required = {each.name for each in case.operation.query if each.is_required}
        for name in list(query):
            if name in POSITIONS and isinstance(query[name], int) and self._often(0.8):
                query[name] = self._known.some("position") or 1
            elif name not in required and (name in {"cursor", "after"} or self._often(0.6)):
                del query[name]
        if case.operation.path.startswith("/audit/grid") and not query.keys() & {"as_of", "position"}:
            query["position"] = self._known.some("position") or 1

    def body(self, path: str, made: Json, example: Any, about: Json) -> Json:
        """What was made up, or mostly an example with some of it, about things that exist."""
        body = made
        if isinstance(example, dict) and self._often(0.8):
            said = {name: value for name, value in copy.deepcopy(example).items() if name not in OWN_NAMES}
            body = said | {name: value for name, value in made.items() if name not in said and self._often(0.08)}
        for name, change in self._changes(path, about).items():
            if name in body and self._often(0.9):
                body[name] = change(body[name])
        if "url" in body:
            body["url"] = f"{ENDPOINT}?{self._random.randrange(MORE_THAN_ENOUGH)}"  # never to anybody else
        return body

    def _changes(self, path: str, about: Json) -> dict[str, Callable[[Any], Any]]:
        """What to put into fields of a body, by their names."""
        known, order_id = self._known, str(about.get("order_id"))
        found: dict[str, Callable[[Any], Any]] = {
            "orders": lambda was: known.several("order_id", 3) or was,
            "shipments": lambda was: known.several("shipment_id", 3) or was,
            "order_id": lambda was: was if path == "/commands/orders" else known.some("order_id") or was,
            "event_id": lambda was: known.some("event_id") or was,
            "provider_reference": lambda was: self._named("ref") if self._often(0.8) else was,
            "tracking_number": lambda was: self._number() if self._often(0.7) else known.some("number") or was,
            "new_tracking_number": lambda _: self._number(),
            "amount": lambda was: known.due.get(order_id, was) if self._often(0.8) else was,
            "packages": lambda was: self._packages(order_id, was),
        }
        if path == "/commands/orders":
            return found | {"customer": self._customer, "payment": lambda _: {"method": self._random.choice(METHODS)}}
        if path.endswith(("/invoices", "/shipments", "/refund", "/cancel")):
            found["lines"] = lambda was: "all_remaining" if was and self._often(0.5) else self._lines(order_id)
        return found

    def _customer(self, was: Any) -> Any:
        customer = {"id": f"c-{self._random.randint(1, 5)}"}
        self._known.add("customer_id", customer["id"])
        return was | customer if isinstance(was, dict) else customer

    def _lines(self, order_id: str) -> list[Json]:
        lines = self._known.lines.get(order_id, ["1"])
        return [{"line_id": line, "quantity": 1} for line in lines if self._often(0.7)] or [
            {"line_id": lines[0], "quantity": 1}
        ]

    def _packages(self, order_id: str, was: Any) -> Any:
        if self._often(0.2):
            return was
        return [{"weight_grams": 900, "contents": self._lines(order_id), "tracking_number": self._number()}]

    def _number(self) -> str:
        number = self._named("1Z")
        self._known.add("number", number)
        return number

    def _named(self, what: str) -> str:
        self._count += 1
        return f"{what}-{UUID(int=self._random.getrandbits(128)).hex[:8]}-{self._count}"
