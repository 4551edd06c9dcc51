"""Documents as readers see them: lists that follow the log, details always current, packages ready for pickup."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from application.command import Actor, Cause
from domain.batch import Batch
from projections.documents.kinds import KINDS
from projections.documents.parameters import parse_document_query
from projections.documents.ready_packages import parse_ready_query
from projections.engine.positions import Behind
from projections.orders.customer_orders import CustomerQuery, parse_customer_query
from projections.orders_grid.parameters import parse_grid_query
from projections.paging.query import GridPage, InvalidParameterError
from tests.projections.shop import START, Shop, catch_up, following, start_again, table
from tests.support.orders import ADDRESS, line, packed

SHIPPING = {"description": "Flat rate", "amount": Decimal("5.00"), "tax_rate": Decimal("0.23")}
Items = list[dict[str, Any]]


def items(page: GridPage) -> Items:
    decoded: Items = msgspec.json.decode(b"[" + page.items + b"]")
    return decoded


def listed(shop: Shop, kind: str, **given: Sequence[str] | str) -> Items:
    parameters = {name: [value] if isinstance(value, str) else value for name, value in given.items()}
    return items(shop.documents.page(parse_document_query(KINDS[kind], parameters)))


def ready(shop: Shop, **given: str) -> Items:
    return items(shop.documents.ready_packages(parse_ready_query({name: [value] for name, value in given.items()})))


def detail(shop: Shop, kind: str, document_id: str | UUID) -> dict[str, Any]:
    shown = shop.documents.detail(kind, UUID(str(document_id)))
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shown))
    return decoded


def shipped(shop: Shop, **more: Any) -> dict[str, Any]:
    """A new order, booked in one package."""
    order = shop.place(line(quantity=2, weight_grams=400), method="cash_on_delivery")
    return shop.do("orders/shipments", order, **packed(("1", 2), **more))


def scheduled(shop: Shop, *shipments: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A dispatch of these shipments."""
    at = START + timedelta(seconds=shop.commands + 1)
    body = {"carrier": "ups", "location": "main", "ready_at": at + timedelta(hours=1)} | more
    return shop.do("dispatches", None, shipments=[UUID(each["shipment_id"]) for each in shipments], **body)


def paid_order(shop: Shop) -> tuple[UUID, dict[str, Any]]:
    """Three mugs and their delivery, paid and invoiced."""
    mugs = line(quantity=3, tax_rate="0.23", name="Mug", discount="1.00")
    order = shop.place(mugs, shipping=SHIPPING, external_reference="cart-1")
    return order, shop.do("orders/invoices", order, lines="all_remaining")


def test_an_invoice_in_full(shop: Shop) -> None:
    order, invoiced = paid_order(shop)
    shown = detail(shop, "invoices", invoiced["invoice_id"])
    assert (shown["invoice_number"], shown["order_number"], shown["state"]) == ("000000001", "000000001", "paid")
    assert (shown["order_id"], shown["version"], shown["external_reference"]) == (str(order), 3, "cart-1")
    (mugs,) = shown["lines"]
    assert (mugs["name"], mugs["quantity"], mugs["net_unit_price"]) == ("Mug", 3, "9.99")
    assert (mugs["net"], mugs["tax"], mugs["total"]) == ("28.97", "6.66", "35.63")
    assert shown["shipping"] == {
        "description": "Flat rate",
        "tax_rate": "0.23",
        "net": "5.00",
        "tax": "1.15",
        "total": "6.15",
    }
    assert shown["taxes"] == [{"tax_rate": "0.23", "net": "33.97", "tax": "7.81", "named": []}]
    assert shown["totals"] == {
        "subtotal": "29.97",
        "discount": "1.00",
        "shipping": "5.00",
        "charges": "0.00",
        "net": "33.97",
        "tax": "7.81",
    }
    assert (shown["grand_total"], shown["paid"], shown["due"]) == ("41.78", "41.78", "0.00")


