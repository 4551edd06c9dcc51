"""The product taking the same steps: the real handlers over a unit of work, read by the real queries."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from application.command import Actor, Merchant
from application.command_context import CommandContext
from application.gateway import Approved, Declined
from application.processes.gateway_requests import open_requests, record_answer
from application.unit_of_work import UnitOfWork
from domain.events import Event
from domain.order import AlreadyReported, Order
from domain.refusals import Refusal
from eventstore.records import RecordedEvent
from projections.documents import credit_memos, invoices
from projections.order_history.history import FOLDS, OrderHistory, fold
from projections.orders.detail import order_detail
from tests.properties.reference.amounts import minor
from tests.properties.reference.steps import Step
from tests.support.orders import ADDRESS, ORDER_ID, START, NoLog, handle

Outcome = tuple[str, tuple[str, ...]]
DOCUMENTS = {"invoices": "InvoiceIssued", "shipments": "ShipmentBooked", "memos": "CreditMemoIssued"}


class _OneOrder(NoLog):
    """A log that has the one order, to be placed again."""

    def __init__(self, product: "Product") -> None:
        self._product = product

    def order_book(self, order_id: UUID) -> UnitOfWork:
        return UnitOfWork(Order, order_id, self._product.events)


class Product:
    """One order in the product's hands."""

    def __init__(self) -> None:
        self.work = UnitOfWork(Order, ORDER_ID)
        self.events: list[Event] = []
        self.history = OrderHistory(ORDER_ID)
        self.told: list[tuple[RecordedEvent, Event]] = []
        self.documents: dict[str, list[UUID]] = {name: [] for name in DOCUMENTS}
        self.currency = "EUR"
        self.now = START
        self._ids = 100

    def take(self, step: Step) -> Outcome:
        """Carry the step out; a refusal is an answer like any other."""
        try:
            self._run(step)
        except Refusal as refusal:
            self._forget()
            return "refused", (refusal.code,)
        except AlreadyReported:
            self._forget()
            return "repeated", ()
        self._record()
        return "accepted", ()

    def twin(self) -> "Product":
        """The same order in other hands, as its events tell it: what is tried there changes nothing here."""
        twin = Product()
        twin.documents = {name: list(ids) for name, ids in self.documents.items()}
        twin.currency, twin.now, twin._ids = self.currency, self.now, self._ids
        twin.events, twin.told = list(self.events), list(self.told)
        twin.work = UnitOfWork(Order, ORDER_ID, twin.events)
        for row, event in twin.told:
            fold(twin.history, row, event)
        return twin

    def would(self, step: Step) -> bool:
        """Whether the step would be accepted; nothing of it stays."""
        try:
            self._run(step)
        except (Refusal, AlreadyReported):
            return False
        finally:
            self._forget()
        return True

    def _run(self, step: Step) -> None:
        if step.command == "wait":
            self.now += timedelta(hours=step.body["hours"])
        elif step.command == "gateway":
            self._answer(step)
        else:
            self._command(step)

    def _command(self, step: Step) -> None:
        kind = step.command.partition("/")[0]
        target = ORDER_ID
        if kind in self.documents:
            known = self.documents[kind]
            target = known[step.target or 0] if (step.target or 0) < len(known) else UUID(int=1)
        actor, body = Actor("integrator", "test"), self._body(step)
        new = (self._new_id, lambda: "token")
        again = step.command == "orders/reorder"
        work, log = (UnitOfWork(Order, UUID(int=2)), _OneOrder(self)) if again else (self.work, NoLog())
        handle(work, step.command, body, CommandContext(target, actor, self.now, self.now, Merchant(), *new, log))

    def _body(self, step: Step) -> dict[str, Any]:
        body = dict(step.body)
        if step.command == "orders":
            self.currency = body["currency"]
            if "expires_in_hours" in body:
                body["expires_at"] = self.now + timedelta(hours=body.pop("expires_in_hours"))
            customer = {"id": "c-1", "email": "ana@example.com", "name": "Ana Silva"}
            return {
                "store": "main",
                "customer": customer,
                "billing_address": ADDRESS,
                "shipping_address": ADDRESS,
            } | body
        if step.command == "shipments/tracking-events":
            return body | {"occurred_at": self.now}
        return body

    def _answer(self, step: Step) -> None:
        asked = list(open_requests(self.work))
        if (step.target or 0) >= len(asked):
            raise Refusal("not_found", "The gateway was not asked that.")
        request = asked[step.target or 0]
        outcome = Approved(step.body["reference"]) if step.body["approved"] else Declined("no funds")
        record_answer(self.work, request.intent_id, outcome, self.now)

    def _new_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def _forget(self) -> None:
        """What was refused never happened: the next command sees what is recorded."""
        if list(self.work.collect_events()):
            self.work = UnitOfWork(Order, ORDER_ID, self.events)
        for name, aggregate in list(self.work.aggregates.items()):
            if not aggregate.version and aggregate is not self.work.root:
                del self.work.aggregates[name]

    def _record(self) -> None:
        for aggregate, event in self.work.collect_events():
            self.events.append(event)
            if hasattr(event, "number"):
                object.__setattr__(event, "number", len(self.events))  # as the log numbers it
            for name, issued in DOCUMENTS.items():
                if type(event).__name__ == issued:
                    self.documents[name].append(event.originator_id)
            if type(event) in FOLDS:
                self.told.append((_row(aggregate.NAME, event, len(self.events), self.now), event))
                fold(self.history, *self.told[-1])

    def allowed(self) -> list[str]:
        """The commands that the order says it takes now."""
        detail = order_detail(self.history, 0, self.now)
        return [] if detail is None else list(detail["allowed_commands"])

    def view(self) -> dict[str, Any]:
        """What can be compared with the model, in minor units."""
        detail = order_detail(self.history, 0, self.now)
        assert detail is not None
        return {
            "allowed": detail["allowed_commands"],
            "status": detail["status"],
            "payment": detail["payment_status"],
            "fulfilment": detail["fulfilment_status"],
            "revision": detail["revision"],
            "authorized": self._minor(detail["payment"]["authorized"]),
            "totals": {name: self._minor(str(text)) for name, text in detail["totals"].items() if text is not None},
            "lines": {each["line_id"]: self._line(each) for each in detail["lines"]},
            "invoices": [self._invoice(each) for each in self.documents["invoices"]],
            "memos": [self._memo(each) for each in self.documents["memos"]],
            "asked": [(each.kind, each.amount, each.currency) for each in open_requests(self.work)],
        }

    def _minor(self, text: str) -> int:
        return minor(Decimal(text), self.currency)

    def _line(self, shown: Mapping[str, Any]) -> dict[str, int]:
        counters = ("quantity", "invoiced", "shipped", "canceled", "refunded", "to_invoice", "to_ship", "to_cancel")
        return {name: shown[name] for name in counters} | {name: self._minor(shown[name]) for name in ("tax", "total")}

    def _invoice(self, invoice_id: UUID) -> dict[str, Any]:
        shown = invoices.detail(self.history, invoice_id)
        assert shown is not None
        return {
            "state": shown["state"],
            "total": self._minor(shown["grand_total"]),
            "paid": self._minor(shown["paid"]),
            "due": self._minor(shown["due"]),
            "holding": self._holding(shown),
        } | self._parts(shown)

    def _holding(self, shown: Mapping[str, Any]) -> int:
        """The money that lies on an invoice."""
        if shown["state"] not in {"open", "paid"}:
            return 0
        return self._minor(shown["paid"]) - self._minor(shown["refunded"])

    def _memo(self, memo_id: UUID) -> dict[str, Any]:
        shown = credit_memos.detail(self.history, memo_id)
        assert shown is not None
        number = self.documents["invoices"].index(UUID(shown["invoice_id"]))
        return {"total": self._minor(shown["grand_total"]), "invoice": number} | self._parts(shown)

    def _parts(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        charge = shown["shipping"]
        lines = {
            (each["line_id"], each["disposition"]) if "disposition" in each else each["line_id"]: (
                each["quantity"],
                self._minor(each["net"]),
                self._minor(each["tax"]),
            )
            for each in shown["lines"]
        }
        return {
            "lines": lines,
            "charge": (self._minor(charge["net"]), self._minor(charge["tax"])) if charge else (0, 0),
            "charges": {
                each["charge_id"]: (self._minor(each["net"]), self._minor(each["tax"]))
                for each in shown["charges"]
                if Decimal(each["total"])
            },
        }


def _row(aggregate: str, event: Event, position: int, now: datetime) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream_id=event.originator_id,
        version=event.originator_version,
        partition_id=ORDER_ID,
        order_id=ORDER_ID,
        aggregate=aggregate,
        topic="",
        schema_version=1,
        payload=b"",
        sealed=None,
        series=None,
        number=None,
        recorded_at=now.astimezone(UTC),
        occurred_at=now,
        actor_type="integrator",
        actor_id="test",
        command_id=ORDER_ID,
        correlation_id=ORDER_ID,
        causation_id=None,
    )
