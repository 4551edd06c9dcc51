"""Turns a folder of the public Olist data set (real Brazilian orders) into commands for `daybook import`.

    python benchmarks/olist.py --data FOLDER --out FILE.ndjson

Real orders show what invented ones never do: several payments of several kinds, totals that are a cent off,
parcels handed over before they were paid. Each order becomes the commands of its steps, in the order of the
steps: the step decides, not the time. Every id and key is derived from the data, so the same folder always
gives the same file, which may be imported again. It must never mend the data: an amount that does not fit
its order is posted as it stands and put under review. It needs the standard library only.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

STORE = "olist"
CURRENCY = "BRL"
CARRIER = "custom"
NAMESPACE = UUID("6f4a2c52-7b1e-5d0a-9c35-0d6f6c697374")
CENT = Decimal("0.01")
CARDS = {"credit_card", "debit_card"}

Row = Mapping[str, str]
Body = dict[str, Any]


class Command(NamedTuple):
    """One line of the file: the path below /commands, the idempotency key, the body."""

    path: str
    key: str
    body: Body


@dataclass(frozen=True, slots=True)
class Item:
    """One unit of one good, as one row of order_items.csv says it."""

    line_id: str
    sku: str
    category: str
    seller: str
    price: Decimal
    freight: Decimal
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One row of order_payments.csv."""

    sequence: int
    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """One order and all the files say about it. A time that is missing is the last one known before it."""

    olist_id: str
    status: str
    customer: Row
    purchased_at: str
    approved_at: str
    handed_over_at: str
    delivered_at: str
    items: tuple[Item, ...]
    payments: tuple[Payment, ...]

    @property
    def order_id(self) -> UUID:
        return order_id_of(self.olist_id)

    @property
    def freight(self) -> Decimal:
        return sum((item.freight for item in self.items), Decimal(0))

    @property
    def total(self) -> Decimal:
        return sum((item.price for item in self.items), self.freight)

    @property
    def paid(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), Decimal(0))

    @property
    def method(self) -> str:
        first = self.payments[0].kind if self.payments else ""
        return "card_authorize" if first in CARDS else "bank_transfer"

    @property
    def by_seller(self) -> dict[str, list[Item]]:
        packed: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            packed[item.seller].append(item)
        return packed


def order_id_of(olist_id: str) -> UUID:
    return uuid5(NAMESPACE, f"order/{olist_id}")


def shipment_id_of(olist_id: str) -> UUID:
    return uuid5(NAMESPACE, f"shipment/{olist_id}")


def read_orders(folder: Path) -> list[SourceOrder]:
    """Every order of the folder, the earliest purchase first."""
    products = {row["product_id"]: row for row in rows(folder / "products.csv")}
    customers = {row["customer_id"]: row for row in rows(folder / "customers.csv")}
    items: dict[str, list[Item]] = defaultdict(list)
    for row in rows(folder / "order_items.csv"):
        items[row["order_id"]].append(item_of(row, products.get(row["product_id"], {})))
    payments: dict[str, list[Payment]] = defaultdict(list)
    for row in rows(folder / "order_payments.csv"):
        payments[row["order_id"]].append(payment_of(row))
    orders = [
        order_of(row, customers[row["customer_id"]], items[row["order_id"]], payments[row["order_id"]])
        for row in rows(folder / "orders.csv")
    ]
    return sorted(orders, key=lambda order: (order.purchased_at, order.olist_id))


def rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def order_of(row: Row, customer: Row, items: Iterable[Item], payments: Iterable[Payment]) -> SourceOrder:
    purchased = row["order_purchase_timestamp"]
    approved = row["order_approved_at"] or purchased
    handed_over = row["order_delivered_carrier_date"] or approved
    delivered = row["order_delivered_customer_date"] or handed_over
    return SourceOrder(
        olist_id=row["order_id"],
        status=row["order_status"],
        customer=customer,
        purchased_at=moment(purchased),
        approved_at=moment(approved),
        handed_over_at=moment(handed_over),
        delivered_at=moment(delivered),
        items=tuple(sorted(items, key=lambda item: int(item.line_id))),
        payments=tuple(sorted(payments, key=lambda payment: payment.sequence)),
    )


