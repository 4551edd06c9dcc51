"""The detail of an order and the customer's tracking: what they show, and of which moment."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from projections.engine.positions import PositionUnknown
from tests.projections.shop import START, Shop, table
from tests.support.orders import ADDRESS, line, packed

SHIPPING = {"method": "flat_rate", "description": "Flat rate", "amount": Decimal("5.00"), "tax_rate": Decimal("0.23")}


def example(shop: Shop) -> UUID:
    """The order of the specification: three mugs, paid, invoiced, two of them booked."""
    order = shop.place(
        line(quantity=3, tax_rate="0.23", name="Mug", weight_grams=400),
        external_reference="cart-8841",
        customer={"id": "c-1001", "email": "ana@example.com", "name": "Ana Silva", "group": "general"},
        shipping=SHIPPING,
        note="Ring twice",
    )
    shop.do("orders/capture-payment", order, amount=Decimal("43.01"), provider_reference="pay-1")
    shop.do("orders/invoices", order, lines="all_remaining")
    return order


def detail(shop: Shop, order: UUID) -> dict[str, Any]:
    shown = shop.queries.order_detail(order)
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shown))
    return decoded


def test_an_order_is_shown_as_specified(shop: Shop) -> None:
    order = example(shop)
    shop.do("orders/shipments", order, **packed(("1", 2), package={"tracking_number": "1Z1"}))
    shown = detail(shop, order)
    assert shown["order_number"] == "000000001"
    assert (shown["status"], shown["payment_status"]) == ("Processing", "paid")
    assert shown["fulfilment_status"] == "partially_booked"
    assert (shown["version"], shown["revision"], shown["position"]) == (4, 1, shop.events())
    assert shown["totals"] == {
        "subtotal": "29.97",
        "discount": "0.00",
        "shipping": "5.00",
        "shipping_discount": "0.00",
        "charges": "0.00",
        "tax": "8.04",
        "collected_by_marketplace": "0.00",
        "grand_total": "43.01",
        "paid": "43.01",
        "refunded": "0.00",
        "canceled": "0.00",
        "credited": "0.00",
        "waived": "0.00",
        "due": "0.00",
        "over": "0.00",
    }
    (mugs,) = shown["lines"]
    counters = {name: mugs[name] for name in ("quantity", "invoiced", "shipped", "canceled", "refunded")}
    assert counters == {"quantity": 3, "invoiced": 3, "shipped": 2, "canceled": 0, "refunded": 0}
    assert (mugs["unit_price"], mugs["tax"], mugs["total"]) == ("9.99", "6.89", "36.86")
    (invoice,) = shown["invoices"]
    assert (invoice["state"], invoice["grand_total"], invoice["invoice_number"]) == ("paid", "43.01", "000000001")
    (shipment,) = shown["shipments"]
    (package,) = shipment["packages"]
    assert (shipment["state"], package["tracking_number"]) == ("booked", "1Z1")
    assert len(package["sscc"]) == 18
    assert package["tracking"]["status"] == "pending"
    assert package["contents"] == [{"line_id": "1", "quantity": 2}]
    assert "shipments" in shown["allowed_commands"]
    assert "amend" not in shown["allowed_commands"]
    assert shown["customer"]["group"] == "general"
    assert shown["purchased_at"] == "2026-11-01T12:00:01.000000Z"
    assert shown["note"] == "Ring twice"


def test_the_detail_needs_no_projection(shop: Shop) -> None:
    order = shop.place(method="cash_on_delivery")
    answer = shop.do("orders/hold", order)
    shown = shop.queries.order_detail(order, min_position=answer["position"])
    assert shown is not None
    assert (shown["status"], shown["allowed_commands"]) == ("On Hold", detail(shop, order)["allowed_commands"])
    assert "release" in shown["allowed_commands"]


def test_a_position_beyond_the_log_is_not_waited_for(shop: Shop) -> None:
    order = shop.place()
    with pytest.raises(PositionUnknown) as unknown:
        shop.queries.order_detail(order, min_position=2)
    assert unknown.value.position == 1


def test_there_is_no_detail_of_what_was_never_placed(shop: Shop) -> None:
    assert shop.queries.order_detail(uuid4()) is None


def test_changes_of_an_order_are_shown(shop: Shop) -> None:
    order = shop.place(line(quantity=1))
    shop.do("orders/change-address", order, shipping_address=ADDRESS | {"city": "Lisboa"})
    shop.do("orders/amend", order, lines=[line(quantity=5)], note="two parcels")
    shop.do("orders/comment", order, text="Called back", visible=False)
    shown = detail(shop, order)
    assert shown["shipping_address"]["city"] == "Lisboa"
    assert shown["billing_address"]["city"] == "Porto"
    assert (shown["revision"], shown["totals"]["grand_total"], shown["note"]) == (2, "49.95", "two parcels")
    assert [comment["text"] for comment in shown["comments"]] == ["Called back"]


def test_places_are_written_in_the_order_of_their_country(shop: Shop) -> None:
    there = {"street": ["1 Main St"], "city": "Springfield", "region": "IL", "postcode": "62701", "country": "US"}
    order = shop.place(line(quantity=1))
    shop.do("orders/change-address", order, shipping_address=ADDRESS | there)
    shown = detail(shop, order)
    assert shown["shipping_place"] == "Springfield, IL 62701"
    assert shown["billing_place"] == f"{ADDRESS['postcode']} {ADDRESS['city']}"


def scanned_order(shop: Shop) -> UUID:
    order = example(shop)
    booked = shop.do("orders/shipments", order, **packed(("1", 3), package={"tracking_number": "1Z1"}))
    for hour, status in ((15, "delivered"), (13, "picked_up")):
        shop.do(
            "shipments/tracking-events",
            UUID(booked["shipment_id"]),
            carrier="ups",
            tracking_number="1Z1",
            status=status,
            location="Porto",
            description="Left with Ana's neighbour",
            occurred_at=START.replace(hour=hour),
        )
    return order


def test_late_scans_stand_where_they_happened(shop: Shop) -> None:
    order = scanned_order(shop)
    (package,) = detail(shop, order)["shipments"][0]["packages"]
    assert [scan["status"] for scan in package["tracking"]["scans"]] == ["picked_up", "delivered"]
    assert package["tracking"]["status"] == "delivered"


def test_the_holder_of_the_link_sees_parcels_and_no_more_of_the_customer_than_town_and_country(shop: Shop) -> None:
    order = scanned_order(shop)
    shop.do("orders/comment", order, text="Thank you!", visible=True)
    shop.do("orders/comment", order, text="difficult customer", visible=False)
    shop.follow()
    document = shop.queries.tracking(detail(shop, order)["tracking_token"], shop.events())
    assert document is not None
    (parcel,) = document["parcels"]
    assert parcel["@type"] == "ParcelDelivery"
    assert (parcel["trackingNumber"], parcel["carrier"]["name"], parcel["status"]) == ("1Z1", "ups", "delivered")
    assert [scan["status"] for scan in parcel["scans"]] == ["picked_up", "delivered"]
    assert parcel["deliveryAddress"]["addressLocality"] == "Porto"
    assert parcel["itemShipped"] == [{"@type": "Product", "name": "Mug", "quantity": 3}]
    assert (document["order_number"], document["status"]) == ("000000001", "Complete")
    told = [step["what"] for step in document["timeline"]]
    assert told == ["placed", "payment_received", "shipped", "comment"]
    text = msgspec.json.encode(document).decode()
    for private in ("Ana", "Rua", "4000-001", "example.com", "neighbour", "difficult"):
        assert private not in text


def test_only_the_hash_of_a_link_is_kept(shop: Shop) -> None:
    order = shop.place()
    shop.follow()
    token = detail(shop, order)["tracking_token"]
    assert token not in str(table(shop.database, "tracking"))
    assert shop.queries.tracking(token + "x") is None
