"""Lines, fees, delivery and taxes of a WooCommerce order, rounded to its currency so that they make its total."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from daybook.importing.sources.allotting import allot
from daybook.importing.sources.amounts import minor, scaled, spread_over, to_the_sum
from daybook.importing.sources.listings import report_unknown
from daybook.importing.sources.order import Discount, SourceCharge, SourceLine, SourceOrder, Tax, Taxed
from daybook.importing.sources.refused import Refused
from daybook.importing.sources.tables import LINE_KEPT
from daybook.importing.sources.taxing import worth
from daybook.importing.sources.woocommerce_fields import LINE
from domain.values import tax_on

Json = dict[str, Any]


def put(order: SourceOrder, said: Json) -> None:
    """Everything that costs or saves money onto the order; the amounts are without tax, the taxes beside them."""
    _lines(order, said)
    _delivery(order, said)
    fees = [fee for fee in said.get("fee_lines", []) if scaled(fee["total"], order.currency, "fee") >= 0]
    rebates = [fee for fee in said.get("fee_lines", []) if fee not in fees]
    for fee in fees:
        amount = _rounded(scaled(fee["total"], order.currency, "fee"))
        order.charges.append(SourceCharge(charge_id=str(fee["id"]), name=fee["name"], kind="surcharge", amount=amount))
    for rebate in rebates:
        off = -_rounded(scaled(rebate["total"], order.currency, "fee"))
        order.discounts.append(Discount(off, "lines", name=rebate["name"]))
        order.notes.spread.append(f"fee below zero, {rebate['name']}, as a discount over the lines")
    _taxes(order, said, fees, rebates)


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _lines(order: SourceOrder, said: Json) -> None:
    items, currency = said["line_items"], order.currency
    if not items:
        raise Refused("The order has no lines")
    befores = [scaled(item["subtotal"], currency, "subtotal") for item in items]
    afters = [scaled(item["total"], currency, "total") for item in items]
    amounts = to_the_sum(_rounded(sum(befores, Decimal(0))), befores, "subtotal")
    nets = to_the_sum(_rounded(sum(afters, Decimal(0))), afters, "total of the lines")
    nets = [min(net, amount) for net, amount in zip(nets, amounts, strict=True)]
    for item, amount in zip(items, amounts, strict=True):
        order.lines.append(_line(order, item, amount))
    coupons = [
        (coupon["code"], None, _rounded(scaled(coupon["discount"], currency, "coupon")))
        for coupon in said.get("coupon_lines", [])
    ]
    taken = [amount - net for amount, net in zip(amounts, nets, strict=True)]
    order.discounts += allot(coupons, order.lines, taken, order.notes)


def _line(order: SourceOrder, item: Json, amount: int) -> SourceLine:
    quantity = item["quantity"]
    if int(quantity) != Decimal(str(quantity)) or int(quantity) < 1:
        raise Refused(f"Line {item['id']} has {quantity} units: only whole units can be ordered here")
    report_unknown(item, LINE, f"line {item['id']}, ", order.notes)
    kept = {name: str(item[name]) for name, where in LINE.items() if where == LINE_KEPT and item.get(name)}
    for each in item.get("meta_data", []):
        name = str(each.get("display_key") or each["key"])
        if str(each["key"]).startswith("_"):
            order.notes.dropped.append(f"line {item['id']}, meta_data {each['key']}: {str(each['value'])[:200]}")
        else:
            kept[name[:64]] = str(each.get("display_value") or each["value"])[:1000]
    parent = item.get("composite_parent") or item.get("bundled_by")
    if not item.get("sku"):
        order.notes.assumed.append(f"line {item['id']} has no SKU: its name stands for it")
    return SourceLine(
        line_id=str(item["id"]),
        sku=(item.get("sku") or item["name"])[:128],
        name=item["name"][:255],
        quantity=int(quantity),
        amount=amount,
        parent=str(parent) if parent else None,
        gtin=item.get("global_unique_id") or None,
        attributes=kept,
    )


def _delivery(order: SourceOrder, said: Json) -> None:
    lines = said.get("shipping_lines", [])
    amounts = [_rounded(scaled(line["total"], order.currency, "shipping")) for line in lines]
    for n, (line, amount) in enumerate(zip(lines, amounts, strict=True)):
        if n == 0:
            order.delivery = SourceCharge(name=line["method_title"], kind="delivery", amount=amount)
            order.delivery_method = line["method_id"]
        else:
            named = {"charge_id": str(line["id"]), "name": line["method_title"], "kind": "shipping"}
            order.charges.append(SourceCharge(**named, amount=amount))


def _taxes(order: SourceOrder, said: Json, fees: list[Json], rebates: list[Json]) -> None:
    """All taxes rounded together, so that they make the order's; what rebates took off is taken off the lines'."""
    currency = order.currency
    shipping = said.get("shipping_lines", [])
    others = [charge for charge in order.charges if charge.kind == "shipping"]
    surcharges = [charge for charge in order.charges if charge.kind == "surcharge"]
    bearers: list[Taxed] = [*order.lines, *([order.delivery] if order.delivery else []), *others, *surcharges]
    parts = [scaled(each["total_tax"], currency, "tax") for each in [*said["line_items"], *shipping, *fees]]
    off = -sum((scaled(rebate["total_tax"], currency, "tax") for rebate in rebates), Decimal(0))
    total = minor(said["total_tax"], currency, "total_tax")
    rounded = to_the_sum(total + _rounded(off), parts, "total_tax")
    if any(part != net for part, net in zip(parts, rounded, strict=True)):
        order.notes.spread.append("taxes with more decimals than the currency, rounded so that they make total_tax")
    in_lines = len(order.lines)
    less = spread_over(_rounded(off), rounded[:in_lines]) if off else [0] * in_lines
    worths = list(worth(order).values())
    for n, (bearer, tax) in enumerate(zip(bearers, rounded, strict=True)):
        amount = tax - (less[n] if n < in_lines else 0)
        cost = worths[n] if n < in_lines else getattr(bearer, "amount", 0)
        _name_tax(order, bearer, amount, cost, said)


def _name_tax(order: SourceOrder, bearer: Taxed, amount: int, cost: int, said: Json) -> None:
    """The one tax of the order with its rate, if that is its rate; several are told by their rates, else unnamed."""
    lines = said.get("tax_lines", [])
    fitting = [line for line in lines if _is_rate(line, cost, amount)]
    if amount and len(fitting) == 1:
        bearer.taxes.append(Tax(fitting[0]["label"], amount, _rate(fitting[0])))
    elif amount and len(lines) == 1:
        bearer.taxes.append(Tax(lines[0]["label"], amount))
        named = f"the {lines[0]['rate_percent']} % that the order names"
        order.notes.assumed.append(f"a tax is not {named}: its rate is left open")
    else:
        bearer.tax_amount = amount


def _rate(line: Json) -> Decimal | None:
    percent = line.get("rate_percent")
    return None if percent is None else Decimal(str(percent)) / 100


def _is_rate(line: Json, cost: int, amount: int) -> bool:
    """Within a minor unit: the shop rounded elsewhere."""
    rate = _rate(line)
    return rate is not None and abs(tax_on(cost, rate) - amount) <= 1