def item_of(row: Row, product: Row) -> Item:
    return Item(
        line_id=row["order_item_id"],
        sku=row["product_id"],
        category=product.get("product_category_name", ""),
        seller=row["seller_id"],
        price=money(row["price"]),
        freight=money(row["freight_value"]),
        weight_grams=int(float(product.get("product_weight_g") or 0)),
    )


def payment_of(row: Row) -> Payment:
    return Payment(int(row["payment_sequential"]), row["payment_type"], money(row["payment_value"]))


def money(text: str) -> Decimal:
    """The amount in reais; refuses what has no exact value in centavos, because rounding would be mending."""
    amount = Decimal(text).quantize(CENT)
    if amount != Decimal(text):
        raise ValueError(f"{text} is not a whole number of centavos")
    return amount


def moment(text: str) -> str:
    """The files name no time zone; their times are taken as UTC, as they stand."""
    return text.replace(" ", "T") + "Z"


def place(order: SourceOrder) -> Iterator[Command]:
    address = {
        "city": order.customer["customer_city"],
        "region": order.customer["customer_state"],
        "postcode": order.customer["customer_zip_code_prefix"],
        "country": "BR",
    }
    shipping = {"method": "freight", "description": "Freight", "amount": str(order.freight.quantize(CENT))}
    body = {
        "order_id": str(order.order_id),
        "external_reference": order.olist_id,
        "store": STORE,
        "currency": CURRENCY,
        "customer": {"id": order.customer["customer_unique_id"]},
        "billing_address": address,
        "shipping_address": address,
        "shipping": shipping,
        "payment": {"method": order.method},
        "lines": [line_of(item) for item in order.items],
        "occurred_at": order.purchased_at,
    }
    if order.items:
        body["expected_grand_total"] = str(order.total)
    yield Command("orders", f"olist-{order.olist_id}-place", body)


def line_of(item: Item) -> Body:
    line = {"line_id": item.line_id, "sku": item.sku, "quantity": 1, "unit_price": str(item.price)}
    known = {"name": item.category, "weight_grams": item.weight_grams}
    return line | {field: value for field, value in known.items() if value}


def pay(order: SourceOrder) -> Iterator[Command]:
    """Every payment above 0.00. An authorization stops at what is due; a capture is a fact and never cut."""
    due = order.total
    for payment in order.payments:
        if not payment.amount:
            continue
        authorized = min(payment.amount, due)
        if order.method == "card_authorize" and authorized > 0:
            yield payment_command(order, "authorize", payment, authorized)
        yield payment_command(order, "capture", payment, payment.amount)
        due -= payment.amount
    if order.paid < order.total:
        yield of_order(order, "flag-payment", {"reason": "Paid less than the total"}, order.approved_at)


def payment_command(order: SourceOrder, verb: str, payment: Payment, amount: Decimal) -> Command:
    body = {"amount": str(amount), "provider_reference": f"{order.olist_id}-{payment.sequence}"}
    return of_order(order, f"{verb}-payment", body, order.approved_at, f"{verb}-{payment.sequence}")


def settle(order: SourceOrder) -> Iterator[Command]:
    """The marketplace went on with orders whose payment did not fit their total: the review was accepted."""
    if order.paid != order.total:
        reason = {"reason": "The marketplace went on with it"}
        yield of_order(order, "accept-payment", reason, order.approved_at)


def invoice(order: SourceOrder) -> Iterator[Command]:
    yield of_order(order, "invoices", {"lines": "all_remaining"}, order.approved_at)


def cancel(order: SourceOrder) -> Iterator[Command]:
    yield of_order(order, "cancel", {"reason": f"Olist: {order.status}"}, order.approved_at)