def test_an_invoice_keeps_the_address_it_was_issued_to(shop: Shop) -> None:
    order, invoiced = paid_order(shop)
    shop.do("orders/change-address", order, billing_address=ADDRESS | {"city": "Lisboa"})
    assert detail(shop, "invoices", invoiced["invoice_id"])["billing_address"]["city"] == "Porto"


def refund(shop: Shop, invoiced: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    lines = [{"line_id": "1", "quantity": 1, "disposition": "unshipped"}]
    return shop.do("invoices/refund", UUID(invoiced["invoice_id"]), lines=lines, **more)


def test_a_credit_memo_in_full(shop: Shop) -> None:
    order, invoiced = paid_order(shop)
    refunded = refund(shop, invoiced, shipping=Decimal("2.50"), adjustment_fee=Decimal("1.00"))
    shown = detail(shop, "credit-memos", refunded["credit_memo_id"])
    assert (shown["credit_memo_number"], shown["invoice_number"]) == ("000000001", "000000001")
    assert (shown["state"], shown["mode"], shown["adjustment_fee"]) == ("refunded", "offline", "1.00")
    assert [(each["sku"], each["quantity"], each["disposition"]) for each in shown["lines"]] == [
        ("SKU-1", 1, "unshipped")
    ]
    assert shown["grand_total"] == "13.96"
    assert shown["shipping"]["net"] == "2.50"
    invoice = detail(shop, "invoices", invoiced["invoice_id"])
    assert (invoice["refunded"], len(invoice["credit_memos"])) == ("13.96", 1)
    memos = (shop.queries.order_detail(order) or {})["credit_memos"]
    assert [memo["credit_memo_number"] for memo in memos] == ["000000001"]


def test_a_refund_that_the_gateway_has_not_answered_is_pending(shop: Shop) -> None:
    order = shop.place(method="card_capture")
    captured = shop.do("orders/capture-payment", order, amount=Decimal("29.97"), provider_reference="p-1")
    refunded = refund(shop, captured, mode="online")
    assert detail(shop, "credit-memos", refunded["credit_memo_id"])["state"] == "pending"


def test_a_shipment_in_full(shop: Shop) -> None:
    booked = shipped(shop, package={"tracking_number": "1Z1"}, reference="A7")
    shop.do("tracking-events", None, carrier="ups", tracking_number="1Z1", status="in_transit")
    shown = detail(shop, "shipments", booked["shipment_id"])
    (package,) = shown["packages"]
    assert (shown["state"], shown["reference"], shown["shipping_address"]["city"]) == ("dispatched", "A7", "Porto")
    assert (len(package["sscc"]), package["tracking_number"]) == (18, "1Z1")
    assert package["tracking"]["status"] == "in_transit"
    assert [scan["status"] for scan in package["tracking"]["scans"]] == ["in_transit"]
    counted = {"ordered": 2, "quantity": 2, "returned": 0, "to_follow": 0}
    assert shown["lines"] == [{"line_id": "1", "sku": "SKU-1", "name": None, "attributes": {}} | counted]


def test_a_dispatch_in_full_and_its_own_version(shop: Shop) -> None:
    one, other = shipped(shop, reference="A1"), shipped(shop)
    dispatch = scheduled(shop, one, other)
    before = detail(shop, "dispatches", dispatch["dispatch_id"])
    assert (before["status"], before["manifest_number"], before["version"]) == ("scheduled", None, 1)
    shop.do("shipments/cancel", UUID(other["shipment_id"]))
    closed = shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
    shown = detail(shop, "dispatches", dispatch["dispatch_id"])
    assert (shown["status"], shown["manifest_number"], shown["version"]) == ("closed", closed["manifest_number"], 2)
    (package,) = shown["packages"]
    assert (package["shipment_id"], package["order_number"], package["reference"]) == (
        one["shipment_id"],
        "000000001",
        "A1",
    )
    assert (package["ship_to"]["city"], package["weight_grams"], len(package["sscc"])) == ("Porto", 900, 18)
    assert (shown["package_count"], shown["weight_grams"]) == (1, 900)


def test_a_batch_in_full(shop: Shop) -> None:
    orders = [shop.place(), shop.place()]
    batch = shop.do("batches", None, origin="main", carrier="ups", service="ground", orders=orders)
    shown = detail(shop, "batches", batch["batch_id"])
    assert (shown["status"], shown["booked"], shown["failed"], shown["version"]) == ("created", 0, 0, 1)
    nothing: dict[str, Any] = {"result": "pending", "code": None, "detail": None, "packages": None, "left": []}
    nothing |= {"shipment_id": None, "shipment_number": None, "label": None, "ship_to_name": "Ana Silva"}
    assert shown["entries"] == [
        nothing | {"order_id": str(order), "order_number": f"00000000{number}"}
        for number, order in enumerate(orders, 1)
    ]


def test_an_entry_that_was_booked_in_part_says_what_is_left(shop: Shop) -> None:
    order = shop.place(line(quantity=3), line("2", quantity=1), method="cash_on_delivery")
    batch = UUID(shop.do("batches", None, origin="main", carrier="ups", service="g", orders=[order])["batch_id"])
    packages = [{"weight_grams": 9, "contents": [{"line_id": "1", "quantity": 2}]}]
    shop.do("batches/entries", batch, order_id=order, packages=packages)
    shop.do("batches/process", batch)
    snapshot = shop.log.load_root(Batch, batch)
    booked = shop.do("orders/shipments", order, **packed(("1", 2)))
    snapshot.work.batch.record_booked(order, UUID(booked["shipment_id"]), START)
    worker = Cause(actor=Actor("worker", "t"), correlation_id=uuid4())
    shop.log.append(snapshot, worker, uuid4())
    (entry,) = detail(shop, "batches", batch)["entries"]
    assert entry["left"] == [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 1}]
    assert entry["shipment_number"] == booked["shipment_number"]


