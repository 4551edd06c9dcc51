"""Customer tracking: what the holder of an order's unguessable link sees of it.

One document per order, its parcels shaped like schema.org's ParcelDelivery. The table knows the hash of
the link only, and the document no more of the customer than town and country: links are forwarded.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from domain import order_events as e
from domain.order_state import OrderState
from domain.status import RULES, Status, fulfilment_status
from projections.documents.parcels import scans
from projections.engine.model import ReadModel
from projections.order_history.history import FOLDS, OrderHistory, ShipmentHistory, fold
from projections.orders.shapes.customer import DocumentNamed, ParcelDelivery, StepShown, TrackingDocument
from projections.paging.times import rfc3339


class TrackingRow(NamedTuple):
    """A row of read.tracking."""

    token_hash: str
    order_id: str
    document: str


def token_hash(token: str) -> bytes:
    """Under which a link is known."""
    return sha256(token.encode()).digest()


def rows(history: OrderHistory) -> Iterable[TrackingRow]:
    """The order's document; none before it was placed, none any more once its link was erased."""
    if history.placed is None or history.placed.tracking_token is None:
        return ()
    text = msgspec.json.encode(document(history, history.placed)).decode()
    return (TrackingRow(f"\\x{token_hash(history.placed.tracking_token).hex()}", str(history.order_id), text),)


def document(history: OrderHistory, placed: e.OrderPlaced) -> TrackingDocument:
    """The order as its customer sees it."""
    number = history.order_number
    return {
        "order_number": number,
        "store": placed.store,
        "purchased_at": rfc3339(placed.occurred_at),
        "status": status_for_customer(history.order),
        "fulfilment_status": fulfilment_status(history.order, [each.state for each in history.shipments.values()]),
        "updated_at": rfc3339(history.updated_at),
        "timeline": _timeline(history),
        "documents": _documents(history),
        "parcels": [
            _parcel(history, shipment, package.package_id, number)
            for shipment in history.shipments.values()
            if not shipment.state.canceled
            for package in shipment.booked.packages
        ],
    }


def _documents(history: OrderHistory) -> list[DocumentNamed]:
    invoices: list[DocumentNamed] = [
        {"type": "invoice", "number": each.issued.document_number, "state": each.state.state}
        for each in history.invoices.values()
    ]
    memos: list[DocumentNamed] = [
        {"type": "credit_memo", "number": each.issued.document_number, "state": "issued"}
        for each in history.credit_memos.values()
    ]
    return invoices + memos


# What is ours to know, in words for the customer.
_WORDS = dict.fromkeys((Status.PAYMENT_REVIEW, Status.SUSPECTED_FRAUD), "We are checking your payment")


def status_for_customer(order: OrderState) -> str:
    """The status without what concerns the desk only: a hold does not show, a review only as what it is about."""
    reached = (name for name, matches, _ in RULES if name is not Status.ON_HOLD and matches(order))
    name = next(reached, Status.PENDING)
    return _WORDS.get(name, str(name))


_TOLD = {
    "OrderPlaced": "placed",
    "PaymentCaptured": "payment_received",
    "PaymentRefunded": "refunded",
    "OrderCanceled": "canceled",
    "ShipmentBooked": "shipped",
    "ItemsReturned": "returned",
    "OrderCommented": "comment",
}


def _timeline(history: OrderHistory) -> list[StepShown]:
    """What happened, oldest first: the steps, and the comments that are meant for the customer."""
    comments = [each.event for each in history.comments if each.event.visible]
    shipments = [each.booked for each in history.shipments.values() if not each.state.canceled]
    events = [*(each.event for each in [*history.told, *history.payments]), *shipments, *comments]
    told = [each for each in sorted(events, key=lambda each: each.occurred_at) if type(each).__name__ in _TOLD]
    return [_step(event) for event in told]


def _step(event: Any) -> StepShown:
    step: StepShown = {"what": _TOLD[type(event).__name__], "occurred_at": rfc3339(event.occurred_at)}
    if isinstance(event, e.OrderCommented):
        step["text"] = event.text
    return step


def _parcel(history: OrderHistory, shipment: ShipmentHistory, package_id: str, order_number: str) -> ParcelDelivery:
    """One package as a ParcelDelivery."""
    numbers = shipment.numbers_of(package_id)
    carrier, number = numbers[-1] if numbers else (shipment.booked.carrier, None)
    address = history.shipping_address or {}
    parcel = shipment.state.packages[package_id]
    contents = next(each.contents for each in shipment.booked.packages if each.package_id == package_id)
    names = {line.line_id: line.name or line.sku for line in history.basket.lines}
    return {
        "@type": "ParcelDelivery",
        "partOfOrder": {"@type": "Order", "orderNumber": order_number},
        "carrier": {"@type": "Organization", "name": carrier},
        "hasDeliveryMethod": shipment.booked.service,
        "trackingNumber": number,
        "deliveryAddress": {
            "@type": "PostalAddress",
            "addressLocality": address.get("city"),
            "addressCountry": address.get("country"),
        },
        "itemShipped": [
            {"@type": "Product", "name": names.get(units.line_id, units.line_id), "quantity": units.quantity}
            for units in contents
        ],
        "status": parcel.status,
        "returned": bool(parcel.returned) and not parcel.units,
        "scans": [
            {"status": scan.status, "occurred_at": rfc3339(scan.occurred_at), "location": scan.location}
            for scan in scans(shipment, package_id)
        ],
    }


def tracking_document(connection: Connection[Any], token: str) -> dict[str, Any] | None:
    """The document behind a link; None when there is none."""
    found = connection.execute(
        "SELECT document FROM read.tracking WHERE token_hash = %s", [token_hash(token)]
    ).fetchone()
    return None if found is None else msgspec.json.decode(found[0])


TRACKING = ReadModel(
    name="tracking",
    columns=TrackingRow._fields,
    key="token_hash",
    events=frozenset(FOLDS),
    start=OrderHistory,
    fold=fold,
    rows=rows,
)
