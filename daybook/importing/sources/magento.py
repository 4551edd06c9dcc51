"""Magento's (Adobe Commerce's) orders, invoices, shipments and credit memos as its REST interface lists them.

One object with `orders`, `invoices`, `shipments` and `creditmemos`, each the answer of its search, or each answer as a
file of its own. Documents keep their numbers; what Daybook will make of their lines is compared with their totals.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from daybook.importing.sources import magento_life as life
from daybook.importing.sources import magento_lines as goods
from daybook.importing.sources.amounts import minor, number
from daybook.importing.sources.listings import newest, read_list, report_unknown, shape_of, told_once, why_no_order
from daybook.importing.sources.magento_fields import FIELDS, ORDER
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import Comment, Discount, Figures, SourceCharge, SourceOrder
from daybook.importing.sources.parties import address, customer_of
from daybook.importing.sources.reading import UTC, Options, Reading, RefusedOrder, Source
from daybook.importing.sources.refused import Refused, Unreadable
from daybook.importing.sources.shelf import Kept, Shelf, shelf
from daybook.importing.sources.tables import KEPT

PARTS = ("orders", "invoices", "shipments", "creditmemos")

Json = dict[str, Any]


def read(files: Sequence[Path], options: Options) -> Reading:
    """The orders of the files with the documents of the files."""
    with shelf() as kept:
        found = {kind for path in files for kind in _put_aside(path, kept)}
        if "orders" not in found:
            raise Unreadable(
                "None of the files has orders; take /rest/V1/orders?searchCriteria=, and the documents beside"
            )
        options.counted(kept.count())
        for order_id, things in kept.owners():
            yield from _orders(order_id, things, options)


def _put_aside(path: Path, kept: Shelf) -> Iterator[str]:
    shape, names = shape_of(path)
    if shape == "object" and "items" in names:
        yield from _keep(path, "items.item", _kind(path), kept)
    elif shape == "object" and set(names) & set(PARTS):
        for kind in PARTS:
            if kind in names:
                yield from _keep(path, f"{kind}.items.item", kind, kept)
    else:
        raise Unreadable(f"{path} is none of Magento's lists: it has neither items nor any of {', '.join(PARTS)}")


def _kind(path: Path) -> str:
    """What a list without a name is of, told by its first entry."""
    _, first = next(iter(read_list(path, "items.item")), (0, {}))
    marks = {"order_currency_code": "orders", "tracks": "shipments", "adjustment_positive": "creditmemos"}
    return next((kind for mark, kind in marks.items() if mark in first), "invoices")


def _keep(path: Path, prefix: str, kind: str, kept: Shelf) -> Iterator[str]:
    for n, found in read_list(path, prefix):
        owner = found.get("entity_id" if kind == "orders" else "order_id")
        if owner is None:
            raise Unreadable(f"{path}, entry {n} of {kind} names no order")
        kept.put(str(owner), kind, path.name, n, found)
    yield kind


def _orders(order_id: str, things: list[Kept], options: Options) -> Iterator[SourceOrder | RefusedOrder]:
    documents = {kind: _of(kind, things) for kind in PARTS[1:]}
    orders = [thing for thing in things if thing.kind == "orders"]
    if not orders:
        yield RefusedOrder(order_id, things[0].place, f"Its {things[0].kind} belong to an order that is in no file")
    for thing in newest(orders, ("updated_at",)):
        try:
            yield told_once(_order(thing, documents, options), len(orders))
        except Refused as refused:
            yield RefusedOrder(str(thing.value.get("increment_id", order_id)), thing.place, str(refused))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield RefusedOrder(order_id, thing.place, why_no_order(error, "Magento"))


def _of(kind: str, things: list[Kept]) -> list[Json]:
    """The documents of a kind, once each, the oldest first."""
    found = {str(thing.value["entity_id"]): thing.value for thing in things if thing.kind == kind}
    return sorted(found.values(), key=lambda each: (str(each.get("created_at", "")), int(each["entity_id"])))


def _order(thing: Kept, documents: dict[str, list[Json]], options: Options) -> SourceOrder:
    said: Json = thing.value
    currency = said["order_currency_code"] or options.currency
    order = SourceOrder(
        source="magento",
        source_id=str(said["entity_id"]),
        number=str(said["increment_id"]).strip(),
        place=thing.place,
        currency=currency,
        purchased_at=moment(said["created_at"], UTC, (), "created_at"),
        figures=Figures(0, 0, 0, None),
        lines=[],
        customer_note=said.get("customer_note") or "",
        status_said=said["state"],
        channel="magento",
    )
    report_unknown(said, ORDER, "", order.notes)
    order.base_rate = _base_rate(order, said, options.base_currency)
    order.attributes = {
        name: str(said[name]).replace("\n", " / ") for name, where in ORDER.items() if where == KEPT and said.get(name)
    }
    if said.get("status", said["state"]) != said["state"]:
        order.attributes["status"] = said["status"]
    _parties(order, said)
    gross = any(number(item.get("discount_tax_compensation_amount"), "discount") for item in said["items"])
    order.prices_include_tax = gross
    goods.put(order, said)
    _delivery(order, said)
    _comments(order, said)
    life.put(order, said, documents)
    order.require_total(order.figures.grand_total)
    return order


def _base_rate(order: SourceOrder, said: Json, books: str) -> str | None:
    """What one unit of the order's currency is in that of the books here; Magento keeps it the other way round.

    Magento's rate is to the base currency of its website, which says nothing of books in another.
    """
    base, rate = said.get("base_currency_code"), number(said.get("base_to_order_rate"), "base_to_order_rate")
    if base in (None, order.currency) or rate <= 0:
        return None
    if base != books:
        kept_in = f"the books here are in {books}" if books else "a dry run does not ask in what the books here are"
        order.notes.dropped.append(f"base_to_order_rate {rate.normalize():f}: it is to {base}, and {kept_in}")
        return None
    return f"{(1 / rate).quantize(Decimal(1).scaleb(-10)).normalize():f}"


def _parties(order: SourceOrder, said: Json) -> None:
    billing = said["billing_address"] or {}
    assignments = (said.get("extension_attributes") or {}).get("shipping_assignments") or [{}]
    shipping = (assignments[0].get("shipping") or {}).get("address")
    order.billing = _address(billing)
    order.ship_to = _address(shipping) if shipping else None
    if not order.billing and order.ship_to:
        order.billing = order.ship_to
        order.notes.assumed.append("no billing address: the one it was sent to is it")
    elif not order.billing:
        order.pickup = True
        order.notes.assumed.append("no address at all: sold at the counter, picked up or sent by email")
    own = str(said["customer_id"]) if said.get("customer_id") else ""
    order.customer = customer_of("magento", own, said.get("customer_email") or "", order.source_id)
    parts = (said.get(f"customer_{part}name") for part in ("first", "middle", "last"))
    known = {
        "email": said.get("customer_email"),
        "name": " ".join(filter(None, parts)) or order.billing.get("name"),
        "group": str(said.get("customer_group_id", "")),
    }
    order.customer |= {name: value for name, value in known.items() if value}
    order.vat_id = billing.get("vat_id") or said.get("customer_taxvat") or ""


def _address(said: Json) -> Json:
    return address(
        name=" ".join(filter(None, (said.get("firstname"), said.get("middlename"), said.get("lastname")))),
        company=said.get("company") or "",
        street=list(said.get("street") or []),
        city=said.get("city") or "",
        region=said.get("region") or "",
        postcode=said.get("postcode") or "",
        country=said.get("country_id") or "",
        phone=said.get("telephone") or "",
    )


def _delivery(order: SourceOrder, said: Json) -> None:
    gross = order.prices_include_tax
    amount = minor(said["shipping_incl_tax" if gross else "shipping_amount"], order.currency, "shipping_amount")
    tax = minor(said.get("shipping_tax_amount"), order.currency, "shipping_tax_amount")
    if not amount and not said.get("shipping_description"):
        return
    rate = goods.one_rate(order)
    if amount and bool(tax) != bool(rate):
        rate = None
    order.delivery = SourceCharge(
        name=said.get("shipping_description") or "", kind="delivery", amount=amount, tax_amount=tax, tax_rate=rate
    )
    assignments = (said.get("extension_attributes") or {}).get("shipping_assignments") or [{}]
    order.delivery_method = str((assignments[0].get("shipping") or {}).get("method") or "")[:64]
    if off := minor(said.get("shipping_discount_amount"), order.currency, "shipping_discount_amount"):
        order.discounts.append(Discount(off, "shipping", said.get("coupon_code"), said.get("discount_description")))


def _comments(order: SourceOrder, said: Json) -> None:
    for entry in said.get("status_histories") or []:
        if entry.get("comment"):
            at = moment(entry["created_at"], UTC, (), "created_at")
            order.comments.append(Comment(entry["comment"], at, visible=bool(entry.get("is_visible_on_front"))))


SOURCE = Source(
    name="magento",
    title="Magento, Adobe Commerce",
    files="the JSON of /rest/V1/orders, invoices, shipments and creditmemos, as one object or a file each",
    read=read,
    fields=FIELDS,
)
