"""Orders for tests of decisions: the real handlers over a unit of work, without a log underneath."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest

from application.catalogue import COMMANDS, COMMON_CODES
from application.command import Actor, Merchant
from application.command_context import CommandContext
from application.gateway import Approved, Declined
from application.processes.gateway_requests import open_requests, record_answer
from application.unit_of_work import UnitOfWork
from domain.events import Event
from domain.order import Order
from domain.order_state import OrderState
from domain.refusals import Refusal, unknown
from domain.shipment import Shipment
from eventstore.records import Claim

T = TypeVar("T")

ORDER_ID = UUID(int=1)
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ADDRESS = {"name": "Ana Silva", "street": ["Rua Nova 1"], "city": "Porto", "postcode": "4000-001", "country": "PT"}


def line(line_id: str = "1", quantity: int = 3, unit_price: str = "9.99", **more: Any) -> dict[str, Any]:
    """A requested line; amounts as text."""
    money = {name: Decimal(more.pop(name)) for name in ("tax_rate", "tax_amount", "discount") if name in more}
    price = Decimal(unit_price)
    return {"line_id": line_id, "sku": f"SKU-{line_id}", "quantity": quantity, "unit_price": price} | money | more


def order_body(*lines: dict[str, Any], method: str = "bank_transfer", **more: Any) -> dict[str, Any]:
    """The body of a placing as the application gets it."""
    return {
        "store": "main",
        "currency": "EUR",
        "customer": {"id": "c-1", "email": "ana@example.com", "name": "Ana Silva"},
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "payment": {"method": method},
        "lines": list(lines) or [line()],
    } | more


def packed(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    """The body of a shipment of ``lines`` (line id, quantity) in one package."""
    contents = [{"line_id": name, "quantity": quantity} for name, quantity in lines]
    package = {"weight_grams": 900, "contents": contents} | more.pop("package", {})
    return {"lines": contents, "carrier": "ups", "packages": [package]} | more


def typed(kind: type[T], body: Mapping[str, Any]) -> T:
    """The value of a kind that a body stands for; what the kind does not know is left out."""
    return msgspec.convert(body, kind, builtin_types=[Decimal, UUID, datetime])


def value_of(command: str, body: Mapping[str, Any]) -> Any:
    """What a command's body asks for."""
    return typed(COMMANDS[command].value, body)


def handle(work: UnitOfWork, command: str, body: Mapping[str, Any], context: CommandContext) -> None:
    """Have a command handled; whatever it is refused with, its row of the catalogue names."""
    row = COMMANDS[command]
    try:
        row.handle(work, value_of(command, body), context)
    except Refusal as refusal:
        if refusal.code not in COMMON_CODES.union(row.codes):
            pytest.fail(f"{command} refuses with {refusal.code}, which its row does not name")
        raise


class NoLog:
    """Where there is no log there is nothing to look up."""

    def order_book(self, order_id: UUID) -> UnitOfWork:
        raise unknown("order", order_id)

    def require_orders(self, order_ids: Sequence[UUID], pointer: str) -> None:
        raise unknown("order", order_ids[0])

    def attach_shipments(self, shipment_ids: Sequence[UUID]) -> list[Shipment]:
        raise unknown("shipment", shipment_ids[0])

    def claims(self, kind: str, prefix: str, limit: int) -> list[Claim]:
        return []


class Case:
    """One order in the making: ``do`` runs a command, ``events`` are all that happened."""

    def __init__(self, body: dict[str, Any] | None = None) -> None:
        self.work = UnitOfWork(Order, ORDER_ID)
        self.events: list[Event] = []
        self.now = START
        self._ids = 100
        if body is not None:
            self.do("orders", **body)

    def new_id(self) -> UUID:
        """Ids count up, so that a run can be repeated."""
        self._ids += 1
        return UUID(int=self._ids)

    def do(self, command: str, target: UUID = ORDER_ID, **body: Any) -> list[str]:
        """Run a command a second later; returns the names of what happened."""
        self.now += timedelta(seconds=1)
        at = body.get("occurred_at", self.now)
        context = CommandContext(
            target, Actor("integrator", "test"), at, self.now, Merchant(), self.new_id, lambda: "token", NoLog()
        )
        handle(self.work, command, body, context)
        happened = [event for _, event in self.work.collect_events()]
        self.events += happened
        return [type(event).__name__ for event in happened]

    @property
    def state(self) -> OrderState:
        """The order's state now."""
        return self.work.order.state

    @property
    def status(self) -> str:
        """The order's status now."""
        return str(self.work.order.status)

    def last_id(self, event_class: type[Event]) -> UUID:
        """The stream of the last event of that class."""
        return next(e.originator_id for e in reversed(self.events) if isinstance(e, event_class))

    def answer(self, *, approved: bool = True) -> list[str]:
        """Let the gateway answer its oldest open request; returns the names of what happened."""
        request = next(open_requests(self.work))
        outcome = Approved(f"gw-{request.intent_id.int}") if approved else Declined("no funds")
        record_answer(self.work, request.intent_id, outcome, self.now)
        happened = [event for _, event in self.work.collect_events()]
        self.events += happened
        return [type(event).__name__ for event in happened]
