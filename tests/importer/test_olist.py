"""The converter turns each order of the data set into the commands of its steps, and mends nothing."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks import olist
from benchmarks.olist import convert, dispatch_id_of, shipment_id_of
from benchmarks.olist_orders import order_id_of
from tests.importer.olist_files import LAMP, ORDERS, Invented, write_olist_files
from web.commands.routes import ROUTES

Commands = list[dict[str, Any]]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    return converted(tmp_path_factory.mktemp("olist"), ORDERS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    return converted(tmp_path_factory.mktemp("whole"), ORDERS, whole_workflow=True)


def converted(folder: Path, orders: list[Invented], *, whole_workflow: bool = False) -> Commands:
    data = write_olist_files(folder / "data", orders)
    convert(data, folder / "commands.ndjson", whole_workflow=whole_workflow)
    return [json.loads(line) for line in (folder / "commands.ndjson").read_text().splitlines()]


def verbs_of(olist_id: str, everything: Commands) -> list[str]:
    paths = [command["command"].split("/") for command in everything if is_about(olist_id, command)]
    return ["place" if len(path) == 1 else path[2] for path in paths]


def is_about(olist_id: str, command: dict[str, Any]) -> bool:
    path = command["command"].split("/")
    if len(path) == 1:
        return bool(command["body"].get("external_reference") == olist_id)
    return path[1] in {str(order_id_of(olist_id)), str(shipment_id_of(olist_id))}


def body_of(olist_id: str, verb: str, everything: Commands) -> Any:
    path = f"orders/{order_id_of(olist_id)}/{verb}"
    (body,) = [command["body"] for command in everything if command["command"] == path]
    return body


def placing_of(olist_id: str, everything: Commands) -> Any:
    bodies = [command["body"] for command in everything if command["command"] == "orders"]
    (body,) = [body for body in bodies if body["external_reference"] == olist_id]
    return body


CARD = ["authorize-payment", "capture-payment"]
MOVES = ["invoices", "shipments", "tracking-events"]


@pytest.mark.parametrize(
    ("olist_id", "verbs"),
    [
        ("created", []),
        ("approved", ["capture-payment"]),
        ("processing", CARD),
        ("invoiced", ["capture-payment", "capture-payment", "invoices"]),
        ("shipped", [*CARD, *MOVES, "tracking-events"]),
        ("delivered", ["capture-payment", *MOVES, "tracking-events"]),
        ("early", [*CARD, *MOVES, "tracking-events"]),
        ("over", [*CARD, *CARD, "accept-payment", *MOVES, "tracking-events"]),
        ("over-at-once", [*CARD, "capture-payment", "accept-payment", "cancel"]),
        ("short", [*CARD, "flag-payment", "accept-payment", *MOVES]),
        ("short-boleto", ["capture-payment", "flag-payment", "accept-payment", "invoices"]),
        ("canceled", ["capture-payment", "cancel"]),
        ("unavailable", [*CARD, "cancel"]),
        ("empty", []),
        ("empty-canceled", []),
    ],
)
def test_the_status_of_an_order_says_which_commands_follow_its_placing(
    olist_id: str, verbs: list[str], everything: Commands
) -> None:
    assert verbs_of(olist_id, everything) == ["place", *verbs]


@pytest.mark.parametrize(
    ("olist_id", "verbs"),
    [
        ("created", []),
        ("processing", CARD),
        ("invoiced", ["capture-payment", "capture-payment", "invoices"]),
        ("shipped", [*CARD, "invoices", "shipments"]),
        ("delivered", ["capture-payment", *MOVES]),
        ("over-at-once", [*CARD, "capture-payment", "accept-payment", "cancel", "refund-payment"]),
        ("canceled", ["capture-payment", "cancel", "refund-payment"]),
        ("unavailable", [*CARD, "cancel", "refund-payment"]),
        ("empty", []),
    ],
)
def test_in_the_whole_workflow_money_goes_back_and_no_scan_says_what_a_dispatch_does(
    olist_id: str, verbs: list[str], whole: Commands
) -> None:
    assert verbs_of(olist_id, whole) == ["place", *verbs]


def test_what_was_captured_of_a_canceled_order_goes_back_to_the_cent(whole: Commands) -> None:
    returned = {c["command"]: c["body"]["amount"] for c in whole if c["command"].endswith("/refund-payment")}
    assert returned == {
        f"orders/{order_id_of('over-at-once')}/refund-payment": "112.00",
        f"orders/{order_id_of('canceled')}/refund-payment": "110.05",
        f"orders/{order_id_of('unavailable')}/refund-payment": "59.90",
    }


def test_an_order_that_nothing_was_captured_of_gets_nothing_back(tmp_path: Path) -> None:
    unpaid = Invented("unpaid", "canceled", [LAMP], [("voucher", "0.00")])
    assert "refund-payment" not in verbs_of("unpaid", converted(tmp_path, [unpaid], whole_workflow=True))


def dispatches_in(whole: Commands) -> Commands:
    return [command for command in whole if command["command"].startswith("dispatches")]


def test_the_shipments_of_a_day_leave_on_its_dispatch(whole: Commands) -> None:
    scheduled, closed = dispatches_in(whole)
    dispatch_id = str(dispatch_id_of("2017-05-03", 1))
    taken = ["delivered", "early", "over", "shipped", "short", "undated"]

    assert scheduled["body"] == {
        "dispatch_id": dispatch_id,
        "carrier": "custom",
        "location": "main",
        "ready_at": "2017-05-03T10:00:00+00:00",
        "shipments": [str(shipment_id_of(olist_id)) for olist_id in taken],
        "occurred_at": "2017-05-03T09:30:00+00:00",
    }
    assert closed["command"] == f"dispatches/{dispatch_id}/close"
    assert closed["body"] == {"occurred_at": "2017-05-03T10:00:00+00:00"}


def test_a_dispatch_stands_after_its_bookings_and_before_the_deliveries(whole: Commands) -> None:
    kinds = [command["command"].rpartition("/")[2] for command in whole]
    last_booking = max(n for n, kind in enumerate(kinds) if kind == "shipments")
    assert last_booking < kinds.index("dispatches") < kinds.index("close") < kinds.index("tracking-events")
    scans = [command for command in whole if command["command"].endswith("/tracking-events")]
    assert {scan["body"]["status"] for scan in scans} == {"delivered"}


def test_a_dispatch_is_closed_on_its_day_even_when_the_last_goods_came_late(tmp_path: Path) -> None:
    days = ["2017-05-04 23:50:00", "2017-05-03 12:00:00"]
    orders = [
        Invented(f"late-{n}", "shipped", [LAMP], [("boleto", "110.05")], handed_over=at) for n, at in enumerate(days)
    ]
    first, _, last, closed = dispatches_in(converted(tmp_path, orders, whole_workflow=True))

    assert (first["body"]["occurred_at"], last["body"]["ready_at"]) == (
        "2017-05-03T12:00:00+00:00",
        "2017-05-05T00:20:00+00:00",
    )
    assert closed["body"] == {"occurred_at": "2017-05-04T23:59:59+00:00"}


def test_a_day_with_too_many_shipments_has_several_dispatches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(olist, "SHIPMENTS_PER_DISPATCH", 4)
    commands = dispatches_in(converted(tmp_path, ORDERS, whole_workflow=True))

    sizes = [len(command["body"]["shipments"]) for command in commands if command["command"] == "dispatches"]
    assert sizes == [4, 2]
    assert len({command["key"] for command in commands}) == 4


@pytest.mark.parametrize("file", ["everything", "whole"])
def test_every_command_is_one_that_the_server_reads(file: str, request: pytest.FixtureRequest) -> None:
    bodies = {route.name: route.reader() for route in ROUTES}
    for command in request.getfixturevalue(file):
        path = command["command"].split("/")
        bodies["/".join(path[::2])].accept(command["body"])


def test_the_same_folder_always_gives_the_same_file_with_each_key_once(tmp_path: Path, everything: Commands) -> None:
    assert converted(tmp_path, ORDERS) == everything
    assert len({command["key"] for command in everything}) == len(everything)


def test_the_whole_workflow_also_has_each_key_once(whole: Commands) -> None:
    assert len({command["key"] for command in whole}) == len(whole)


def test_an_order_is_placed_as_the_files_say(everything: Commands) -> None:
    body = placing_of("processing", everything)

    assert body["order_id"] == str(order_id_of("processing"))
    assert body["occurred_at"] == "2017-05-01T08:00:02Z"
    assert (body["currency"], body["store"], body["customer"]) == ("BRL", "olist", {"id": "person-2"})
    assert body["shipping_address"] == {
        "city": "belo horizonte",
        "region": "MG",
        "postcode": "30100",
        "country": "BR",
    }
    assert (body["shipping"]["amount"], body["expected_grand_total"]) == ("10.05", "169.95")
    assert body["lines"] == [
        {
            "line_id": "1",
            "sku": "lamp",
            "quantity": 1,
            "unit_price": "100.00",
            "name": "iluminacao",
            "weight_grams": 1500,
        },
        {"line_id": "2", "sku": "chair", "quantity": 1, "unit_price": "59.90", "weight_grams": 7000},
    ]


def test_an_order_without_items_is_posted_to_be_refused(everything: Commands) -> None:
    body = placing_of("empty", everything)
    assert body["lines"] == []
    assert "expected_grand_total" not in body


@pytest.mark.parametrize(
    ("olist_id", "method"),
    [
        ("shipped", "card_authorize"),
        ("processing", "card_authorize"),
        ("over", "card_authorize"),
        ("approved", "bank_transfer"),
        ("invoiced", "bank_transfer"),
        ("empty-canceled", "bank_transfer"),
    ],
)
def test_the_first_payment_chooses_the_method(olist_id: str, method: str, everything: Commands) -> None:
    assert placing_of(olist_id, everything)["payment"] == {"method": method}


def payments_of(olist_id: str, everything: Commands) -> list[tuple[str, str, str]]:
    found = []
    for command in everything:
        prefix, _, verb = command["command"].rpartition("/")
        if prefix == f"orders/{order_id_of(olist_id)}" and verb.endswith("e-payment") and "amount" in command["body"]:
            found.append((verb, command["body"]["provider_reference"], command["body"]["amount"]))
    return found


def test_every_payment_above_nothing_is_captured_to_the_cent_and_promised_only_up_to_what_is_due(
    everything: Commands,
) -> None:
    assert payments_of("invoiced", everything) == [
        ("capture-payment", "invoiced-1", "60.00"),
        ("capture-payment", "invoiced-3", "50.05"),
    ]
    assert payments_of("over", everything) == [
        ("authorize-payment", "over-1", "100.00"),
        ("capture-payment", "over-1", "100.00"),
        ("authorize-payment", "over-2", "10.05"),
        ("capture-payment", "over-2", "12.50"),
    ]
    assert payments_of("over-at-once", everything) == [
        ("authorize-payment", "over-at-once-1", "110.05"),
        ("capture-payment", "over-at-once-1", "111.00"),
        ("capture-payment", "over-at-once-2", "1.00"),
    ]


def test_each_seller_packs_a_package_of_its_own(everything: Commands) -> None:
    body = body_of("shipped", "shipments", everything)

    assert (body["lines"], body["carrier"], body["occurred_at"]) == ("all_remaining", "custom", "2017-05-03T09:30:00Z")
    assert [(package["weight_grams"], package["contents"]) for package in body["packages"]] == [
        (3000, [{"line_id": "1", "quantity": 1}, {"line_id": "3", "quantity": 1}]),
        (7000, [{"line_id": "2", "quantity": 1}]),
    ]
    scanned = [c["body"]["tracking_number"] for c in everything if str(shipment_id_of("shipped")) in c["command"]]
    assert scanned == [package["tracking_number"] for package in body["packages"]]
    assert len(set(scanned)) == 2


def scans_of(olist_id: str, everything: Commands) -> list[tuple[str, str]]:
    path = f"shipments/{shipment_id_of(olist_id)}/tracking-events"
    bodies = [command["body"] for command in everything if command["command"] == path]
    return [(body["status"], body["occurred_at"]) for body in bodies]


def test_scans_happened_when_the_files_say_or_at_the_last_time_known(everything: Commands) -> None:
    picked_up = ("picked_up", "2017-05-03T09:30:00Z")
    assert scans_of("delivered", everything) == [picked_up, ("delivered", "2017-05-08T17:45:12Z")]
    assert scans_of("undated", everything) == [picked_up, ("delivered", "2017-05-03T09:30:00Z")]


def test_an_order_handed_over_before_its_approval_is_paid_first_all_the_same(everything: Commands) -> None:
    assert body_of("early", "capture-payment", everything)["occurred_at"] == "2017-05-06T00:00:00Z"
    assert body_of("early", "shipments", everything)["occurred_at"] == "2017-05-03T09:30:00Z"
    verbs = verbs_of("early", everything)
    assert verbs.index("capture-payment") < verbs.index("shipments")


def test_orders_come_in_the_order_of_their_purchase(everything: Commands) -> None:
    placed = [command["body"]["occurred_at"] for command in everything if command["command"] == "orders"]
    assert all(earlier <= later for earlier, later in pairwise(placed))


def test_an_amount_that_is_no_whole_number_of_centavos_is_not_rounded(tmp_path: Path) -> None:
    odd = Invented("odd", "created", [("lamp", "seller-a", "10.005", "0.00")])
    with pytest.raises(ValueError, match=r"10\.005"):
        converted(tmp_path, [odd])
    assert not (tmp_path / "commands.ndjson").exists()


def test_a_status_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="teleported"):
        converted(tmp_path, [Invented("odd", "teleported", [LAMP])])
