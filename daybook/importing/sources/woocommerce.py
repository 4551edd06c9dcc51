"""WooCommerce's orders as its REST interface gives them (`/wp-json/wc/v3/orders`), and its refunds where there are.

Amounts are without tax and with up to six decimals, the order's total has two: what must add up is the total. A gift
card lowered the total and is a payment here; a negative fee is a discount.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from daybook.importing.sources import woocommerce_amounts as amounts
from daybook.importing.sources import woocommerce_life as life
from daybook.importing.sources.amounts import minor
from daybook.importing.sources.listings import newest, read_list, report_unknown, shape_of, told_once, why_no_order
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import Figures, Notes, SourceOrder
from daybook.importing.sources.parties import address, customer_of, postcode
from daybook.importing.sources.reading import UTC, Options, Reading, RefusedOrder, Source
from daybook.importing.sources.refused import Refused, Unreadable
from daybook.importing.sources.shelf import Kept, Shelf, shelf
from daybook.importing.sources.shopify import code
from daybook.importing.sources.woocommerce_fields import FIELDS, ORDER

NO_ORDERS = {"checkout-draft", "auto-draft", "trash"}
VAT_IDS = ("_billing_vat_id", "_vat_number", "billing_vat_number", "_billing_vat_number", "_billing_eu_vat_number")
PURCHASE_ORDERS = ("_purchase_order_number", "_po_number", "po_number")
CHANNELS = ("utm_source", "_wc_order_attribution_utm_source")
TIMES = ("date_created", "date_paid", "date_completed", "date_modified")
SCALARS = ("created_via", "parent_id", "payment_method")

Json = dict[str, Any]


def read(files: Sequence[Path], options: Options) -> Reading:
    """The orders of the files with the refunds of the files."""
    with shelf() as kept:
        found = [_put_aside(path, kept) for path in files]
        if "order" not in found:
            raise Unreadable("None of the files has orders; take /wp-json/wc/v3/orders (and .../refunds beside it)")
        options.counted(kept.count())
        for order_id, things in kept.owners():
            yield from _orders(order_id, things, options)


def _put_aside(path: Path, kept: Shelf) -> str:
    shape, names = shape_of(path)
    kind = "refund" if "line_items" in names and "billing" not in names else "order"
    if shape != "list" or (names and "id" not in names):
        raise Unreadable(f"{path} is no list of orders or refunds of WooCommerce's REST interface")
    for n, found in read_list(path, "item"):
        owner = found.get("order_id") or found.get("parent_id") if kind == "refund" else found.get("id")
        if owner is None:
            raise Unreadable(f"{path}, entry {n} names no order; refunds need order_id or parent_id")
        kept.put(str(owner), kind, path.name, n, found)
    return kind


def _orders(order_id: str, things: list[Kept], options: Options) -> Iterator[SourceOrder | RefusedOrder]:
    refunds = {thing.value["id"]: thing.value for thing in things if thing.kind == "refund"}
    orders = [thing for thing in things if thing.kind == "order"]
    if not orders:
        yield RefusedOrder(order_id, things[0].place, "The refund belongs to an order that is in none of the files")
    for thing in newest(orders, ("date_modified_gmt", "date_modified")):
        try:
            yield told_once(_order(thing, list(refunds.values()), options), len(orders))
        except Refused as refused:
            yield RefusedOrder(str(thing.value.get("number", order_id)), thing.place, str(refused))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield RefusedOrder(order_id, thing.place, why_no_order(error, "WooCommerce"))


def _order(thing: Kept, refunds: list[Json], options: Options) -> SourceOrder:
    notes = Notes()
    said = _dated(thing.value, options, notes) | {"status": str(thing.value["status"]).strip().removeprefix("wc-")}
    if said["status"] in NO_ORDERS:
        raise Refused(f"Its status is {said['status']}: it was never placed. Leave it out")
    currency = said["currency"] or options.currency
    meta = {str(each["key"]): each["value"] for each in said.get("meta_data") or []}
    order = SourceOrder(
        source="woocommerce",
        source_id=str(said["id"]),
        number=str(said["number"]).strip(),
        place=thing.place,
        currency=currency,
        purchased_at=moment(said["date_created_gmt"], UTC, (), "date_created"),
        figures=Figures(0, 0, 0, None),
        lines=[],
        title=said["payment_method_title"] or "",
        channel=code(_first(meta, CHANNELS) or str(said["created_via"])),
        customer_note=said["customer_note"] or "",
        vat_id=_first(meta, VAT_IDS),
        purchase_order=_first(meta, PURCHASE_ORDERS),
        status_said=said["status"],
        notes=notes,
    )
    report_unknown(said, ORDER, "", order.notes)
    order.attributes = _attributes(order, said, meta)
    _parties(order, said)
    amounts.put(order, said)
    gift_cards = sum(minor(card["amount"], currency, "gift_cards") for card in said.get("gift_cards") or [])
    dated = [_dated(refund, options, order.notes) for refund in refunds]
    life.put(order, said, meta, dated, gift_cards)
    order.require_total(order.figures.grand_total)
    return order


def _dated(said: Json, options: Options, notes: Notes) -> Json:
    """The same with each time in UTC; one that is only there in the shop's own time is one of ``--time-zone``."""
    found = dict(said)
    for name in TIMES:
        if said.get(name) and not said.get(f"{name}_gmt"):
            found[f"{name}_gmt"] = moment(said[name], options.time_zone, (), name)
            notes.assumed.append(f"{name} without {name}_gmt: a time of {options.time_zone.key}")
    return found


