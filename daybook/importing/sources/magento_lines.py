"""The items of a Magento order: configurable goods are one line, bundles a line with its parts, coupons per line."""

from decimal import Decimal
from typing import Any

from daybook.importing.sources.allotting import allot
from daybook.importing.sources.amounts import minor, number
from daybook.importing.sources.listings import report_unknown
from daybook.importing.sources.magento_fields import ITEM
from daybook.importing.sources.order import SourceCharge, SourceLine, SourceOrder
from daybook.importing.sources.refused import Refused

Json = dict[str, Any]


def put(order: SourceOrder, said: Json) -> None:
    """Lines and discounts onto the order."""
    items = {str(item["item_id"]): item for item in said["items"]}
    taken = []
    for item in items.values():
        report_unknown(item, ITEM, f"item {item['item_id']}, ", order.notes)
        parent = items.get(str(item.get("parent_item_id")))
        if parent is not None and parent["product_type"] == "configurable":
            order.notes.assumed.append(
                f"item {item['item_id']} is what was chosen of item {parent['item_id']}: one line"
            )
            continue
        children = [child for child in items.values() if child.get("parent_item_id") == item["item_id"]]
        order.lines.append(_line(order, item, parent, children))
        _fixed_tax(order, item)
        taken.append(minor(item.get("discount_amount"), order.currency, "discount_amount"))
    if not order.lines:
        raise Refused("The order has no items: nothing was sold. Leave it out, or place it by hand")
    for line in order.lines:
        if not line.amount and not line.tax_amount and not line.tax_rate:
            line.tax_rate = one_rate(order)
    off_shipping = minor(said.get("shipping_discount_amount"), order.currency, "shipping_discount_amount")
    whole = abs(minor(said.get("discount_amount"), order.currency, "discount_amount")) - off_shipping
    coupon = (said.get("coupon_code"), said.get("discount_description"), whole)
    order.discounts += allot([coupon], order.lines, taken, order.notes)


def _fixed_tax(order: SourceOrder, item: Json) -> None:
    """What a country takes per piece (of batteries, screens, copyright), billed beside the row."""
    name = "weee_tax_applied_row_amount"
    if amount := minor(item.get(name), order.currency, name):
        called = f"Fixed product tax, {item.get('name') or item['sku']}"
        order.charges.append(SourceCharge(charge_id=f"fixed-{item['item_id']}", name=called, kind="fee", amount=amount))
        order.notes.assumed.append(f"{called}: a charge whose rate of tax is left open")


def one_rate(order: SourceOrder) -> Decimal | None:
    """The rate of everything that costs something, 0 % too; None where there are several, or one is not known."""
    rates = {line.tax_rate for line in order.lines if line.amount}
    return rates.pop() if len(rates) == 1 else None


def _rate(item: Json, tax: int, amount: int) -> Decimal | None:
    """The percent that Magento says, where it can be that of the amount: 0 % of what is not taxed."""
    percent = number(item.get("tax_percent"), "tax_percent")
    says_none = item.get("tax_percent") in (None, "")
    return None if says_none or (not percent and (tax or not amount)) else percent / 100


def _line(order: SourceOrder, item: Json, parent: Json | None, children: list[Json]) -> SourceLine:
    quantity = number(item["qty_ordered"], "qty_ordered")
    if quantity != int(quantity) or quantity < 1:
        raise Refused(f"Item {item['item_id']} has {quantity} units: only whole units can be ordered here")
    priced_by_parts = item["product_type"] == "bundle" and any(_row(child, order) for child in children)
    tax = 0 if priced_by_parts else minor(item.get("tax_amount"), order.currency, "tax_amount")
    amount = 0 if priced_by_parts else _row(item, order)
    return SourceLine(
        line_id=str(item["item_id"]),
        sku=item["sku"] or item.get("name") or f"item-{item['item_id']}",
        name=item.get("name") or item["sku"] or f"item-{item['item_id']}",
        quantity=int(quantity),
        amount=amount,
        shippable=not item.get("is_virtual") and not _packed_with_parent(parent),
        parent=None if parent is None else str(parent["item_id"]),
        attributes=_attributes(item, children),
        canceled=int(number(item.get("qty_canceled"), "qty_canceled")),
        tax_amount=tax,
        tax_rate=_rate(item, tax, amount),
    )


def _row(item: Json, order: SourceOrder) -> int:
    name = "row_total_incl_tax" if order.prices_include_tax else "row_total"
    return minor(item.get(name), order.currency, name)


def _packed_with_parent(parent: Json | None) -> bool:
    """The parts of a bundle that ships together are in the parcel of the bundle."""
    if parent is None:
        return False
    options = parent.get("product_options") or parent.get("product_option") or {}
    return str(options.get("shipment_type", "0")) != "1" if isinstance(options, dict) else True


def _attributes(item: Json, children: list[Json]) -> dict[str, str]:
    kept = {name: str(item[name]) for name in ("product_id",) if item.get(name)}
    if number(item.get("weight"), "weight"):
        kept["weight"] = f"{Decimal(str(item['weight'])).normalize():f}"
    extension = (item.get("product_option") or {}).get("extension_attributes") or {}
    for chosen in extension.get("configurable_item_options") or []:
        kept[str(chosen["option_id"])] = str(chosen["option_value"])
    for chosen in extension.get("custom_options") or []:
        kept[f"option {chosen['option_id']}"] = str(chosen["option_value"])
    if item["product_type"] == "configurable" and children:
        kept["article"] = str(children[0].get("name") or children[0]["sku"])
    return kept
