"""The six steps of an order over HTTP, one journey per row of the workflow's table, and the way back: refunds."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.journeys.trade import MUG, Trade, units
from tests.web.edge import ADDRESS

Json = dict[str, Any]


def pages_of(trade: Trade, path: str) -> list[str]:
    response = trade.site.get(f"/queries/{path}")
    assert (response.status_code, response.content_type) == (200, "application/pdf"), response.data
    return [page.extract_text() for page in PdfReader(BytesIO(response.data)).pages]


def told(trade: Trade, order_id: str) -> list[str]:
    return [each["type"] for each in trade.order(order_id)["timeline"]]


def test_1_place_a_checkout_posts_an_order_and_the_customer_orders_it_again(trade: Trade) -> None:
    first = trade.place(external_reference="cart-1")
    shown = trade.order(first)
    assert (shown["status"], shown["version"], shown["totals"]["grand_total"]) == ("Pending", 1, "36.86")
    again = trade.post(f"orders/{first}/reorder")
    assert again["events"] == ["OrderPlaced"]
    second = trade.order(again["order_id"])
    assert (second["reorder_of"], second["totals"]) == (first, shown["totals"])
    assert second["order_number"] > shown["order_number"]
    trade.work()
    page = trade.get(f"customers/c-1001/orders?min_position={again['position']}")
    assert [item["order_id"] for item in page["items"]][:2] == [second["order_id"], first]
    link = trade.get(f"tracking/{shown['tracking_token']}")
    assert [step["what"] for step in link["timeline"]] == ["placed"]


def test_2_pending_an_order_is_edited_in_place_or_canceled(trade: Trade) -> None:
    order = trade.place("bank_transfer")
    number = trade.order(order)["order_number"]
    trade.post(f"orders/{order}/amend", {"lines": [MUG | {"quantity": 5}], "note": "gift"})
    trade.post(f"orders/{order}/change-address", {"shipping_address": ADDRESS | {"city": "Braga"}})
    shown = trade.order(order)
    assert (shown["order_number"], shown["revision"], shown["status"]) == (number, 2, "Pending")
    assert (shown["lines"][0]["quantity"], shown["shipping_address"]["city"]) == (5, "Braga")
    trade.post(f"orders/{order}/cancel", {"lines": units(2)})
    assert trade.order(order)["lines"][0]["canceled"] == 2
    trade.post(f"orders/{order}/cancel", {"reason": "changed my mind"})
    assert trade.axes(order) == ("Canceled", "none", "unfulfilled")
    expected = ["OrderPlaced", "OrderAmended", "AddressChanged", "OrderCanceled", "OrderCanceled"]
    assert told(trade, order) == expected


def test_3_pay_an_authorization_or_a_payment_makes_it_processing(trade: Trade) -> None:
    order = trade.place("card_authorize")
    trade.post(f"orders/{order}/authorize-payment", {"amount": "36.86", "provider_reference": "auth-1"})
    assert trade.axes(order) == ("Processing", "authorized", "unfulfilled")
    hosted = trade.place("hosted_checkout")
    assert trade.axes(hosted) == ("Pending Payment", "pending", "unfulfilled")
    trade.post(f"orders/{hosted}/fail-payment", {"provider_reference": "try-1"})
    assert trade.axes(hosted)[0] == "Pending Payment"
    answer = trade.capture(hosted, "36.86")
    assert "InvoiceIssued" in answer["events"]
    assert trade.axes(hosted) == ("Processing", "paid", "unfulfilled")


def test_3_pay_too_much_is_reviewed_and_what_no_invoice_holds_goes_back(trade: Trade) -> None:
    order = trade.place("card_capture")
    trade.capture(order, "40.00")
    assert trade.axes(order)[0] == "Suspected Fraud"
    trade.post(f"orders/{order}/accept-payment")
    trade.post(f"orders/{order}/refund-payment", {"amount": "3.14"})
    assert trade.axes(order) == ("Processing", "paid", "unfulfilled")
    assert trade.order(order)["totals"]["refunded"] == "3.14"


def test_3_pay_late_money_for_a_canceled_order_is_kept_and_given_back(trade: Trade) -> None:
    order = trade.place("bank_transfer")
    trade.post(f"orders/{order}/cancel")
    assert trade.capture(order, "36.86")["events"] == ["LatePaymentReceived"]
    trade.post(f"orders/{order}/refund-payment", {"amount": "36.86"})
    assert trade.axes(order) == ("Canceled", "refunded", "unfulfilled")


def test_4_invoice_parts_by_hand_through_the_gateway(trade: Trade) -> None:
    order = trade.place("card_authorize", shipping={"description": "Post", "amount": "5.00", "tax_rate": "0.23"})
    trade.post(f"orders/{order}/authorize-payment", {"amount": "43.01", "provider_reference": "auth-2"})
    first = trade.invoice(order, units(1), capture="online")
    trade.work()
    shown = trade.get(f"invoices/{first['invoice_id']}")
    assert (shown["state"], shown["grand_total"], shown["paid"]) == ("paid", "18.44", "18.44")
    rest = trade.invoice(order, capture="online")
    trade.work()
    assert trade.get(f"invoices/{rest['invoice_id']}")["grand_total"] == "24.57"
    assert trade.axes(order) == ("Processing", "paid", "unfulfilled")
    (page,) = pages_of(trade, f"invoices/{first['invoice_id']}/invoice.pdf")
    assert first["invoice_number"] in page
    trade.post(f"invoices/{first['invoice_id']}/send-copy")
    assert told(trade, order)[-1] == "DocumentCopyRequested"


def test_4_invoice_that_stays_open_is_canceled_or_paid_later(trade: Trade) -> None:
    order = trade.place("purchase_order")
    opened = trade.invoice(order, units(2), capture="none")
    assert trade.get(f"invoices/{opened['invoice_id']}")["state"] == "open"
    trade.post(f"invoices/{opened['invoice_id']}/cancel")
    again = trade.invoice(order, capture="none")
    trade.post(f"invoices/{again['invoice_id']}/capture")
    assert trade.axes(order) == ("Processing", "paid", "unfulfilled")
    trade.work()
    states = {each["state"] for each in trade.get(f"invoices?order_id={order}")["items"]}
    assert states == {"canceled", "paid"}


def test_4_invoice_comes_by_itself_with_the_payment(trade: Trade) -> None:
    order = trade.place("card_capture")
    trade.capture(order, "36.86")
    (invoice,) = trade.order(order)["invoices"]
    assert (invoice["state"], invoice["grand_total"]) == ("paid", "36.86")
    free = trade.place("free", MUG | {"unit_price": "0.00"})
    assert [each["state"] for each in trade.order(free)["invoices"]] == ["paid"]


def test_5_ship_in_parts_printed_followed_and_undone(trade: Trade) -> None:
    order = trade.place()
    booked = trade.book(order, 2, "1ZA", "1ZB", reference="A7K2M9")
    assert trade.axes(order)[2] == "partially_booked"
    slip = "".join(pages_of(trade, f"shipments/{booked['shipment_id']}/packing-slip.pdf"))
    assert "MUG-01" in slip
    assert len(pages_of(trade, f"shipments/{booked['shipment_id']}/label.pdf")) == 2
    trade.post(f"shipments/{booked['shipment_id']}/record-printed")
    rest = trade.book(order, 1)
    trade.post(f"shipments/{rest['shipment_id']}/cancel")
    assert trade.order(order)["lines"][0]["shipped"] == 2
    path = f"shipments/{booked['shipment_id']}"
    number = {"carrier": "ups", "tracking_number": "1ZB"}
    trade.post(f"{path}/correct-tracking", number | {"new_tracking_number": "1ZC", "package_id": "2"})
    trade.scan("1ZC", "in_transit", location="Porto")
    trade.work()
    link = trade.get(f"tracking/{trade.order(order)['tracking_token']}")
    assert [(each["trackingNumber"], each["status"]) for each in link["parcels"]] == [
        ("1ZA", "pending"),
        ("1ZC", "in_transit"),
    ]
    assert trade.axes(order)[2] == "partially_dispatched"


def results(batch: Json) -> list[tuple[str, str | None]]:
    return [(entry["result"], entry["code"]) for entry in batch["entries"]]


def test_5_ship_many_orders_as_a_batch_where_one_fails_alone_and_is_tried_again(trade: Trade) -> None:
    orders = [trade.place() for _ in range(4)]
    body = {"origin": "main", "carrier": "ups", "service": "Standard", "orders": orders}
    batch = trade.post("batches", body)
    path = f"batches/{batch['batch_id']}"
    packages = [{"weight_grams": 700, "contents": units(1)}, {"weight_grams": 800, "contents": units(2)}]
    trade.post(f"{path}/entries", {"order_id": orders[0], "packages": packages})
    trade.post(f"{path}/entries", {"order_id": orders[3], "remove": True})
    trade.post(f"{path}/entries", {"order_id": (added := trade.place())})
    trade.post(f"{path}/entries", {"order_id": added, "remove": True})
    trade.post(f"orders/{orders[1]}/hold")
    assert trade.post(f"{path}/process")["status"] == "processing"
    trade.work()
    shown = trade.get(path)
    assert (shown["status"], shown["booked"], shown["failed"]) == ("processed", 2, 1)
    assert results(shown) == [("booked", None), ("failed", "order_on_hold"), ("booked", None)]
    trade.post(f"orders/{orders[1]}/release")
    trade.post(f"{path}/process")
    trade.work()
    shown = trade.get(path)
    assert (shown["booked"], shown["failed"], results(shown)[1]) == (3, 0, ("booked", None))
    assert len(pages_of(trade, f"{path}/labels.pdf")) == 4
    assert len(pages_of(trade, f"{path}/packing-slips.pdf")) >= 3
    assert trade.site.get(f"/queries/{path}").headers["ETag"] == f'"{shown["version"]}"'
    other = trade.post("batches", body | {"orders": [orders[3]]})
    trade.post(f"batches/{other['batch_id']}/cancel")


def test_6_dispatch_a_batch_with_its_manifest_until_all_is_delivered(trade: Trade) -> None:
    orders = [trade.place() for _ in range(3)]
    body = {"origin": "main", "carrier": "dhl", "service": "Standard", "orders": orders}
    batch = trade.post("batches", body)
    trade.post(f"batches/{batch['batch_id']}/process")
    trade.work()
    entries = trade.get(f"batches/{batch['batch_id']}")["entries"]
    for place, entry in enumerate(entries):
        body = {"carrier": "dhl", "tracking_number": f"DHL-{place}"}
        trade.post(f"shipments/{entry['shipment_id']}/add-tracking", body)
    trade.work()
    ready = trade.get("dispatches/ready?carrier=dhl&location=main")
    assert {each["order_id"] for each in ready["items"]} == set(orders)
    dispatch = trade.dispatch(carrier="dhl", shipments="all_ready")
    path = f"dispatches/{dispatch['dispatch_id']}"
    assert trade.get("dispatches/ready?carrier=dhl&location=main")["items"] == []
    closed = trade.post(f"{path}/close")
    assert closed["manifest_number"]
    shown = trade.get(path)
    assert (shown["status"], shown["manifest_number"]) == ("closed", closed["manifest_number"])
    assert {each["shipment_id"] for each in shown["packages"]} == {each["shipment_id"] for each in entries}
    manifest = "".join(pages_of(trade, f"{path}/manifest.pdf"))
    assert all(text in manifest for text in (closed["manifest_number"], "DHL-0", "DHL-2"))
    trade.post(f"{path}/record-printed")
    assert {trade.axes(order)[2] for order in orders} == {"dispatched"}
    for place in range(3):
        trade.scan(f"DHL-{place}", "in_transit", carrier="dhl")
        trade.scan(f"DHL-{place}", "delivered", carrier="dhl")
    assert {trade.axes(order)[2] for order in orders} == {"delivered"}
    trade.work()
    assert trade.get("dispatches?status=closed&carrier=dhl")["items"][0]["dispatch_id"] == dispatch["dispatch_id"]


def test_6_dispatch_called_off_gives_its_shipments_free(trade: Trade) -> None:
    booked = trade.book(trade.place(), 3, "1ZF")
    off = trade.dispatch(booked)
    trade.post(f"dispatches/{off['dispatch_id']}/cancel")
    again = trade.dispatch(booked)
    trade.post(f"dispatches/{again['dispatch_id']}/close")
    assert trade.get(f"shipments/{booked['shipment_id']}")["state"] == "dispatched"


def test_the_way_back_everything_is_refunded_and_the_order_closed(trade: Trade) -> None:
    order = trade.place(shipping={"description": "Post", "amount": "5.00", "tax_rate": "0.23"})
    invoice = trade.invoice(order)
    trade.book(order, 2, "1ZG")
    assert trade.axes(order)[0] == "Processing"
    trade.refund(invoice, 1, "unshipped")
    assert trade.axes(order)[:2] == ("Complete", "partially_refunded")
    last = trade.refund(invoice, 2, "shipped", shipping="5.00")
    assert trade.axes(order)[:2] == ("Closed", "refunded")
    shown = trade.order(order)
    assert shown["totals"]["refunded"] == shown["totals"]["paid"] == "43.01"
    (page,) = pages_of(trade, f"credit-memos/{last['credit_memo_id']}/credit-memo.pdf")
    assert last["credit_memo_number"] in page
    trade.work()
    memos = trade.get(f"credit-memos?order_id={order}")["items"]
    assert [memo["state"] for memo in memos] == ["refunded", "refunded"]


@pytest.mark.parametrize(("refunded", "disposition"), [(1, "shipped"), (2, "unshipped")])
def test_the_way_back_through_the_gateway(trade: Trade, refunded: int, disposition: str) -> None:
    order = trade.place("card_capture")
    captured = trade.capture(order, "36.86")
    if disposition == "shipped":
        trade.book(order, 3)
    memo = trade.refund(captured, refunded, disposition, mode="online")
    assert trade.get(f"credit-memos/{memo['credit_memo_id']}")["state"] == "pending"
    trade.work()
    assert trade.get(f"credit-memos/{memo['credit_memo_id']}")["state"] == "refunded"
    assert trade.axes(order)[1] == "partially_refunded"