def _first(meta: Json, names: Sequence[str]) -> str:
    return next((str(meta[name]) for name in names if meta.get(name)), "")


def _attributes(order: SourceOrder, said: Json, meta: Json) -> dict[str, str]:
    kept = {name: str(said[name]) for name in SCALARS if said.get(name)}
    used = {*VAT_IDS, *PURCHASE_ORDERS, *CHANNELS[1:], life.TRACKING}
    for name, value in meta.items():
        if name in used or value in (None, "", [], {}):
            continue
        if name.startswith("_") or not isinstance(value, str | int | float):
            order.notes.dropped.append(f"meta_data {name}: {str(value)[:200]}")
        else:
            kept[name] = str(value)
    return kept


def _parties(order: SourceOrder, said: Json) -> None:
    billing, shipping = said["billing"] or {}, said.get("shipping") or {}
    own = str(said["customer_id"]) if said.get("customer_id") else ""
    order.billing, ship_to = _address(billing), _address(shipping)
    order.customer = customer_of("woocommerce", own, billing.get("email") or "", order.source_id)
    known = {"email": billing.get("email"), "name": order.billing.get("name")}
    order.customer |= {name: value for name, value in known.items() if value}
    order.ship_to = ship_to if ship_to.get("country") else None
    if order.ship_to and not order.billing:
        order.billing = order.ship_to
        order.notes.assumed.append("no billing address: the one it was sent to is it")
    if order.ship_to is None and order.billing.get("country"):
        order.ship_to = order.billing
        order.notes.assumed.append("no address to ship to: the billing address is it")
    if order.ship_to is None:
        order.pickup = True
        order.notes.assumed.append("no address with a country: sold at the counter, picked up or sent by email")


def _address(said: Json) -> Json:
    return address(
        name=" ".join(filter(None, (said.get("first_name"), said.get("last_name")))),
        company=said.get("company") or "",
        street=[said.get("address_1") or "", said.get("address_2") or ""],
        city=said.get("city") or "",
        region=said.get("state") or "",
        postcode=postcode(said.get("postcode") or ""),
        country=said.get("country") or "",
        phone=said.get("phone") or "",
    )


SOURCE = Source(
    name="woocommerce",
    title="WooCommerce",
    files="the JSON of /wp-json/wc/v3/orders, and of the refunds, if there were any",
    read=read,
    fields=FIELDS,
)
