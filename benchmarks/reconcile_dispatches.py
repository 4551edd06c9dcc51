"""Compares the dispatches of a running server with the days on which the Olist files say a carrier took the goods.

Every shipment must be on exactly one dispatch, closed on its day and with a manifest of its own. Like the rest of
the reconciliation it is computed straight from the CSV files, only reads, and must never excuse a difference.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.olist import CARRIER, shipment_id_of
from daybook.cli.asking import ask

SHIPMENTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What the server says of one dispatch; `day` is that of its closing, empty while it is open."""

    dispatch_id: str
    status: str
    day: str
    manifest_number: str | None
    listed: int
    shipments: tuple[str, ...]


def expect_days(folder: Path) -> dict[str, str]:
    """The day on which each shipment was handed over, by shipment id."""
    with (folder / "order_items.csv").open(encoding="utf-8-sig", newline="") as file:
        with_items = {row["order_id"] for row in csv.DictReader(file)}
    days = {}
    with (folder / "orders.csv").open(encoding="utf-8-sig", newline="") as file:
        for order in csv.DictReader(file):
            if order["order_status"] in {"shipped", "delivered"} and order["order_id"] in with_items:
                known = order["order_delivered_carrier_date"] or order["order_approved_at"]
                days[str(shipment_id_of(order["order_id"]))] = (known or order["order_purchase_timestamp"])[:10]
    return days


def read_dispatches(url: str, key: str, min_position: int = 0) -> list[Dispatch]:
    """Every dispatch of the carrier: its row of the list, and its shipments from its detail."""
    first = {"carrier": CARRIER, "limit": 200} | ({"min_position": min_position} if min_position else {})
    page: str | None = "/queries/dispatches?" + urlencode(first)
    found = []
    while page is not None:
        answer = ask(url, page, key)
        for item in answer["items"]:
            detail = ask(url, f"/queries/dispatches/{item['dispatch_id']}", key)
            found.append(
                Dispatch(
                    item["dispatch_id"],
                    item["status"],
                    (item["closed_at"] or "")[:10],
                    item["manifest_number"],
                    item["shipments"],
                    tuple(detail["shipments"]),
                )
            )
        page = answer["next"]
    return found


def reconcile_dispatches(days: dict[str, str], shown: Iterable[Dispatch]) -> bool:
    """Prints both sides and every difference between them; True when there is none."""
    ours = [dispatch for dispatch in shown if any(shipment in days for shipment in dispatch.shipments)]
    carried = Counter(shipment for dispatch in ours for shipment in dispatch.shipments)
    per_day = Counter(days.values())
    files = {
        "dispatches": sum(-(-count // SHIPMENTS_MAX) for count in per_day.values()),
        "days": len(per_day),
        "shipments dispatched": len(days),
        "most shipments on one": min(SHIPMENTS_MAX, max(per_day.values(), default=0)),
    }
    server = {
        "dispatches": len(ours),
        "days": len({dispatch.day for dispatch in ours}),
        "shipments dispatched": sum(dispatch.listed for dispatch in ours),
        "most shipments on one": max((dispatch.listed for dispatch in ours), default=0),
    }
    print(f"\n{'':<34}{'files':>16}{'server':>16}")
    for name, count in files.items():
        print(f"{name:<34}{count:>16,}{server[name]:>16,}{'' if count == server[name] else '  <-- differs'}")
    wrong = [f"shipment {one} is on {carried[one]} dispatches" for one in days if carried[one] != 1]
    for dispatch in ours:
        wrong += [f"dispatch {dispatch.dispatch_id} {fault}" for fault in _faults(dispatch, days)]
    manifests = Counter(dispatch.manifest_number for dispatch in ours)
    wrong += [f"manifest {number} was issued {count} times" for number, count in manifests.items() if count > 1]
    print("".join(f"\n{fault}" for fault in wrong[:20]))
    print(f"{len(wrong)} differences; each of {len(days)} shipments must be on one closed dispatch of its day.")
    return not wrong and files == server


def _faults(dispatch: Dispatch, days: dict[str, str]) -> list[str]:
    faults = []
    if dispatch.status != "closed" or dispatch.manifest_number is None:
        faults.append(f"is {dispatch.status}, manifest {dispatch.manifest_number}")
    if dispatch.listed != len(dispatch.shipments):
        faults.append(f"lists {dispatch.listed} shipments and shows {len(dispatch.shipments)}")
    strange = {days.get(shipment, "no day") for shipment in dispatch.shipments} - {dispatch.day}
    return [*faults, *(f"of {dispatch.day} has shipments of {day}" for day in sorted(strange))]
