"""An order that cannot be read says so and where, and hides no other."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from access.keys import create_key
from access.roles import Role
from projections.orders import timeline
from tests.support.postgres import Database
from tests.support.spoiling import Spoiled
from tests.web.live import Site, another_order


@pytest.fixture(params=["topic", "payload", "key"])
def spoiled(site: Site, database: Database, request: pytest.FixtureRequest) -> Any:
    """An order of a customer with another that can be read; its id and the damage."""
    customer = {"id": f"c-{uuid4()}", "email": "ana@example.com", "name": "Ana Silva"}
    placed = [site.post("orders", another_order(customer=customer)).json["order_id"] for _ in range(2)]
    damage = Spoiled(database.owner_url, placed[0], request.param)
    yield placed[0], placed[1], damage, customer["id"]
    damage.repair()


def test_its_detail_and_its_commands_say_where_it_cannot_be_read(site: Site, spoiled: Any) -> None:
    order_id, _, damage, _ = spoiled
    for answer in (
        site.get(f"/queries/orders/{order_id}"),
        site.post(f"orders/{order_id}/hold"),
        site.post(f"orders/{order_id}/comment", {"text": "x"}),
    ):
        assert (answer.status_code, answer.json["code"]) == (500, "order_unreadable")
        assert answer.json["position"] == damage.position
        assert "Ana" not in answer.text


def test_its_customers_list_shows_it_as_unreadable_and_lists_the_rest(
    site: Site, database: Database, spoiled: Any
) -> None:
    order_id, other, damage, customer = spoiled
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        key = create_key(connection, Role.CUSTOMER, "a test", customer_id=customer)
    path = f"/queries/customers/{customer}/orders"
    listed: Any = site.client.get(path, headers={"Authorization": f"Bearer {key}"})
    assert listed.status_code == 200
    assert [item["order_id"] for item in listed.json["items"]] == [other, order_id]
    assert listed.json["items"][1] == {"order_id": order_id, "code": "order_unreadable", "position": damage.position}


def test_its_audit_trail_still_shows_every_event(site: Site, spoiled: Any) -> None:
    order_id, _, damage, _ = spoiled
    trail = site.get(f"/audit/orders/{order_id}/events", Role.AUDITOR)
    assert trail.status_code == 200
    [placed] = trail.json["items"]
    assert placed["position"] == damage.position
    assert (placed["type"], placed.get("unreadable")) in {
        ("order.of_tomorrow", None),  # stored as anything else: nothing is interpreted here
        ("OrderPlaced", None),
        ("OrderPlaced", "SealBroken"),
    }


def test_its_dispatch_names_it_and_prints_no_manifest(site: Site, database: Database) -> None:
    shipments = []
    orders = []
    for _ in range(2):
        body = another_order(payment={"method": "cash_on_delivery"})
        orders.append(site.post("orders", body).json["order_id"])
        contents = [{"line_id": "1", "quantity": 3}]
        packages = [{"weight_grams": 1300, "contents": contents}]
        parcel = {"lines": contents, "carrier": "ups", "packages": packages}
        shipments.append(site.post(f"orders/{orders[-1]}/shipments", parcel).json["shipment_id"])
    scheduled = site.post(
        "dispatches", {"carrier": "ups", "location": "main", "ready_at": "2026-11-30T10:00:00Z", "shipments": shipments}
    )
    dispatch_id = scheduled.json["dispatch_id"]
    assert site.post(f"dispatches/{dispatch_id}/close").status_code in {200, 201}
    damage = Spoiled(database.owner_url, orders[0])
    shown = site.get(f"/queries/dispatches/{dispatch_id}")
    printed = site.get(f"/queries/dispatches/{dispatch_id}/manifest.pdf")
    damage.repair()
    assert shown.status_code == 200
    assert [package["shipment_id"] for package in shown.json["packages"]] == [shipments[1]]
    [named] = shown.json["unreadable"]
    assert (named["shipment_id"], named["order_id"], named["position"]) == (shipments[0], orders[0], damage.position)
    assert (printed.status_code, printed.json["code"]) == (409, "order_unreadable")


def test_a_long_timeline_comes_in_pieces(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "ENTRIES_MAX", 4)
    order_id = site.post("orders", another_order()).json["order_id"]
    for number in range(9):
        site.post(f"orders/{order_id}/comment", {"text": f"{number}"})
    seen: list[int] = []
    before = None
    while True:
        asked = "" if before is None else f"?timeline_before={before}"
        page = site.get(f"/queries/orders/{order_id}{asked}").json
        seen = [entry["position"] for entry in page["timeline"]] + seen
        before = page["timeline_before"]
        if before is None:
            break
    assert len(seen) == 10
    assert seen == sorted(set(seen))
