"""What the files of the public Olist data set say of each order: its goods, its payments, its times.

Every row becomes exact values, and every order gets the id under which it is placed. An amount that is no whole
number of centavos is an error: it must never be rounded, and no row may be left out.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

NAMESPACE = UUID("6f4a2c52-7b1e-5d0a-9c35-0d6f6c697374")
CENT = Decimal("0.01")
CARDS = {"credit_card", "debit_card"}

Row = Mapping[str, str]


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
