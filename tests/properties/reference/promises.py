"""What must hold whatever the model says: judged from the product's own answers alone.

Goods go only where something stands for them, money is accounted for, what is due can be asked for,
what is offered can be done, and every order can be brought to an end.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.properties.reference.amounts import major
from tests.properties.reference.product import Product
from tests.properties.reference.steps import Step
from tests.support.orders import ADDRESS

ENDED = {"Canceled", "Closed", "Complete"}
ROUNDS = 12
SIMPLE: dict[str, list[dict[str, Any]]] = {
    "amend": [{"note": "As before."}],
    "change-address": [{"billing_address": ADDRESS}, {"shipping_address": ADDRESS}],
    "comment": [{"text": "Thank you."}],
    "tag": [{"add": ["gift"]}],
    "void-payment": [{}, {"provider_reference": "a new one"}],
}
# Methods that let goods go before any money is there.
SHIPS_UNPAID = {"cash_on_delivery", "purchase_order", "free"}


def offers(product: Product, commands: Iterable[str]) -> str | None:
    """What is wrong with the commands that the order says it takes, among all ``commands``."""
    return _offers_hold(product) or taken_unoffered(product, commands)


def broken(product: Product) -> str | None:
    """The first promise that this order's state breaks."""
    checks = (_documents_add_up, _offers_hold, _due_can_be_asked, _can_end)
    return next((what for what in (check(product) for check in checks) if what), None)


def uncovered(view: dict[str, Any], method: str, units: list[dict[str, Any]] | str) -> str | None:
    """Goods that are out are worth no more than what stands for them: money, waivers, goodwill, authorizations.

    Where more went out before its money went back, what leaves now is worth no more than what lies on invoices.
    """
    if method in SHIPS_UNPAID:
        return None
    totals, lines = view["totals"], view["lines"].values()
    out = sum(_worth(each, _with_customer(each)) for each in lines)
    standing = totals["paid"] - totals["refunded"] + totals["waived"]
    standing += view["authorized"] if method == "card_authorize" else 0
    standing += sum(_goodwill(each) for each in view["memos"])
    # Each unit's share was rounded on some document.
    tolerance = sum(each["quantity"] for each in lines)
    if isinstance(units, str):
        units = [{"line_id": name, "quantity": each["shipped"]} for name, each in view["lines"].items()]
    leaving = sum(_worth(view["lines"][each["line_id"]], each["quantity"]) for each in units)
    on_invoices = sum(each["holding"] for each in view["invoices"])
    if out <= standing + tolerance or leaving <= on_invoices + tolerance:
        return None
    return f"promise: goods for {out} are out, {standing} stand for them"


def _worth(line: dict[str, int], quantity: int) -> Fraction:
    return Fraction(line["total"] * quantity, line["quantity"])


def _with_customer(line: dict[str, int]) -> int:
    """Units that are shipped and not refunded as shipped."""
    refunded_unshipped = line["quantity"] - line["shipped"] - line["canceled"] - line["to_ship"]
    return line["shipped"] - (line["refunded"] - refunded_unshipped) if line["shipped"] else 0


def _goodwill(memo: dict[str, Any]) -> int:
    """What a memo gave beyond its units and charges."""
    parts = sum(net + tax for _, net, tax in memo["lines"].values()) + sum(memo["charge"])
    parts += sum(net + tax for net, tax in memo["charges"].values())
    return int(memo["total"] - parts)


def _documents_add_up(product: Product) -> str | None:
    """Open money is what no invoice holds: just so much can be sent back, and not a unit more."""
    view = product.view()
    on_invoices = sum(each["holding"] for each in view["invoices"])
    under_way = sum(each[1] for each in view["asked"] if each[0] == "refund" and each[2] == product.currency)
    free = view["totals"]["paid"] - view["totals"]["refunded"] - on_invoices - under_way
    if free < 0:
        return f"promise: invoices hold {on_invoices}, {under_way} is under way, but there is {free} less"
    if free and not product.would(_sent_back(product, free)):
        return f"promise: {free} lie on no invoice and cannot be sent back"
    return f"promise: {free + 1} can be sent back of {free}" if product.would(_sent_back(product, free + 1)) else None


def _sent_back(product: Product, amount: int) -> Step:
    return Step("orders/refund-payment", {"amount": major(amount, product.currency), "mode": "offline"})


def _offers_hold(product: Product) -> str | None:
    """Each command that is offered is accepted with some body."""
    for command in product.allowed():
        if not any(product.would(step) for step in bodies(product, command)):
            return f"promise: {command} is offered and no body is accepted"
    return None


def taken_unoffered(product: Product, commands: Iterable[str]) -> str | None:
    """A command that is not offered and is accepted all the same, with some sensible body."""
    for command in set(commands) - set(product.allowed()):
        taken = next((step for step in bodies(product, command) if product.would(step)), None)
        if taken is not None:
            return f"promise: {command} is not offered and {taken.text()} is accepted"
    return None