def test_what_a_stopped_order_has_ready_is_shown_as_blocked(shop: Shop) -> None:
    stopped, free = shipped(shop), shipped(shop)
    dispatch = scheduled(shop, stopped, free)
    shop.do("orders/hold", shop.orders[0])
    blocked = [package["blocked"] for package in detail(shop, "dispatches", dispatch["dispatch_id"])["packages"]]
    assert blocked == ["order_on_hold", None]
    shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
    shop.follow()
    (package,) = ready(shop)
    assert (package["shipment_id"], package["blocked"]) == (stopped["shipment_id"], "order_on_hold")
    (withheld,) = detail(shop, "dispatches", dispatch["dispatch_id"])["withheld"]
    assert (withheld["shipment_number"], withheld["order_number"]) == ("000000001", "000000001")
    shop.do("orders/release", shop.orders[0])
    shop.follow()
    assert [package["blocked"] for package in ready(shop)] == [None]


def test_a_scan_of_a_canceled_shipment_is_shown_as_an_exception(shop: Shop) -> None:
    booked = shipped(shop, package={"tracking_number": "1Z 9"})
    shop.do("shipments/cancel", UUID(booked["shipment_id"]))
    shop.do("tracking-events", None, carrier="ups", tracking_number="1z9", status="delivered", location="Porto")
    shown = detail(shop, "shipments", booked["shipment_id"])
    assert (shown["state"], shown["packages"][0]["tracking"]["status"]) == ("canceled", "pending")
    (exception,) = shown["exceptions"]
    assert (exception["status"], exception["location"]) == ("delivered", "Porto")
    (in_order,) = (shop.queries.order_detail(shop.orders[0]) or {})["shipments"]
    assert len(in_order["exceptions"]) == 1
    assert (shop.queries.order_detail(shop.orders[0]) or {})["fulfilment_status"] == "unfulfilled"
    shop.follow()
    (row,) = listed(shop, "shipments")
    assert row["exception_count"] == 1


