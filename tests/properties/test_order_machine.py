"""Any sequence of commands keeps an order exact.

Every counter stays within its bounds, the shares add up to the order to the cent, and replaying the
events gives the state that the commands left.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from application.unit_of_work import UnitOfWork
from domain.invoice import Invoice
from domain.lifecycle import allowed_commands
from domain.order import AlreadyReported, Order
from domain.order_events import InvoiceWithdrawn, ItemsInvoiced, OrderCanceled
from domain.payment_methods import METHODS
from domain.refusals import Refusal
from domain.shipment import Shipment
from domain.shipment_state import TRACKING_STATUSES
from domain.status import fulfilment_status, payment_status
from tests.support.orders import ORDER_ID, Case, line, order_body

NUMBERS = st.sampled_from(["T0", "t-0", "T1", "T2"])
QUANTITIES = st.integers(1, 5)
CENTS = st.integers(0, 3000).map(lambda minor: Decimal(minor).scaleb(-2))
RATES = st.sampled_from(["0", "0.07", "0.19", "0.23", "0.055"])
LINES = st.lists(st.tuples(QUANTITIES, CENTS, RATES, st.booleans()), min_size=1, max_size=3)


def body(lines: list[tuple[int, Decimal, str, bool]], method: str, includes_tax: bool) -> dict[str, Any]:
    requested = [
        line(str(index), quantity, str(price), tax_rate=rate, shippable=shippable)
        for index, (quantity, price, rate, shippable) in enumerate(lines)
    ]
    shipping = {"amount": Decimal("4.99"), "tax_rate": Decimal("0.19")}
    return order_body(*requested, method=method, shipping=shipping, prices_include_tax=includes_tax)


class OrderMachine(RuleBasedStateMachine):
    """Runs commands against one order; a refusal is an answer like any other."""

    case: Case

    @initialize(
        lines=LINES,
        method=st.sampled_from(sorted(set(METHODS) - {"free"})),
        includes_tax=st.booleans(),
        payment=st.sampled_from([None, "authorize-payment", "capture-payment"]),
    )
    def placed(
        self, lines: list[tuple[int, Decimal, str, bool]], method: str, includes_tax: bool, payment: str | None
    ) -> None:
        self.case = Case(body(lines, method, includes_tax))
        if payment and self.case.state.due:
            due = Decimal(self.case.state.due).scaleb(-2)
            self.attempt(f"orders/{payment}", amount=due, provider_reference="first")

    def attempt(self, command: str, **body: Any) -> None:
        target = body.pop("target", ORDER_ID)
        events = len(self.case.events)
        try:
            self.case.do(command, target=target, **body)
        except (Refusal, AlreadyReported):
            assert not list(self.case.work.collect_events())
            assert len(self.case.events) == events

    def some_units(self, data: st.DataObject) -> list[dict[str, Any]]:
        names = data.draw(st.lists(st.sampled_from(sorted(self.case.state.lines)), min_size=1, max_size=3, unique=True))
        return [{"line_id": name, "quantity": data.draw(QUANTITIES)} for name in names]

    def one_of(self, kind: type[Any], data: st.DataObject) -> Any:
        found = [each for each in self.case.work.aggregates.values() if isinstance(each, kind) and each.version]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(data=st.data(), whole=st.booleans(), mode=st.sampled_from([None, "offline", "none", "online"]))
    def invoice(self, data: st.DataObject, whole: bool, mode: str | None) -> None:
        lines = "all_remaining" if whole else self.some_units(data)
        self.attempt("orders/invoices", lines=lines, **({"capture": mode} if mode else {}))

    @rule(data=st.data(), command=st.sampled_from(["capture", "cancel", "void"]))
    def end_invoice(self, data: st.DataObject, command: str) -> None:
        if invoice := self.one_of(Invoice, data):
            self.attempt(f"invoices/{command}", target=invoice.id)

    @rule(data=st.data(), split=st.booleans(), whole=st.booleans())
    def ship(self, data: st.DataObject, split: bool, whole: bool) -> None:
        left = [{"line_id": name, "quantity": each.to_ship} for name, each in self.case.state.lines.items()]
        units = [unit for unit in left if unit["quantity"]] if whole else self.some_units(data)
        contents = [[unit] for unit in units] if split else [units]
        packages = [
            {"weight_grams": 100, "contents": packed, "tracking_number": f"T{index}"}
            for index, packed in enumerate(contents)
        ]
        self.attempt("orders/shipments", lines=units, carrier="ups", packages=packages)

    @rule(data=st.data(), status=st.sampled_from(TRACKING_STATUSES), minutes=st.integers(-60, 60))
    def scan(self, data: st.DataObject, status: str, minutes: int) -> None:
        if shipment := self.one_of(Shipment, data):
            at = self.case.now + timedelta(minutes=minutes)
            scan = {"carrier": "ups", "tracking_number": "T0", "status": status, "occurred_at": at}
            self.attempt("shipments/tracking-events", target=shipment.id, **scan)

    @rule(data=st.data())
    def cancel_shipment(self, data: st.DataObject) -> None:
        if shipment := self.one_of(Shipment, data):
            self.attempt("shipments/cancel", target=shipment.id)

    @rule(data=st.data(), whole=st.booleans())
    def take_back(self, data: st.DataObject, whole: bool) -> None:
        if shipment := self.one_of(Shipment, data):
            lines = "all_remaining" if whole else self.some_units(data)
            self.attempt("shipments/return", target=shipment.id, lines=lines)

    @rule(data=st.data(), command=st.sampled_from(["add", "retract", "correct"]), numbers=st.tuples(NUMBERS, NUMBERS))
    def follow_otherwise(self, data: st.DataObject, command: str, numbers: tuple[str, str]) -> None:
        if shipment := self.one_of(Shipment, data):
            more = {"new_tracking_number": numbers[1]} if command == "correct" else {}
            number = {"carrier": "ups", "tracking_number": numbers[0]} | more
            self.attempt(f"shipments/{command}-tracking", target=shipment.id, **number)

    @rule(data=st.data(), whole=st.booleans())
    def cancel(self, data: st.DataObject, whole: bool) -> None:
        self.attempt("orders/cancel", **({} if whole else {"lines": self.some_units(data)}))

    @rule(
        command=st.sampled_from(["authorize-payment", "capture-payment"]),
        amount=st.integers(1, 9000),
        reference=st.integers(0, 5),
        currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    )
    def pay(self, command: str, amount: int, reference: int, currency: str) -> None:
        payment = {"amount": Decimal(amount).scaleb(-2), "provider_reference": f"r-{reference}", "currency": currency}
        self.attempt(f"orders/{command}", **payment)

    @rule(command=st.sampled_from(["fail-payment", "void-payment"]), reference=st.none() | st.integers(0, 5))
    def report(self, command: str, reference: int | None) -> None:
        self.attempt(f"orders/{command}", **({} if reference is None else {"provider_reference": f"r-{reference}"}))

    @rule(amount=st.integers(1, 9000), mode=st.sampled_from(["offline", "online"]))
    def refund_payment(self, amount: int, mode: str) -> None:
        self.attempt("orders/refund-payment", amount=Decimal(amount).scaleb(-2), mode=mode)

    @rule(
        data=st.data(),
        mode=st.sampled_from(["offline", "online"]),
        shipping=st.integers(0, 499),
        adjustment=st.integers(-300, 300),
        whole=st.booleans(),
    )
    def refund_invoice(self, data: st.DataObject, mode: str, shipping: int, adjustment: int, whole: bool) -> None:
        if invoice := self.one_of(Invoice, data):
            disposition = st.sampled_from(["shipped", "unshipped"])
            lines = [unit | {"disposition": data.draw(disposition)} for unit in self.some_units(data)]
            request: dict[str, Any] = {"lines": "all_remaining" if whole else lines, "mode": mode}
            request["shipping"] = Decimal(shipping).scaleb(-2)
            request["adjustment_refund" if adjustment > 0 else "adjustment_fee"] = Decimal(abs(adjustment)).scaleb(-2)
            self.attempt("invoices/refund", target=invoice.id, **request)

    @precondition(lambda self: self.case.state.intents)
    @rule(approved=st.booleans())
    def gateway_answers(self, approved: bool) -> None:
        self.case.answer(approved=approved)

    @rule(command=st.sampled_from(["hold", "release", "flag-payment", "accept-payment", "deny-payment", "expire"]))
    def decide(self, command: str) -> None:
        self.attempt(f"orders/{command}")

    @rule(lines=LINES)
    def amend(self, lines: list[tuple[int, Decimal, str, bool]]) -> None:
        self.attempt("orders/amend", lines=body(lines, "bank_transfer", False)["lines"])

    @invariant()
    def counters_stay_within_bounds(self) -> None:
        for each in self.case.state.lines.values():
            assert 0 <= each.canceled <= each.ordered
            assert 0 <= each.invoiced <= each.ordered - each.canceled
            assert 0 <= each.booked <= each.ordered - each.canceled - each.refunded_unshipped
            assert 0 <= each.refunded_shipped <= each.booked
            assert min(each.to_invoice, each.to_ship, each.to_cancel, each.to_refund) >= 0

    @invariant()
    def parts_add_up_to_the_order(self) -> None:
        state = self.case.state
        still_open = sum(each.open_subtotal - each.open_discount + each.open_tax for each in state.lines.values())
        still_open += state.shipping_open + state.shipping_tax_open
        on_documents = sum(
            each.state.grand_total
            for each in self.case.work.aggregates.values()
            if isinstance(each, Invoice)
            and each.version
            and each.state.state not in {"canceled", "voided", "corrected"}
        )
        assert still_open + on_documents + state.canceled_value == state.grand_total

    @invariant()
    def nothing_remains_of_what_is_used_up(self) -> None:
        for each in self.case.state.lines.values():
            if each.to_invoice == 0:
                assert (each.open_subtotal, each.open_discount, each.open_tax) == (0, 0, 0)

    @invariant()
    def money_is_received_once(self) -> None:
        state = self.case.state
        assert 0 <= state.on_invoices <= state.held - state.refunding
        assert state.refunding >= 0
        assert state.returned >= 0
        assert state.authorized >= 0
        assert state.due >= 0

    @invariant()
    def an_invoice_gives_back_no_more_than_it_holds(self) -> None:
        for each in self.case.work.aggregates.values():
            if isinstance(each, Invoice) and each.version:
                assert 0 <= each.state.refunded <= each.state.received <= each.state.grand_total
                assert each.rest >= 0
                assert all(share.quantity >= 0 for share in each.state.remaining.values())
                assert each.state.shipping_left >= 0

    @invariant()
    def units_on_documents_are_the_counters(self) -> None:
        invoiced: Counter[str] = Counter()
        for event in self.case.events:
            if isinstance(event, (ItemsInvoiced, InvoiceWithdrawn)):
                sign = 1 if isinstance(event, ItemsInvoiced) else -1
                for share in event.lines:
                    invoiced[share.line_id] += sign * share.quantity
            assert not isinstance(event, OrderCanceled) or all(share.quantity > 0 for share in event.lines)
        for name, each in self.case.state.lines.items():
            assert each.invoiced == invoiced[name]

    @invariant()
    def what_shipments_hold_is_what_is_booked(self) -> None:
        held: Counter[str] = Counter()
        for each in self.case.work.aggregates.values():
            if isinstance(each, Shipment) and not each.state.canceled:
                for parcel in each.state.packages.values():
                    held += parcel.held
                    assert parcel.units == parcel.held.total()
        assert held == Counter({name: each.booked for name, each in self.case.state.lines.items() if each.booked})

    @invariant()
    def replay_gives_the_same_state(self) -> None:
        replayed = UnitOfWork(Order, ORDER_ID, self.case.events)
        for stream_id, aggregate in self.case.work.aggregates.items():
            if aggregate.version:
                assert replayed.aggregates[stream_id].state == aggregate.state
                assert replayed.aggregates[stream_id].version == aggregate.version
        shipments = [each.state for each in replayed.aggregates.values() if isinstance(each, Shipment)]
        assert payment_status(replayed.order.state) == payment_status(self.case.state)
        assert fulfilment_status(replayed.order.state, shipments)
        allowed = allowed_commands(replayed.order.state, self.case.now)
        assert len(set(allowed)) == len(allowed)


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
