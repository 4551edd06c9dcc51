"""Turns a folder of the public Olist data set (real Brazilian orders) into commands for `daybook import`.

    python -m benchmarks.olist --data FOLDER --out FILE.ndjson [--whole-workflow]

Real orders show what invented ones never do: several payments of several kinds, totals that are a cent off,
parcels handed over before they were paid. Each order becomes the commands of its steps, in the order of the
steps: the step decides, not the time. Every id and key is derived from the data, so the same folder always
gives the same file, which may be imported again. It must never mend the data: an amount that does not fit
its order is posted as it stands and put under review.

The whole workflow also gives the money of canceled orders back, and hands shipments over by a dispatch of their day.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from benchmarks.olist_orders import CENT, NAMESPACE, Item, Payment, SourceOrder, read_orders

STORE = "olist"
CURRENCY = "BRL"
CARRIER = "custom"
LOCATION = "main"
SHIPMENTS_PER_DISPATCH = 500
NOTICE = timedelta(minutes=30)

Body = dict[str, Any]


class Command(NamedTuple):
    """One line of the file: the path below /commands, the idempotency key, the body."""

    path: str
    key: str
    body: Body


def shipment_id_of(olist_id: str) -> UUID:
    return uuid5(NAMESPACE, f"shipment/{olist_id}")


def dispatch_id_of(day: str, n: int) -> UUID:
    return uuid5(NAMESPACE, f"dispatch/{day}/{n}")


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


def refund(order: SourceOrder) -> Iterator[Command]:
    """No invoice holds any of it: what was captured goes back as it was."""
    if order.paid:
        body = {"amount": str(order.paid), "mode": "offline", "reason": f"Olist: {order.status}"}
        yield of_order(order, "refund-payment", body, order.approved_at)


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

WHOLE_WORKFLOW = STEPS | {
    "shipped": (*SETTLED, invoice, ship),
    "delivered": (*SETTLED, invoice, ship),
    "canceled": (*SETTLED, cancel, refund),
    "unavailable": (*SETTLED, cancel, refund),
}


def commands_of(order: SourceOrder, steps: Mapping[str, tuple[Step, ...]]) -> Iterator[Command]:
    """Placing and what followed. An order without items is posted too, to be refused: nothing follows it."""
    yield from place(order)
    if not order.items:
        return
    for step in steps[order.status]:
        yield from step(order)


def hand_over(orders: Iterable[SourceOrder]) -> Iterator[Command]:
    """Day after day what the carrier took, then its deliveries. A dispatch needs all its bookings before it."""
    by_day: dict[str, list[SourceOrder]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: (order.handed_over_at, order.olist_id)):
        if order.items and order.status in {"shipped", "delivered"}:
            by_day[order.handed_over_at[:10]].append(order)
    for day, taken in by_day.items():
        for n, first in enumerate(range(0, len(taken), SHIPMENTS_PER_DISPATCH), start=1):
            yield from dispatch(day, n, taken[first : first + SHIPMENTS_PER_DISPATCH])
        for order in taken:
            if order.status == "delivered":
                yield from delivered(order)


def dispatch(day: str, n: int, taken: list[SourceOrder]) -> Iterator[Command]:
    """Scheduled with the last of its bookings; closed when it is ready, on its day at the latest."""
    scheduled = datetime.fromisoformat(taken[-1].handed_over_at)
    ready = scheduled + NOTICE
    closed = min(ready, datetime.combine(scheduled.date(), datetime.max.time(), UTC).replace(microsecond=0))
    body = {
        "dispatch_id": str(dispatch_id_of(day, n)),
        "carrier": CARRIER,
        "location": LOCATION,
        "ready_at": ready.isoformat(),
        "shipments": [str(shipment_id_of(order.olist_id)) for order in taken],
        "occurred_at": scheduled.isoformat(),
    }
    yield Command("dispatches", f"olist-dispatch-{day}-{n}", body)
    path = f"dispatches/{dispatch_id_of(day, n)}/close"
    yield Command(path, f"olist-dispatch-{day}-{n}-close", {"occurred_at": closed.isoformat()})


def commands_for(orders: list[SourceOrder], *, whole_workflow: bool) -> Iterator[Command]:
    for order in orders:
        yield from commands_of(order, WHOLE_WORKFLOW if whole_workflow else STEPS)
    if whole_workflow:
        yield from hand_over(orders)


def convert(folder: Path, out: Path, *, whole_workflow: bool = False) -> Counter[str]:
    """Writes `out`, whole or not at all; answers how many orders and commands of each kind it holds."""
    orders = read_orders(folder)
    counts = Counter({"without items": sum(not order.items for order in orders)})
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for command in commands_for(orders, whole_workflow=whole_workflow):
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
    parser.add_argument("--whole-workflow", action="store_true", help="with refunds and daily dispatches")
    options = parser.parse_args()
    counts = convert(options.data, options.out, whole_workflow=options.whole_workflow)
    empty = counts.pop("without items")
    print(f"{counts['orders']} orders, {empty} of them without items; {counts.total()} commands: {options.out}")
    for name, count in counts.most_common():
        print(f"{count:>8}  {name}")


if __name__ == "__main__":
    main()