def test_what_came_back_is_shown_by_line_and_package(shop: Shop) -> None:
    booked = shipped(shop, package={"tracking_number": "A1"})
    shop.do("tracking-events", None, carrier="ups", tracking_number="A1", status="return_to_sender")
    one = [{"line_id": "1", "quantity": 1}]
    shop.do("shipments/return", UUID(booked["shipment_id"]), lines=one)
    shown = detail(shop, "shipments", booked["shipment_id"])
    assert (shown["state"], shown["packages"][0]["returned"]) == ("dispatched", one)
    assert [(each["quantity"], each["returned"], each["to_follow"]) for each in shown["lines"]] == [(2, 1, 1)]
    shop.do("shipments/return", UUID(booked["shipment_id"]), lines="all_remaining")
    shop.follow()
    assert [row["shipment_id"] for row in listed(shop, "shipments", state="returned")] == [booked["shipment_id"]]
    page = shop.queries.customer_orders("c-1", CustomerQuery())
    assert [each["what"] for each in items(page)[0]["timeline"]] == ["placed", "shipped", "returned", "returned"]
    assert [each["returned"] for each in items(page)[0]["parcels"]] == [True]
    (row,) = items(shop.queries.grid_page(parse_grid_query({})))
    assert (row["status"], row["fulfilment_status"]) == ("Pending", "unfulfilled")


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_of_anything_else_is_no_document(shop: Shop, kind: str) -> None:
    _, invoiced = paid_order(shop)
    shipment = shipped(shop)
    ids = {"invoices": shipment["shipment_id"]}.get(kind, invoiced["invoice_id"])
    batch = shop.do("batches", None, origin="main", carrier="ups", service="ground", orders=[shop.place()])
    others = [UUID(ids), shop.orders[0], uuid4(), *([] if kind == "batches" else [UUID(batch["batch_id"])])]
    assert [shop.documents.detail(kind, other) for other in others] == [None] * len(others)


def test_lists_are_filtered_and_show_the_newest_first(shop: Shop) -> None:
    first, second, third = shipped(shop), shipped(shop), shipped(shop, carrier="dhl")
    shop.do("shipments/cancel", UUID(second["shipment_id"]))
    shop.follow()
    numbers = [each["shipment_number"] for each in listed(shop, "shipments")]
    assert numbers == [each["shipment_number"] for each in (third, second, first)]

    def ids(**given: Sequence[str] | str) -> list[str]:
        return [each["shipment_id"] for each in listed(shop, "shipments", **given)]

    assert ids(state="canceled") == [second["shipment_id"]]
    assert ids(state=["booked", "canceled"], carrier="ups") == [second["shipment_id"], first["shipment_id"]]
    assert ids(carrier="dhl", origin="main") == [third["shipment_id"]]
    assert ids(origin="elsewhere") == []
    assert ids(order_id=str(shop.orders[0])) == [first["shipment_id"]]
    assert ids(shipment_number=third["shipment_number"]) == [third["shipment_id"]]
    assert ids(booked_from="2026-11-02") == []
    assert len(ids(booked_to="2026-11-01")) == 3


def test_a_list_shows_every_kind_by_itself(shop: Shop) -> None:
    _, invoiced = paid_order(shop)
    refund(shop, invoiced)
    dispatch = scheduled(shop, shipped(shop))
    shop.do("batches", None, origin="main", carrier="ups", service="ground", orders=[shop.place()])
    shop.follow()
    assert {kind: len(listed(shop, kind)) for kind in KINDS} == dict.fromkeys(KINDS, 1)
    (invoice,) = listed(shop, "invoices", state="paid")
    assert (invoice["bill_to_name"], invoice["grand_total"]) == ("Ana Silva", "41.78")
    assert listed(shop, "dispatches", status="scheduled")[0]["dispatch_id"] == dispatch["dispatch_id"]
    assert listed(shop, "batches", status="created", carrier="ups")[0]["orders"] == 1


def test_pages_follow_each_other_both_ways(shop: Shop) -> None:
    for _ in range(5):
        shipped(shop)
    shop.follow()
    kind = KINDS["shipments"]
    everything = [each["shipment_id"] for each in listed(shop, "shipments")]
    forward, backward, cursor = [], [], None
    for _ in range(3):
        given = {"limit": ["2"]} | ({"cursor": [cursor.token()]} if cursor else {})
        page = shop.documents.page(parse_document_query(kind, given))
        forward.append([each["shipment_id"] for each in items(page)])
        cursor, previous = page.next, page.previous
    assert cursor is None
    while previous is not None:
        page = shop.documents.page(parse_document_query(kind, {"limit": ["2"], "cursor": [previous.token()]}))
        backward.append([each["shipment_id"] for each in items(page)])
        previous = page.previous
    assert forward == [everything[:2], everything[2:4], everything[4:]]
    assert backward == forward[-2::-1]


