"""The commands that lead an order through its life again, made from the events of its audit trail.

What one command recorded is one command again; what followed by itself then will follow by itself. Documents keep their
numbers as documents from elsewhere, so that none is drawn anew. What was withdrawn whole (a canceled or voided
invoice) left nothing and is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from daybook.exporting.requests import placing_of
from domain.values import to_text

AUTOMATIC = {"card_capture": "card_authorize", "hosted_checkout": "card_authorize", "free": "bank_transfer"}
WITHDRAWN = {"InvoiceCanceled", "InvoiceVoided"}
PACKAGE = ("package_id", "type", "weight_grams", "length_mm", "width_mm", "height_mm", "max_weight_grams", "contents")

Json = dict[str, Any]


class Command(NamedTuple):
    """One command: the path below /commands, the idempotency key, the body."""

    path: str
    key: str
    body: Json


class History:
    """The events of one order, as the audit trail shows them."""

    def __init__(self, events: Sequence[Json]) -> None:
        self._events = events
        self._placed = next(event for event in events if event["type"] == "OrderPlaced")
        self._order_id = self._placed["order_id"]
        self._currency = self._placed["data"]["currency"]
        self._gross = bool(self._placed["data"]["prices_include_tax"])
        self._withdrawn = {event["aggregate_id"] for event in events if event["type"] in WITHDRAWN}
        self._receipts: set[str] = set()
        self._numbers: dict[str, list[tuple[str, str]]] = {}
        self.notes: list[str] = []

    @property
    def number(self) -> str:
        """The order's number, for people."""
        placed = self._placed["data"]
        return str(placed.get("order_number") or placed.get("number"))

    def commands(self) -> Iterator[Command]:
        """All of them, in the order in which they happened."""
        for _, group in groupby(self._events, key=lambda event: event["command_id"]):
            events = list(group)
            kinds = {event["type"] for event in events}
            if "unreadable" in kinds or any("unreadable" in event for event in events):
                self.notes.append("an event cannot be read and is left out")
                continue
            if "PaymentReviewDenied" in kinds:
                yield self._said("deny-payment", next(e for e in events if e["type"] == "PaymentReviewDenied"), {})
                continue
            for event in events:
                if not self._follows(event, kinds):
                    yield from self._command(event)

    def _follows(self, event: Json, kinds: set[str]) -> bool:
        """Whether the event comes with what else its command does: an ended promise, an invoice's own receipt."""
        if event["type"] == "PaymentVoided":
            return not kinds <= {"PaymentVoided"}
        if event["type"] == "PaymentCaptured" and "InvoiceIssued" in kinds and not event["data"]["provider_reference"]:
            self._receipts.add(event["data"]["invoice_id"])
            return True
        return False

    def _command(self, event: Json) -> Iterator[Command]:
        makes = MAKES.get(event["type"])
        if makes is not None:
            yield from makes(self, event, event["data"])

    def _said(self, verb: str, event: Json, body: Json, path: str = "") -> Command:
        reason = {"reason": event["reason"]} if event.get("reason") else {}
        path = path or f"orders/{self._order_id}"
        dated = {"occurred_at": event["occurred_at"]}
        return Command(f"{path}/{verb}", f"daybook-{event['event_id']}", body | reason | dated)

    def _within(self, tax: int) -> int:
        """The tax that amounts contain here."""
        return tax if self._gross else 0

    def _money(self, amount: int, currency: str | None = None) -> str:
        return to_text(amount, currency or self._currency)

    def _order_placed(self, event: Json, data: Json) -> Iterator[Command]:
        method, kinds = data["payment_method"], {each["type"] for each in self._events}
        if "InvoiceIssued" in kinds and method in AUTOMATIC:
            method = AUTOMATIC[method]
            self.notes.append(f"paid by {data['payment_method']}, which invoices by itself: goes on by {method}")
        if data.get("customer") is None:
            self.notes.append("its personal data were erased")
        ended = kinds & {"PaymentCaptured", "PaymentAuthorized", "OrderCanceled"}
        yield Command("orders", f"daybook-{event['event_id']}", placing_of(event, method, expires=not ended))

    def _order_amended(self, event: Json, data: Json) -> Iterator[Command]:
        placed = self._placed["data"] | {"discounts": (), "charges": (), "line_attributes": data.get("line_attributes")}
        parts = {name: data[name] for name in ("lines", "shipping", "charges", "discounts") if data.get(name)}
        made = placing_of(event | {"data": placed | parts}, "", expires=False)
        names = ("shipping", "charges", "discounts")
        body: Json = {name: made[name] for name in names if name in made and name in parts}
        if not data["lines_stay"]:
            body["lines"] = made["lines"]
        yield self._said("amend", event, body | ({"note": data["note"]} if data.get("note") is not None else {}))

    def _address_changed(self, event: Json, data: Json) -> Iterator[Command]:
        names = ("billing_address", "shipping_address")
        if body := {name: data[name] for name in names if data.get(name) is not None}:
            yield self._said("change-address", event, body)

    def _order_commented(self, event: Json, data: Json) -> Iterator[Command]:
        if data.get("text"):
            yield self._said("comment", event, {"text": data["text"], "visible": data["visible"]})

    def _order_tagged(self, event: Json, data: Json) -> Iterator[Command]:
        body = {"add": data["added"], "remove": data["removed"]}
        yield self._said("tag", event, {name: tags for name, tags in body.items() if tags})

    def _order_held(self, event: Json, _: Json) -> Iterator[Command]:
        yield self._said("hold", event, {})

    def _order_released(self, event: Json, _: Json) -> Iterator[Command]:
        yield self._said("release", event, {})

    def _order_canceled(self, event: Json, data: Json) -> Iterator[Command]:
        lines = _quantities(data["lines"])
        yield self._said("cancel", event, {"lines": lines} if lines else {})

    def _received(self, event: Json, data: Json) -> Json:
        names = {"method": data.get("method"), "kind": data.get("kind")}
        body: Json = {"amount": self._money(data["amount"], data["currency"]), "currency": data["currency"]}
        body["provider_reference"] = data.get("provider_reference") or f"daybook-{event['event_id']}"
        if data.get("remitted"):
            body["remitted"] = self._money(data["remitted"], data["currency"])
        return body | {name: text for name, text in names.items() if text}

    def _payment_authorized(self, event: Json, data: Json) -> Iterator[Command]:
        yield self._said("authorize-payment", event, self._received(event, data))

    def _payment_captured(self, event: Json, data: Json) -> Iterator[Command]:
        yield self._said("capture-payment", event, self._received(event, data))

    def _payment_failed(self, event: Json, data: Json) -> Iterator[Command]:
        reference = data.get("provider_reference")
        yield self._said("fail-payment", event, {"provider_reference": reference} if reference else {})

    def _payment_voided(self, event: Json, data: Json) -> Iterator[Command]:
        reference = data.get("provider_reference")
        if reference or data["amount"]:
            yield self._said("void-payment", event, {"provider_reference": reference} if reference else {})

    def _payment_flagged(self, event: Json, data: Json) -> Iterator[Command]:
        if data["cause"] == "request":
            yield self._said("flag-payment", event, {})

    def _payment_review_accepted(self, event: Json, _: Json) -> Iterator[Command]:
        yield self._said("accept-payment", event, {})

    def _payment_refunded(self, event: Json, data: Json) -> Iterator[Command]:
        if data.get("credit_memo_id") is None:
            body = self._received(event, data) | {"mode": "offline", "provider_reference": data["provider_reference"]}
            yield self._said("refund-payment", event, {name: text for name, text in body.items() if text})

    def _capture_voided(self, event: Json, data: Json) -> Iterator[Command]:
        body = {"amount": self._money(data["amount"]), "mode": "offline"}
        yield self._said("refund-payment", event, body)

    def _invoice_issued(self, event: Json, data: Json) -> Iterator[Command]:
        if event["aggregate_id"] in self._withdrawn:
            self.notes.append(f"invoice {_number(data)} was canceled and is left out")
            return
        body: Json = {"lines": _quantities(data["lines"]) or "all_remaining", "invoice_id": event["aggregate_id"]}
        if data["received"] + data["waived"] < data["grand_total"]:
            body["capture"] = "none"
        if event["aggregate_id"] in self._receipts:
            body["capture"] = "offline"
        yield self._said("invoices", event, body | _external(data))

    def _invoice_corrected(self, event: Json, _: Json) -> Iterator[Command]:
        yield self._said("correct", event, {}, f"invoices/{event['aggregate_id']}")

    def _credit_memo_issued(self, event: Json, data: Json) -> Iterator[Command]:
        if data["cancels"]:
            return
        lines = [{name: line[name] for name in ("line_id", "quantity", "disposition")} for line in data["lines"]]
        amounts = {
            "shipping": data["shipping"] + self._within(data["shipping_tax"]),
            "adjustment_refund": data["adjustment_refund"],
            "adjustment_fee": data["adjustment_fee"],
        }
        charges = [
            {"charge_id": each["charge_id"], "amount": self._money(each["amount"] + self._within(each["tax"]))}
            for each in data.get("charges") or ()
        ]
        body: Json = {"lines": lines, "mode": "offline"} | ({"charges": charges} if charges else {})
        body |= {name: self._money(amount) for name, amount in amounts.items() if amount}
        yield self._said("refund", event, body | _external(data), f"invoices/{data['invoice_id']}")

    def _shipment_booked(self, event: Json, data: Json) -> Iterator[Command]:
        self._numbers[event["aggregate_id"]] = []
        packages = [{name: each[name] for name in PACKAGE if each.get(name) is not None} for each in data["packages"]]
        lines: dict[str, int] = {}
        for package in packages:
            for content in package["contents"]:
                lines[content["line_id"]] = lines.get(content["line_id"], 0) + content["quantity"]
        named = {name: data[name] for name in ("service", "origin", "reference") if data.get(name)}
        body: Json = {
            "shipment_id": event["aggregate_id"],
            "carrier": data["carrier"],
            "packages": packages,
            "label": False,
        }
        body["lines"] = [{"line_id": line, "quantity": quantity} for line, quantity in lines.items()]
        yield self._said("shipments", event, body | named | _external(data))

    def _of_shipment(self, verb: str, event: Json, body: Json) -> Command:
        return self._said(verb, event, body, f"shipments/{event['aggregate_id']}")

    def _tracking_assigned(self, event: Json, data: Json) -> Iterator[Command]:
        self._numbers.setdefault(event["aggregate_id"], []).append((data["carrier"], data["tracking_number"]))
        yield self._of_shipment("add-tracking", event, {name: text for name, text in data.items() if text})

    def _tracking_corrected(self, event: Json, data: Json) -> Iterator[Command]:
        yield self._of_shipment("correct-tracking", event, data)

    def _tracking_retracted(self, event: Json, data: Json) -> Iterator[Command]:
        yield self._of_shipment("retract-tracking", event, data)

    def _tracking_recorded(self, event: Json, data: Json) -> Iterator[Command]:
        yield self._of_shipment("tracking-events", event, {name: text for name, text in data.items() if text})

    def _shipment_dispatched(self, event: Json, _: Json) -> Iterator[Command]:
        numbers = self._numbers.get(event["aggregate_id"]) or []
        for n, (carrier, number) in enumerate(numbers, start=1):
            body = {"carrier": carrier, "tracking_number": number, "status": "picked_up"}
            path, key, said = self._of_shipment("tracking-events", event, body)
            yield Command(path, f"{key}-{n}", said)
        if not numbers:
            self.notes.append("a shipment left on a dispatch without a tracking number: it comes in as booked")

    def _shipment_canceled(self, event: Json, _: Json) -> Iterator[Command]:
        yield self._of_shipment("cancel", event, {})

    def _items_returned(self, event: Json, data: Json) -> Iterator[Command]:
        refunded = {each["line_id"]: each["quantity"] for each in data["refunded"]}
        lines = [
            each | ({"refunded": refunded[each["line_id"]]} if each["line_id"] in refunded else {})
            for each in _quantities(data["lines"])
        ]
        yield self._said("return", event, {"lines": lines}, f"shipments/{data['shipment_id']}")


