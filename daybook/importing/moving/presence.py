"""What a running Daybook has of an order already, read from its detail, so that an import adds only what is missing.

The detail is folded from the log at the moment of the question: it is never behind.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from daybook.importing.sources.planning import MOVED_IN, LineCounters, Open, Present
from domain.values import exponent

Json = dict[str, Any]

SPREAD = {"amount", "taxes"}
AT_ONCE = timedelta(minutes=1)
CAPTURES = {"PaymentCaptured", "LatePaymentReceived"}


def path_of(order_id: object) -> str:
    """Where the detail of an order is asked for."""
    return f"/queries/orders/{quote(str(order_id))}"


def present_of(detail: Json) -> Present:
    """What is there, in minor units of the order's currency."""
    places = exponent(detail["currency"])
    happened = {each["type"] for each in detail["payment"]["transactions"]}
    credited: Counter[str] = Counter()
    for memo in detail["credit_memos"]:
        credited[memo["invoice_id"]] += minor(memo["grand_total"], places)
    return Present(
        there=True,
        paid=minor(detail["totals"]["paid"], places),
        refunded=minor(detail["totals"]["refunded"], places),
        authorized="PaymentAuthorized" in happened,
        voided="PaymentVoided" in happened,
        failed="PaymentFailed" in happened,
        held_for=_held_for(detail),
        ever_held=any(entry["type"] == "OrderHeld" for entry in detail["timeline"]),
        canceled=detail["status"] in {"Canceled", "Closed"},
        lines={line["line_id"]: _counters(line) for line in detail["lines"]},
        invoices={
            _number(each, "invoice"): _open(each, credited, places) for each in detail["invoices"] if _stands(each)
        },
        shipments={_number(each, "shipment") for each in detail["shipments"]},
        tags=set(detail.get("tags") or ()),
        comments={each["text"] for each in detail["comments"]},
    )


def changed(body: Json, detail: Json) -> list[str]:
    """What the body of a placing says otherwise than the detail; what the detail does not show is not compared.

    Amounts that discounts and taxes are taken out of count only by what they come to.
    """
    names = [name for name, said in body.items() if name in detail and not _says(detail[name], said)]
    same_total = body["expected_grand_total"] == detail["totals"]["grand_total"]
    return names if same_total else [*names, "grand_total"]


def _says(shown: Any, said: Any) -> bool:
    """Whether what is shown has all that is said."""
    if isinstance(shown, dict) and isinstance(said, dict):
        return all(name not in shown or _says(shown[name], said[name]) for name in said.keys() - SPREAD)
    if isinstance(shown, list) and isinstance(said, list):
        return len(shown) == len(said) and all(map(_says, shown, said))
    return bool(shown == said)


def minor(text: str, places: int) -> int:
    """A decimal text of the server in minor units."""
    whole, _, decimals = text.partition(".")
    return int(whole + decimals.ljust(places, "0"))


def _held_for(detail: Json) -> str | None:
    """Why it is on hold; None when it is not.

    A key that may not read reasons is told by who held it and when: if whoever placed the order held it at a time that
    was past already, it was moved in with it, and MOVED_IN is why.
    """
    if detail["status"] != "On Hold":
        return None
    holds = [entry for entry in detail["timeline"] if entry["type"] == "OrderHeld"]
    if not holds or holds[-1].get("reason"):
        return holds[-1]["reason"] if holds else ""
    placed = [entry.get("actor") for entry in detail["timeline"] if entry["type"] == "OrderPlaced"]
    occurred, recorded = (datetime.fromisoformat(holds[-1][f"{name}_at"]) for name in ("occurred", "recorded"))
    ours = bool(placed) and placed[0] is not None and placed[0] == holds[-1].get("actor")
    return MOVED_IN if ours and recorded - occurred > AT_ONCE else ""


def _counters(line: Json) -> LineCounters:
    counted = {name: line[name] for name in ("invoiced", "shipped", "canceled")}
    return LineCounters(**counted, ordered=line["quantity"])


def _number(document: Json, kind: str) -> str:
    """The number that it has elsewhere, else its own."""
    external = document.get("external") or {}
    return str(external.get("number") or document[f"{kind}_number"])


def _stands(invoice: Json) -> bool:
    return invoice["state"] in {"open", "paid"}


def _open(invoice: Json, credited: Mapping[str, int], places: int) -> Open:
    left = minor(invoice["paid"], places) - credited[invoice["invoice_id"]]
    return Open(invoice["invoice_id"], max(0, left))