WRONG = [
    ({"colour": ["red"]}, True),
    ({"state": ["lost"]}, False),
    ({"order_id": ["7"]}, True),
    ({"order_id": [str(uuid4()), str(uuid4())]}, True),
    ({"limit": ["201"]}, False),
    ({"cursor": ["x"]}, True),
    ({"booked_from": ["yesterday"]}, True),
    ({"min_position": ["-1"]}, True),
    ({"carrier": ["a\0"]}, True),
]


@pytest.mark.parametrize(("given", "malformed"), WRONG)
def test_what_cannot_be_asked_is_said(given: dict[str, list[str]], malformed: bool) -> None:
    with pytest.raises(InvalidParameterError) as wrong:
        parse_document_query(KINDS["shipments"], given)
    assert wrong.value.name in given
    assert wrong.value.malformed is malformed


def test_a_cursor_of_another_list_is_refused(shop: Shop) -> None:
    shipped(shop), shipped(shop)
    shop.follow()
    page = shop.documents.page(parse_document_query(KINDS["shipments"], {"limit": ["1"]}))
    assert page.next is not None
    token = page.next.token()
    for parse in (
        lambda given: parse_document_query(KINDS["invoices"], given),
        parse_ready_query,
        parse_customer_query,
    ):
        with pytest.raises(InvalidParameterError):
            parse({"cursor": [token]})


def test_a_list_waits_for_the_position_asked_for_or_says_where_it_is(shop: Shop) -> None:
    shipped(shop)
    query = parse_document_query(KINDS["shipments"], {"min_position": [str(shop.events())]})
    with pytest.raises(Behind):
        shop.documents.page(query)
    shop.follow()
    assert shop.documents.page(query).position == shop.events()


def test_packages_are_ready_until_a_dispatch_takes_them(shop: Shop) -> None:
    waiting, taken, moving = shipped(shop), shipped(shop), shipped(shop, package={"tracking_number": "1Z3"})
    canceled, elsewhere = shipped(shop), shipped(shop, carrier="dhl")
    shop.do("tracking-events", None, carrier="ups", tracking_number="1Z3", status="picked_up")
    shop.do("shipments/cancel", UUID(canceled["shipment_id"]))
    shop.follow()

    def ids(**given: str) -> list[str]:
        return [each["shipment_id"] for each in ready(shop, **given)]

    assert ids(carrier="ups", location="main") == [waiting["shipment_id"], taken["shipment_id"]]
    assert ids() == [*ids(carrier="ups"), elsewhere["shipment_id"]]
    assert moving["shipment_id"] not in ids()
    dispatch = scheduled(shop, taken)
    assert ids(carrier="ups") == [waiting["shipment_id"]]
    shop.do("dispatches/cancel", UUID(dispatch["dispatch_id"]))
    assert ids(carrier="ups") == [waiting["shipment_id"], taken["shipment_id"]]
    shop.do("dispatches/close", UUID(scheduled(shop, waiting, taken)["dispatch_id"]))
    shop.follow()
    assert ids(carrier="ups") == []


def test_a_page_of_ready_packages_ends_with_a_whole_shipment(shop: Shop) -> None:
    order = shop.place(line(quantity=9), method="cash_on_delivery")
    for size in (2, 2, 5):
        packages = [{"weight_grams": 1, "contents": [{"line_id": "1", "quantity": 1}]} for _ in range(size)]
        shop.do("orders/shipments", order, **packed(("1", size), packages=packages))
    shop.follow()
    sizes, cursor = [], None
    while True:
        given = {"limit": ["3"]} | ({"cursor": [cursor.token()]} if cursor else {})
        page = shop.documents.ready_packages(parse_ready_query(given))
        sizes.append(len(items(page)))
        cursor = page.next
        if cursor is None:
            break
    assert sizes == [2, 2, 5]
    (package, *_) = ready(shop, location="main")
    assert (package["package_id"], package["location"], package["ship_to_name"]) == ("1", "main", "Ana Silva")
    assert len(package["sscc"]) == 18