def bodies(product: Product, command: str) -> list[Step]:
    """Bodies one of which an offered command must take."""
    name, one = f"orders/{command}", major(1, product.currency)
    view = product.view()
    if command == "invoices":
        modes: list[dict[str, Any]] = [{}, *({"capture": mode} for mode in ("online", "offline", "none"))]
        whole = [Step(name, {"lines": "all_remaining"} | mode) for mode in modes]
        lines = {line: each["to_invoice"] for line, each in view["lines"].items()}
        return whole + [Step(name, {"lines": [each]} | mode) for each in _ones(lines) for mode in modes]
    if command == "shipments":
        left = {line: each["to_ship"] for line, each in view["lines"].items()}
        some = [[{"line_id": line, "quantity": count} for line, count in left.items() if count]]
        return [parcel(units) for units in some + [[each] for each in _ones(left)] if units]
    if command in {"authorize-payment", "capture-payment"}:
        return [Step(name, {"amount": one, "provider_reference": "a new one"})]
    if command == "refund-payment":
        owned = [{}, *({"currency": each} for each in ("USD", "EUR", "JPY") if each != product.currency)]
        foreign = [Step(name, {"amount": Decimal(1), "mode": "offline"} | each) for each in owned[1:]]
        return [Step(name, {"amount": one, "mode": "offline"}), *foreign]
    if command == "cancel":
        lines = {line: each["to_cancel"] for line, each in view["lines"].items()}
        return [Step(name), *(Step(name, {"lines": [each]}) for each in _ones(lines))]
    return [Step(name, body) for body in SIMPLE.get(command, [{}])]


def _ones(left: dict[str, int]) -> list[dict[str, Any]]:
    return [{"line_id": line, "quantity": 1} for line, count in left.items() if count]


def parcel(units: list[dict[str, Any]]) -> Step:
    """A shipment of these units in one package."""
    packages = [{"weight_grams": 900, "contents": units, "tracking_number": "T0"}]
    return Step("orders/shipments", {"lines": units, "carrier": "ups", "packages": packages})


def _unblocked(product: Product) -> Product:
    """The order with the gateway's answers in, released and accepted (or denied where nothing can be accepted)."""
    twin = product.twin()
    while twin.view()["asked"]:
        twin.take(Step("gateway", {"approved": True, "reference": f"g{len(twin.events)}"}, 0))
    twin.take(Step("orders/release"))
    if twin.take(Step("orders/accept-payment"))[0] != "accepted":
        twin.take(Step("orders/deny-payment"))
    return twin


def _due_can_be_asked(product: Product) -> str | None:
    """What is due lies on an open invoice, can be invoiced or given up, or is settled when it is paid."""
    twin = _unblocked(product)
    view = twin.view()
    due = view["totals"]["due"]
    asks = (
        not due
        or any(each["state"] == "open" for each in view["invoices"])
        or any(twin.would(step) for step in [*bodies(twin, "invoices"), Step("orders/cancel")])
    )
    if asks:
        return None
    twin.take(Step("orders/capture-payment", {"amount": major(due, twin.currency), "provider_reference": "late"}))
    after = twin.view()
    settled = after["totals"]["due"] == 0 and not any(each["to_invoice"] for each in after["lines"].values())
    return None if settled else f"promise: {due} are due and nothing can ask for them or give them up"


def _can_end(product: Product) -> str | None:
    """Some sequence of commands ends every order: here a greedy one."""
    for first in ("orders/accept-payment", "orders/deny-payment"):
        twin = product.twin()
        for number in range(ROUNDS):
            if _is_over(twin):
                return None
            for step in _ending(twin, first, number):
                twin.take(step)
    view = twin.view()
    return f"promise: nothing ends this order; it is {view['status']} with {view['totals']} and {view['lines']}"


def _is_over(product: Product) -> bool:
    view = product.view()
    return view["status"] in ENDED and view["totals"]["due"] == 0 and not view["asked"]


def _ending(product: Product, review: str, number: int) -> list[Step]:
    """One round of clearing up: answers, decisions, cancellation, then documents, goods and money."""
    view = product.view()
    steps = [Step("gateway", {"approved": True, "reference": f"e{number}-{each}"}, 0) for each in range(5)]
    steps += [Step("orders/release"), Step(review), Step("orders/deny-payment"), Step("orders/cancel")]
    due = view["totals"]["due"]
    if due and number:
        body = {"amount": major(due, product.currency), "provider_reference": f"end-{number}"}
        steps.append(Step("orders/capture-payment", body))
    steps.append(Step("orders/invoices", {"lines": "all_remaining"}))
    steps += [Step("invoices/capture", {}, each) for each in range(len(view["invoices"]))]
    left = {line: each["to_ship"] for line, each in view["lines"].items()}
    units = [{"line_id": line, "quantity": count} for line, count in left.items() if count]
    if units:
        steps.append(parcel(units))
    for each, invoice in enumerate(view["invoices"] if number > 2 else []):
        steps += _refunds(product, invoice, each, units)
    return steps


def _refunds(product: Product, invoice: dict[str, Any], number: int, units: list[dict[str, Any]]) -> list[Step]:
    """Give up what cannot be shipped: its units are refunded for what the invoice still holds."""
    steps = []
    for unit in units:
        quantity, net, tax = invoice["lines"].get(unit["line_id"], (0, 0, 0))
        for count in range(min(quantity, unit["quantity"]), 0, -1):
            worth = Fraction((net + tax) * count, quantity)
            lines = [unit | {"quantity": count, "disposition": "unshipped"}]
            for fee in sorted({0, round(worth), max(0, round(worth) - invoice["holding"])}):
                body = {"lines": lines, "mode": "offline", "adjustment_fee": major(fee, product.currency)}
                steps.append(Step("invoices/refund", body, number))
    return steps
