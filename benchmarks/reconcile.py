"""Compares the orders grid of a running server with the Olist files, order by order and to the centavo.

    python -m benchmarks.reconcile --data FOLDER [--port 8080] [--whole-workflow]

What must be there is computed straight from the CSV files, by other code than the converter's: a fault in the
converter shows here. It only reads, through the queries that everybody has, and must never excuse a difference.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from benchmarks.olist import STORE
from benchmarks.olist_orders import order_id_of
from benchmarks.reconcile_dispatches import expect_days, read_dispatches, reconcile_dispatches
from daybook.cli.asking import ask
from daybook.importing.command import address, development_key

# order_status: status, fulfilment, whether its payments were captured, whether a review of them was accepted
ENDS: dict[str, tuple[str, str, bool, bool]] = {
    "created": ("Pending", "unfulfilled", False, False),
    "approved": ("Processing", "unfulfilled", True, False),
    "processing": ("Processing", "unfulfilled", True, False),
    "invoiced": ("Processing", "unfulfilled", True, True),
    "shipped": ("Complete", "dispatched", True, True),
    "delivered": ("Complete", "delivered", True, True),
    "canceled": ("Canceled", "unfulfilled", True, True),
    "unavailable": ("Canceled", "unfulfilled", True, True),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What both sides say of one order; amounts in centavos."""

    status: str
    fulfilment: str
    purchased_at: datetime
    grand_total: int
    paid: int
    due: int
    payment: str
    refunded: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """The orders that must be there, by order id, and how many the server must have refused."""

    rows: dict[str, Row]
    references: dict[str, str]
    refused: int


def expect(folder: Path, *, whole_workflow: bool = False) -> Expectation:
    total: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for item in _rows(folder / "order_items.csv"):
        total[item["order_id"]] += centavos(item["price"]) + centavos(item["freight_value"])
    for payment in _rows(folder / "order_payments.csv"):
        paid[payment["order_id"]] += centavos(payment["payment_value"])
    rows, references, refused = {}, {}, 0
    for order in _rows(folder / "orders.csv"):
        olist_id = order["order_id"]
        if olist_id not in total:
            refused += 1
            continue
        order_id = str(order_id_of(olist_id))
        rows[order_id] = _expected(order, total[olist_id], paid[olist_id], whole_workflow)
        references[order_id] = olist_id
    return Expectation(rows, references, refused)


def _expected(order: dict[str, str], total: int, paid: int, whole_workflow: bool) -> Row:
    status, fulfilment, captured, accepted = ENDS[order["order_status"]]
    received = paid if captured else 0
    if captured and not accepted and paid != total:
        status = "Suspected Fraud" if paid > total else "Payment Review"
    due = 0 if status == "Canceled" or accepted else max(0, total - received)
    purchased_at = datetime.fromisoformat(order["order_purchase_timestamp"] + "+00:00")
    refunded = received if whole_workflow and status == "Canceled" else 0
    payment = "refunded" if refunded else _payment_status(total, received, accepted)
    return Row(status, fulfilment, purchased_at, total, received, due, payment, refunded)


def _payment_status(total: int, received: int, accepted: bool) -> str:
    if not received:
        return "none"
    return "paid" if accepted or received >= total else "partially_paid"


def centavos(amount: str) -> int:
    """The amount without a decimal point: 27.5 is 2750. The files never have a third decimal."""
    reais, _, rest = amount.partition(".")
    return int(reais) * 100 + int(rest.ljust(2, "0"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def read_grid(url: str, key: str, min_position: int = 0) -> dict[str, Row]:
    """Every row of the store, page after page, as the grid shows it from `min_position` on."""
    first = {"store": STORE, "limit": 200} | ({"min_position": min_position} if min_position else {})
    page: str | None = "/queries/orders?" + urlencode(first)
    found: dict[str, Row] = {}
    while page is not None:
        answer = ask(url, page, key)
        for item in answer["items"]:
            if item["order_id"] in found:
                raise SystemExit(f"The grid lists order {item['order_id']} twice")
            found[item["order_id"]] = _shown(item)
        page = answer["next"]
    return found


def _shown(item: dict[str, Any]) -> Row:
    return Row(
        status=item["status"],
        fulfilment=item["fulfilment_status"],
        purchased_at=datetime.fromisoformat(item["purchased_at"]),
        grand_total=centavos(item["grand_total"]),
        paid=centavos(item["total_paid"]),
        due=centavos(item["total_due"]),
        payment=item["payment_status"],
        refunded=centavos(item["total_refunded"]),
    )


def figures(rows: dict[str, Row]) -> dict[str, int]:
    """What is compared first: counts by status, fulfilment and payment, and the sums in centavos."""
    sums: defaultdict[str, int] = defaultdict(int, {"orders": len(rows)})
    for row in rows.values():
        sums[f"status {row.status}"] += 1
        sums[f"fulfilment {row.fulfilment}"] += 1
        sums[f"payment {row.payment}"] += 1
        sums["grand total (centavos)"] += row.grand_total
        sums["paid (centavos)"] += row.paid
        sums["due (centavos)"] += row.due
        sums["refunded (centavos)"] += row.refunded
        sums["payment differs from the total"] += is_difference(row)
    return dict(sums)


def is_difference(row: Row) -> bool:
    return row.status != "Pending" and row.paid != row.grand_total


def reconcile(expected: Expectation, shown: dict[str, Row]) -> bool:
    """Prints both sides and every difference between them; True when there is none."""
    ours, theirs = figures(expected.rows), figures(shown)
    print(f"{'':<34}{'files':>16}{'server':>16}")
    for name in sorted(ours.keys() | theirs.keys()):
        mark = "" if ours.get(name, 0) == theirs.get(name, 0) else "  <-- differs"
        print(f"{name:<34}{ours.get(name, 0):>16,}{theirs.get(name, 0):>16,}{mark}")
    print("\nPayments that differ from the total (BRL), as the server shows them:")
    for order_id, row in sorted(shown.items(), key=lambda entry: entry[1].paid - entry[1].grand_total):
        if is_difference(row):
            amounts = (row.grand_total, row.paid, row.paid - row.grand_total)
            total, paid, difference = (f"{amount / 100:>12,.2f}" for amount in amounts)
            print(f"  {expected.references.get(order_id, order_id):<36}{total}{paid}{difference}")
    wrong = [order_id for order_id in expected.rows | shown if expected.rows.get(order_id) != shown.get(order_id)]
    for order_id in wrong[:20]:
        print(f"\n{order_id} differs\n  files:  {expected.rows.get(order_id)}\n  server: {shown.get(order_id)}")
    print(f"\n{len(wrong)} of {len(expected.rows)} orders differ; {expected.refused} without items are not placed.")
    return not wrong


@click.command(help="Compare the orders grid of a running server with the Olist files.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the files.")
@click.option("--url", help="The server; default: this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine; default: PORT, else 8080.")
@click.option("--key", help="API key; default: the development key of the admin.")
@click.option("--min-position", type=int, default=0, help="Wait until the server shows that much.")
@click.option("--whole-workflow", is_flag=True, help="Expect refunds of canceled orders, and daily dispatches.")
def main(
    *, data: Path, url: str | None, port: int | None, key: str | None, min_position: int, whole_workflow: bool
) -> None:
    server, asking = address(url, port), key or development_key("admin")
    shown = read_grid(server, asking, min_position)
    agrees = reconcile(expect(data, whole_workflow=whole_workflow), shown)
    if whole_workflow:
        agrees &= reconcile_dispatches(expect_days(data), read_dispatches(server, asking, min_position))
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