def ship(order: SourceOrder) -> Iterator[Command]:
    packages = [
        {
            # A package must weigh something; a few goods of the full data set have no weight.
            "weight_grams": max(1, sum(item.weight_grams for item in items)),
            "contents": [{"line_id": item.line_id, "quantity": 1} for item in items],
            "tracking_number": number,
        }
        for number, items in zip(tracking_numbers(order), order.by_seller.values(), strict=True)
    ]
    body = {
        "shipment_id": str(shipment_id_of(order.olist_id)),
        "lines": "all_remaining",
        "carrier": CARRIER,
        "packages": packages,
    }
    yield of_order(order, "shipments", body, order.handed_over_at)


def picked_up(order: SourceOrder) -> Iterator[Command]:
    yield from scans(order, "picked_up", order.handed_over_at)


def delivered(order: SourceOrder) -> Iterator[Command]:
    yield from scans(order, "delivered", order.delivered_at)


def scans(order: SourceOrder, status: str, occurred_at: str) -> Iterator[Command]:
    for n, number in enumerate(tracking_numbers(order), start=1):
        body = {"carrier": CARRIER, "tracking_number": number, "status": status, "occurred_at": occurred_at}
        path = f"shipments/{shipment_id_of(order.olist_id)}/tracking-events"
        yield Command(path, f"olist-{order.olist_id}-{status}-{n}", body)


def tracking_numbers(order: SourceOrder) -> list[str]:
    """One for each seller's package, unique without asking anyone."""
    return [f"OL{order.order_id.hex[:16].upper()}{n}" for n in range(1, len(order.by_seller) + 1)]


def of_order(order: SourceOrder, verb: str, body: Body, occurred_at: str, name: str = "") -> Command:
    path = f"orders/{order.order_id}/{verb}"
    return Command(path, f"olist-{order.olist_id}-{name or verb}", body | {"occurred_at": occurred_at})


Step = Callable[[SourceOrder], Iterator[Command]]
PAID: tuple[Step, ...] = (pay,)
SETTLED: tuple[Step, ...] = (pay, settle)
STEPS: dict[str, tuple[Step, ...]] = {
    "created": (),
    "approved": PAID,
    "processing": PAID,
    "invoiced": (*SETTLED, invoice),
    "shipped": (*SETTLED, invoice, ship, picked_up),
    "delivered": (*SETTLED, invoice, ship, picked_up, delivered),
    "canceled": (*SETTLED, cancel),
    "unavailable": (*SETTLED, cancel),
}


def commands_of(order: SourceOrder) -> Iterator[Command]:
    """Placing and what followed. An order without items is posted too, to be refused: nothing follows it."""
    yield from place(order)
    if not order.items:
        return
    for step in STEPS[order.status]:
        yield from step(order)


def convert(folder: Path, out: Path) -> Counter[str]:
    """Writes `out`, whole or not at all; answers how many orders and commands of each kind it holds."""
    counts: Counter[str] = Counter()
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for order in read_orders(folder):
            counts["without items"] += not order.items
            for command in commands_of(order):
                file.write(json_line(command))
                counts[command.path.rpartition("/")[2]] += 1
    part.replace(out)
    return counts


def json_line(command: Command) -> str:
    line = {"command": command.path, "key": command.key, "body": command.body}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn a folder of the Olist data set into commands.")
    parser.add_argument("--data", type=Path, required=True, help="folder with orders.csv and the others")
    parser.add_argument("--out", type=Path, required=True, help="the file to write, one command per line")
    options = parser.parse_args()
    counts = convert(options.data, options.out)
    empty = counts.pop("without items")
    print(f"{counts['orders']} orders, {empty} of them without items; {counts.total()} commands: {options.out}")
    for name, count in counts.most_common():
        print(f"{count:>8}  {name}")


if __name__ == "__main__":
    main()
