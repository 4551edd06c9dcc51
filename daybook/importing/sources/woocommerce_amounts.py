"""Lines, fees and delivery of a WooCommerce order, rounded to its currency so that they make its total."""

from decimal import Decimal
from html import unescape
from typing import Any

from daybook.importing.sources import woocommerce_taxes as taxes
from daybook.importing.sources.allotting import allot
from daybook.importing.sources.amounts import number, rounded, scaled, to_the_sum
from daybook.importing.sources.listings import report_unknown
from daybook.importing.sources.order import Discount, SourceCharge, SourceLine, SourceOrder, Taxed
from daybook.importing.sources.refused import Refused
from daybook.importing.sources.tables import LINE_KEPT
from daybook.importing.sources.woocommerce_fields import LINE

Json = dict[str, Any]


def put(order: SourceOrder, said: Json) -> None:
    """Everything that costs or saves money onto the order; the amounts are without tax, the taxes beside them."""
    fees = said.get("fee_lines") or []
    rebates = [fee for fee in fees if _cost(fee, order) < 0]
    surcharges = [fee for fee in fees if fee not in rebates]
    items = _items(order, said.get("line_items") or [])
    if not items:
        items, surcharges = _fees_as_lines(order, surcharges), []
    _lines(order, items, said)
    shipping = said.get("shipping_lines") or []
    bearers: list[Taxed] = [*order.lines, *_delivery(order, shipping)]
    for fee in surcharges:
        named = {"charge_id": str(fee["id"]), "name": fee["name"], "kind": "surcharge"}
        order.charges.append(SourceCharge(**named, amount=rounded(_cost(fee, order))))
        bearers.append(order.charges[-1])
    for rebate in rebates:
        order.discounts.append(Discount(-rounded(_cost(rebate, order)), "lines", name=rebate["name"]))
        order.notes.spread.append(f"fee below zero, {rebate['name']}, as a discount over the lines")
    taxes.put(order, said, [*items, *shipping, *surcharges], bearers, rebates)


def _cost(fee: Json, order: SourceOrder) -> Decimal:
    return scaled(fee["total"], order.currency, "fee")


def _items(order: SourceOrder, items: list[Json]) -> list[Json]:
    """The items that are any; one of no units that costs nothing was taken out of the order."""
    found = []
    for item in items:
        if number(item["quantity"], "quantity"):
            found.append(item)
        elif any(number(item.get(name), name) for name in ("subtotal", "total", "total_tax")):
            raise Refused(
                f"Line {item['id']}, {item['name']}, has no units and costs something. Set its quantity there"
            )
        else:
            order.notes.dropped.append(f"line {item['id']}, {item['name']}: it has no units")
            order.gone.append(str(item["id"]))
    return found


def _fees_as_lines(order: SourceOrder, fees: list[Json]) -> list[Json]:
    """An order of fees alone is one of things that are not packed: here nothing is sold without a line."""
    if not fees:
        raise Refused("The order has no lines and no fees: nothing was sold. Leave it out, or place it by hand")
    order.notes.assumed.append("the order has only fees: each is a line that needs no parcel")
    return [fee | {"quantity": 1, "subtotal": fee["total"], "sku": "fee", "fee": True} for fee in fees]


def _lines(order: SourceOrder, items: list[Json], said: Json) -> None:
    afters = [scaled(item["total"], order.currency, "total") for item in items]
    befores = [_before(order, item, after) for item, after in zip(items, afters, strict=True)]
    amounts = to_the_sum(rounded(sum(befores, Decimal(0))), befores, "subtotal")
    nets = to_the_sum(rounded(sum(afters, Decimal(0))), afters, "total of the lines")
    nets = [min(net, amount) for net, amount in zip(nets, amounts, strict=True)]
    for item, amount in zip(items, amounts, strict=True):
        order.lines.append(_line(order, item, amount))
    coupons = [
        (coupon["code"], None, rounded(scaled(coupon["discount"], order.currency, "coupon")))
        for coupon in said.get("coupon_lines") or []
    ]
    taken = [amount - net for amount, net in zip(amounts, nets, strict=True)]
    order.discounts += allot(coupons, order.lines, taken, order.notes)


def _before(order: SourceOrder, item: Json, after: Decimal) -> Decimal:
    """What a line cost before discounts; one that was sold for more than its subtotal cost that."""
    if after < 0:
        raise Refused(
            f"Line {item['id']}, {item['name']}, costs less than nothing. "
            "Make it a fee below zero or a coupon there, or place this order by hand"
        )
    before = scaled(item["subtotal"], order.currency, "subtotal")
    if after > before:
        order.notes.assumed.append(f"line {item['id']} was sold for more than its subtotal: its total is its price")
    return max(before, after)


def _line(order: SourceOrder, item: Json, amount: int) -> SourceLine:
    quantity = number(item["quantity"], "quantity")
    if quantity != int(quantity) or quantity < 1:
        raise Refused(f"Line {item['id']} has {item['quantity']} units: only whole units can be ordered here")
    report_unknown({} if "fee" in item else item, LINE, f"line {item['id']}, ", order.notes)
    kept = {name: str(item[name]) for name, where in LINE.items() if where == LINE_KEPT and item.get(name)}
    for each in item.get("meta_data") or []:
        called = str(each.get("display_key") or each["key"])
        if str(each["key"]).startswith("_"):
            order.notes.dropped.append(f"line {item['id']}, meta_data {each['key']}: {str(each['value'])[:200]}")
        else:
            kept[called] = str(each.get("display_value") or each["value"])
    parent = item.get("composite_parent") or item.get("bundled_by")
    name = unescape(item["name"] or "").strip()
    if not item.get("sku"):
        instead = "its name stands for it" if name else "nor a name: its id stands for both"
        order.notes.assumed.append(f"line {item['id']} has no SKU{':' if name else ','} {instead}")
    return SourceLine(
        line_id=str(item["id"]),
        sku=item.get("sku") or name or f"item-{item['id']}",
        name=name or item.get("sku") or f"item-{item['id']}",
        quantity=int(quantity),
        amount=amount,
        shippable="fee" not in item,
        parent=str(parent) if parent else None,
        gtin=item.get("global_unique_id") or None,
        attributes=kept,
    )


def _delivery(order: SourceOrder, lines: list[Json]) -> list[SourceCharge]:
    """The first is the delivery, any more are charges; answers them all."""
    found = []
    for n, line in enumerate(lines):
        amount = rounded(scaled(line["total"], order.currency, "shipping"))
        if n == 0:
            order.delivery = SourceCharge(name=line["method_title"], kind="delivery", amount=amount)
            order.delivery_method = line["method_id"]
            found.append(order.delivery)
        else:
            named = {"charge_id": str(line["id"]), "name": line["method_title"], "kind": "shipping"}
            order.charges.append(SourceCharge(**named, amount=amount))
            found.append(order.charges[-1])
    return found
