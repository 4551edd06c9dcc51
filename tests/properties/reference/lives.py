"""Random lives of orders: what a shop would do and what it should not, from one seed."""

from decimal import Decimal
from random import Random
from typing import Any

from tests.properties.reference.amounts import EXPONENTS, Worth, major
from tests.properties.reference.placing import total_of
from tests.properties.reference.state import METHODS, Order
from tests.properties.reference.steps import Step

RATES = ("0", "0.07", "0.19", "0.20", "0.23", "0.055")
SCANS = ("pending", "picked_up", "in_transit", "delivered", "return_to_sender")
# What happens how often; the names are those of the functions below.
WEIGHTS: dict[str, float] = {
    "pay": 14,
    "invoice": 12,
    "ship": 12,
    "refund": 10,
    "cancel": 6,
    "invoice_end": 8,
    "refund_payment": 6,
    "authorize": 5,
    "void": 4,
    "gateway": 14,
    "scan": 5,
    "shipment_end": 5,
    "decide": 3,
    "amend": 3,
    "hold": 2,
    "fail": 1,
    "expire": 2,
    "wait": 1,
}


class Lives:
    """Draws steps; ``order`` is what the model knows, so that amounts are often the right ones."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def placing(self) -> Step:
        random = self._random
        currency = random.choice(["EUR", "EUR", "JPY", "KWD"])
        method = random.choice([*METHODS, "hosted_checkout", "card_authorize", "purchase_order"])
        free = method == "free" and random.random() < 0.95
        lines = [self._line(str(number), currency, free=free) for number in range(random.randint(1, 3))]
        body: dict[str, Any] = {"currency": currency, "payment": {"method": method}, "lines": lines}
        body["prices_include_tax"] = random.random() < 0.4
        if random.random() < 0.5 and not free:
            body["shipping"] = self._shipping(currency)
        if random.random() < 0.5 and not free:
            self._carry_more(body)
        if random.random() < 0.1:
            body["expires_in_hours"] = random.choice([-1, 1, 1, 24])
        if random.random() < 0.1 and not body.keys() & {"discounts", "tax_total"}:
            body["expected_grand_total"] = major(total_of(body) + random.choice([0, 0, 0, 1]), currency)
        return Step("orders", body)

    def _carry_more(self, body: dict[str, Any]) -> None:
        """What real orders have beside prices: several taxes, reductions, charges, tax of the whole order."""
        random, currency = self._random, body["currency"]
        for line in body["lines"]:
            if random.random() < 0.3:
                for name in ("tax_rate", "tax_amount"):
                    line.pop(name, None)
                line["taxes"] = [self._tax(name, line, currency) for name in ("GST", "PST", "County")]
        body["charges"] = [self._charge(f"c{n}", currency) for n in range(random.choice([0, 1, 1, 2]))]
        if random.random() < 0.5:
            targets = ["lines", "lines", "shipping", tuple(each["line_id"] for each in body["lines"][:2])]
            amounts = [0, 1, 5, 100, 333, 999, 5000]
            body["discounts"] = [
                {"amount": major(random.choice(amounts), currency), "target": random.choice(targets)}
                for _ in range(random.randint(1, 2))
            ]
        if random.random() < 0.25:
            bearing = [*body["lines"], *body["charges"], *([body["shipping"]] if "shipping" in body else [])]
            for each in bearing:
                for name in ("tax_rate", "tax_amount", "taxes") if random.random() < 0.8 else ():
                    each.pop(name, None)
            body["tax_total"] = major(random.choice([0, 1, 17, 250, 1999]), currency)

    def _tax(self, name: str, line: dict[str, Any], currency: str) -> dict[str, Any]:
        cost = int((line["unit_price"] * line["quantity"] - line.get("discount", 0)).scaleb(EXPONENTS[currency]))
        amount = major(self._random.randint(0, max(0, cost) // 8), currency)
        return {"name": name, "amount": amount, "collected_by": self._random.choice(["merchant"] * 3 + ["marketplace"])}

    def _charge(self, name: str, currency: str) -> dict[str, Any]:
        random = self._random
        charge: dict[str, Any] = {"charge_id": name, "name": name, "amount": self._price(currency, 900)}
        charge["kind"] = random.choice(["fee", "tip", "duty", "wrap", "surcharge", "shipping"])
        if random.random() < 0.7:
            charge["tax_rate"] = Decimal(random.choice(RATES))
        return charge

    def _shipping(self, currency: str) -> dict[str, Any]:
        return {"amount": self._price(currency, 2000), "tax_rate": Decimal(self._random.choice(RATES))}

    def _price(self, currency: str, most: int) -> Decimal:
        return major(self._random.choice([0, 1, 1000, 1005, 999, self._random.randint(0, most)]), currency)

    def _line(self, name: str, currency: str, *, free: bool) -> dict[str, Any]:
        random = self._random
        price = Decimal(0) if free or random.random() < 0.05 else self._price(currency, 5000)
        line: dict[str, Any] = {"line_id": name, "sku": f"SKU-{name}", "quantity": random.randint(1, 4)}
        line |= {"unit_price": price, "tax_rate": Decimal(random.choice(RATES))}
        if random.random() < 0.25:
            cost = int(price.scaleb(EXPONENTS[currency])) * line["quantity"]
            line["discount"] = major(random.randint(0, cost), currency)
        if random.random() < 0.1:
            left = int((price * line["quantity"] - line.get("discount", 0)).scaleb(EXPONENTS[currency]))
            line["tax_amount"] = major(random.randint(0, left // 4), currency)
        if random.random() < 0.15:
            line["shippable"] = False
        return line

    def step(self, order: Order) -> Step:
        """The next step of this order's life."""
        weights = WEIGHTS | self._unlikely(order)
        chosen = self._random.choices(list(weights), list(weights.values()))[0]
        step: Step = getattr(self, f"_{chosen}")(order)
        return step

    def _unlikely(self, order: Order) -> dict[str, float]:
        """What makes little sense now is tried now and then all the same."""
        lines = order.lines.values()
        cases: tuple[tuple[bool, dict[str, float]], ...] = (
            (not order.intents, {"gateway": 0.0}),
            (not order.invoices, {"refund": 0.5, "invoice_end": 0.5}),
            (not order.parcels, {"scan": 0.2, "shipment_end": 0.3}),
            (order.review is not None, {"decide": 30.0}),
            (order.hold, {"hold": 20.0}),
            (order.uninvoiced <= 0 and not order.foreign, {"refund_payment": 2.0}),
            (not order.due, {"pay": 1.5, "authorize": 0.5}),
            (not any(line.to_invoice for line in lines), {"invoice": 1.0, "cancel": 2.0}),
            (not any(line.to_ship for line in lines if line.shippable), {"ship": 1.0}),
            (not order.authorizations, {"void": 1.0}),
            (bool(order.captured or order.invoices or order.parcels), {"amend": 0.5, "expire": 0.5}),
            (order.all_canceled, {"pay": 4.0, "hold": 0.5, "decide": 0.5}),
        )
        return {name: weight for holds, rare in cases if holds for name, weight in rare.items()}

    def _amount(self, order: Order, *likely: int) -> Decimal:
        choices = [amount for amount in likely if amount > 0] * 2
        choices += [max(1, amount // 2) for amount in likely if amount > 0]
        choices += [self._random.randint(1, max(2, order.grand_total)), 1]
        return major(self._random.choice(choices), order.currency)

    def _reference(self, kind: str) -> str:
        return f"{kind}{self._random.randint(0, 15)}"

    def _units(self, order: Order, counter: str) -> list[dict[str, Any]]:
        random, units = self._random, []
        for name, line in order.lines.items():
            left = getattr(line, counter)
            if random.random() < 0.7 and (left or random.random() < 0.1):
                most = left + (1 if random.random() < 0.08 else 0)
                units.append({"line_id": name, "quantity": random.randint(1, max(1, most))})
        if not units:
            units = [{"line_id": next(iter(order.lines)), "quantity": 1}]
        if random.random() < 0.01:
            units[0]["line_id"] = "unknown"
        elif random.random() < 0.01:
            units.append(units[0] | {"quantity": 1})
        return units

    def _currency(self, order: Order) -> dict[str, Any]:
        foreign = [each for each in ("EUR", "USD", "JPY") if each != order.currency]
        return {} if self._random.random() < 0.93 else {"currency": self._random.choice([*foreign, foreign[0]])}

    def _money(self, order: Order, *likely: int) -> dict[str, Any]:
        foreign = self._currency(order)
        if foreign:
            return {"amount": Decimal(self._random.randint(1, 50))} | foreign
        return {"amount": self._amount(order, *likely)}

    def _pay(self, order: Order) -> Step:
        reference = self._reference("p")
        known = [*order.authorizations.items(), *order.back_office.items()]
        if known and self._random.random() < 0.3:
            reference, amount = self._random.choice(known)
            body = self._money(order, amount)
        else:
            body = self._money(order, order.due, order.due, order.grand_total)
        return Step("orders/capture-payment", body | {"provider_reference": reference})

    def _authorize(self, order: Order) -> Step:
        body = self._money(order, order.due, order.due - order.authorized)
        return Step("orders/authorize-payment", body | {"provider_reference": self._reference("p")})

    def _void(self, order: Order) -> Step:
        reference = self._random.choice([*order.authorizations, *order.authorizations, self._reference("p"), None])
        return Step("orders/void-payment", {"provider_reference": reference} if reference else {})

    def _fail(self, order: Order) -> Step:
        named = self._random.random() < 0.7
        return Step("orders/fail-payment", {"provider_reference": self._reference("p")} if named else {})

    def _refund_payment(self, order: Order) -> Step:
        body = self._money(order, order.uninvoiced, order.over)
        if "currency" in body and any(each.waived for each in order.invoices):
            # Whether an invoice that a waiver settled asks again is not compared yet.
            body = {"amount": self._amount(order, order.uninvoiced)}
        if "currency" in body and order.foreign:
            body["amount"] = Decimal(self._random.choice([1, 5, 10, 20]))
        body["mode"] = self._random.choice(["offline", "offline", "online"])
        if self._random.random() < 0.2:
            body["provider_reference"] = self._reference("r")
        return Step("orders/refund-payment", body)

    def _invoice(self, order: Order) -> Step:
        lines = "all_remaining" if self._random.random() < 0.4 else self._units(order, "to_invoice")
        mode = self._random.choice([None, None, *order.method.modes, *order.method.modes, "online", "offline", "none"])
        return Step("orders/invoices", {"lines": lines} | ({"capture": mode} if mode else {}))

    def _target(self, documents: list[Any]) -> int:
        return self._random.randint(0, max(0, len(documents) - 1))

    def _invoice_end(self, order: Order) -> Step:
        number = self._target(order.invoices)
        is_open = bool(order.invoices) and order.invoices[number].state == "open"
        likely = ["capture", "capture", "cancel"] if is_open else ["correct", "void", "void"]
        command = self._random.choice([*likely, *likely, "capture", "cancel", "void", "correct"])
        return Step(f"invoices/{command}", {}, number)

    def _refund(self, order: Order) -> Step:
        random, number = self._random, self._target(order.invoices)
        body: dict[str, Any] = {"lines": [], "mode": random.choice(["offline", "offline", "online"])}
        if order.invoices:
            invoice = order.invoices[number]
            body["lines"] = self._credited(order, invoice.left)
            if random.random() < 0.4:
                most = invoice.charge_left.base
                body["shipping"] = major(random.choice([most, random.randint(0, most + 1)]), order.currency)
            if random.random() < 0.4:
                body["charges"] = [self._given_back(*each, order) for each in invoice.charge_left.others.items()]
            if random.random() < 0.3:
                name = random.choice(["adjustment_refund", "adjustment_fee"])
                body[name] = self._amount(order, invoice.holding, invoice.holding // 4)
        return Step("invoices/refund", body, number)

    def _given_back(self, name: str, left: Worth, order: Order) -> dict[str, Any]:
        """All that is left of a charge, or an amount that may be too much."""
        if self._random.random() < 0.5:
            return {"charge_id": name}
        return {"charge_id": name, "amount": major(self._random.randint(1, left.base + 1), order.currency)}

    def _credited(self, order: Order, left: dict[str, Any]) -> list[dict[str, Any]]:
        random, lines = self._random, []
        for name, (have, _) in left.items():
            line = order.lines[name]
            for how, there in (("shipped", line.booked - line.refunded_shipped), ("unshipped", line.to_ship)):
                most = min(there, have)
                if (most or random.random() < 0.05) and random.random() < 0.6:
                    quantity = most if most and random.random() < 0.5 else random.randint(1, max(1, most))
                    lines.append({"line_id": name, "quantity": quantity, "disposition": how})
        return lines

    def _cancel(self, order: Order) -> Step:
        whole = self._random.random() < 0.35
        return Step("orders/cancel", {} if whole else {"lines": self._units(order, "to_cancel")})

    def _ship(self, order: Order) -> Step:
        random = self._random
        units = [
            {"line_id": name, "quantity": line.to_ship}
            for name, line in order.lines.items()
            if line.to_ship and line.shippable
        ]
        if not units or random.random() < 0.6:
            units = self._units(order, "to_ship")
        body: dict[str, Any] = {"lines": units, "carrier": "ups"}
        if random.random() < 0.1:  # one package of everything
            covered = not order.due or order.method.ships == "before"
            return Step("orders/shipments", body | ({"lines": "all_remaining"} if covered else {}))
        packed = units[:-1] if random.random() < 0.02 and len(units) > 1 else units
        body["packages"] = [{"weight_grams": 900, "contents": packed, "tracking_number": "T0"}]
        return Step("orders/shipments", body)

    def _scan(self, order: Order) -> Step:
        body = {"carrier": "ups", "tracking_number": "T0", "status": self._random.choice(SCANS)}
        return Step("shipments/tracking-events", body, self._target(order.parcels))

    def _shipment_end(self, order: Order) -> Step:
        number = self._target(order.parcels)
        if self._random.random() < 0.5 or not order.parcels:
            return Step("shipments/cancel", {}, number)
        contents = order.parcels[number].contents
        some = [{"line_id": name, "quantity": self._random.randint(1, each)} for name, each in contents.items()]
        return Step("shipments/return", {"lines": self._random.choice(["all_remaining", some])}, number)

    def _gateway(self, order: Order) -> Step:
        random = self._random
        reference = self._reference("p") if random.random() < 0.3 else f"g{random.randint(0, 10**9)}"
        body = {"approved": random.random() < 0.75, "reference": reference}
        return Step("gateway", body, self._target(order.intents))

    def _decide(self, order: Order) -> Step:
        if order.review:
            return Step(f"orders/{self._random.choice(['accept', 'accept', 'deny'])}-payment")
        return Step(f"orders/{self._random.choice(['flag', 'flag', 'flag', 'accept', 'deny'])}-payment")

    def _hold(self, order: Order) -> Step:
        likely = "release" if order.hold else "hold"
        return Step(f"orders/{self._random.choice([likely, likely, 'hold', 'release'])}")

    def _amend(self, order: Order) -> Step:
        random = self._random
        body: dict[str, Any] = {}
        plain = not order.reduced  # what becomes of reductions is not compared
        if random.random() < 0.6 and plain:
            body["lines"] = [
                self._line(str(each), order.currency, free=order.method.code == "free")
                for each in range(random.randint(1, 2))
            ]
        if random.random() < 0.3 and plain:
            body["shipping"] = self._shipping(order.currency)
        if not body or random.random() < 0.2:
            body["note"] = "Please ring twice."
        return Step("orders/amend", body)

    def _expire(self, order: Order) -> Step:
        return Step("orders/expire")

    def _wait(self, order: Order) -> Step:
        return Step("wait", {"hours": self._random.choice([1, 9, 9])})