def test_a_customer_finds_its_orders_and_nobody_elses(shop: Shop) -> None:
    mine = [shop.place(customer={"id": "c-7", "email": "a@example.com"}) for _ in range(3)]
    shop.place(customer={"id": "c-70"})
    shop.do("orders/hold", mine[0])
    page = shop.queries.customer_orders("c-7", CustomerQuery(limit=2))
    newest, middle = items(page)
    assert [newest["order_id"], middle["order_id"]] == [str(mine[2]), str(mine[1])]
    assert (newest["grand_total"], newest["currency"], newest["parcels"]) == ("29.97", "EUR", [])
    rest = shop.queries.customer_orders("c-7", CustomerQuery(limit=2, cursor=page.next))
    (oldest,) = items(rest)
    assert (oldest["order_id"], oldest["status"]) == (str(mine[0]), "Pending")
    assert (rest.next, rest.position) == (None, shop.events())
    assert rest.previous is not None
    back = shop.queries.customer_orders("c-7", CustomerQuery(limit=2, cursor=rest.previous))
    assert items(back) == [newest, middle]
    assert items(shop.queries.customer_orders("nobody", CustomerQuery())) == []


def test_the_timeline_tells_everything_that_happened_also_beside_the_order(shop: Shop) -> None:
    order, invoiced = paid_order(shop)
    before = (shop.queries.order_detail(order) or {})["version"]
    shop.do("invoices/record-printed", UUID(invoiced["invoice_id"]))
    shop.do("invoices/send-copy", UUID(invoiced["invoice_id"]))
    shown = shop.queries.order_detail(order) or {}
    assert shown["version"] == before
    told = [each["type"] for each in shown["timeline"]]
    assert told == [
        "OrderPlaced",
        "PaymentCaptured",
        "ItemsInvoiced",
        "InvoiceIssued",
        "InvoicePaid",
        "DocumentPrinted",
        "DocumentCopyRequested",
    ]
    placed, captured, *_, printed, _ = shown["timeline"]
    assert placed["number"] == "000000001"
    assert "tracking_token" not in placed["facts"]
    assert captured["facts"]["amount"] == "41.78"
    assert printed["facts"] == {"document_type": "invoice", "document_id": invoiced["invoice_id"]}
    assert printed["actor"] == {"type": "integrator", "id": "test", "name": None}


def test_a_printing_of_a_dispatch_belongs_to_no_order(shop: Shop) -> None:
    dispatch = scheduled(shop, shipped(shop))
    answer = shop.do("dispatches/record-printed", UUID(dispatch["dispatch_id"]))
    assert (answer["version"], answer["events"]) == (1, ["DocumentPrinted"])
    (row,) = [row for row in shop.reader.read_after(0, 100) if row.topic == "printing.document_printed"]
    assert (row.partition_id, row.order_id) == (UUID(dispatch["dispatch_id"]), None)
    assert detail(shop, "dispatches", dispatch["dispatch_id"])["version"] == 1
    shop.follow()
    assert len(listed(shop, "dispatches")) == 1


def test_the_rebuilt_list_is_the_incremental_one(shop: Shop) -> None:
    _, invoiced = paid_order(shop)
    with following(shop.database, "documents", events_max=3) as follower:
        catch_up(follower)
        refund(shop, invoiced)
        catch_up(follower)
        dispatch = scheduled(shop, shipped(shop), shipped(shop))
        catch_up(follower)
        shop.do("dispatches/close", UUID(dispatch["dispatch_id"]))
        shop.do("dispatches/record-printed", UUID(dispatch["dispatch_id"]))
        catch_up(follower)
    step_by_step = table(shop.database, "documents")
    start_again(shop.database, "documents")
    shop.follow()
    assert table(shop.database, "documents") == step_by_step
    assert len(step_by_step) == 5