def _number(data: Json) -> str:
    return str((data.get("external") or {}).get("number") or data.get("number"))


def _external(data: Json) -> Json:
    """The number that a document keeps: the one from elsewhere, else the one it had of our series."""
    external = {name: text for name, text in (data.get("external") or {}).items() if text}
    return {"external": external or {"number": _number(data)}}


def _quantities(lines: Sequence[Json]) -> list[Json]:
    return [{"line_id": line["line_id"], "quantity": line["quantity"]} for line in lines]


MAKES: dict[str, Callable[[History, Json, Json], Iterator[Command]]] = {
    "OrderPlaced": History._order_placed,
    "OrderAmended": History._order_amended,
    "AddressChanged": History._address_changed,
    "OrderCommented": History._order_commented,
    "OrderTagged": History._order_tagged,
    "OrderHeld": History._order_held,
    "OrderReleased": History._order_released,
    "OrderCanceled": History._order_canceled,
    "PaymentAuthorized": History._payment_authorized,
    "PaymentCaptured": History._payment_captured,
    "PaymentFailed": History._payment_failed,
    "PaymentVoided": History._payment_voided,
    "PaymentFlagged": History._payment_flagged,
    "PaymentReviewAccepted": History._payment_review_accepted,
    "PaymentRefunded": History._payment_refunded,
    "CaptureVoided": History._capture_voided,
    "InvoiceIssued": History._invoice_issued,
    "InvoiceCorrected": History._invoice_corrected,
    "CreditMemoIssued": History._credit_memo_issued,
    "ShipmentBooked": History._shipment_booked,
    "TrackingAssigned": History._tracking_assigned,
    "TrackingCorrected": History._tracking_corrected,
    "TrackingRetracted": History._tracking_retracted,
    "TrackingRecorded": History._tracking_recorded,
    "ShipmentDispatched": History._shipment_dispatched,
    "ShipmentCanceled": History._shipment_canceled,
    "ItemsReturned": History._items_returned,
    "LatePaymentReceived": History._payment_captured,
}
"""By the type of event what was asked for; what follows by itself is not here."""
