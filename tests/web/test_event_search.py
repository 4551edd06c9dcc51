"""Searching the log: every condition finds its events and no others, pages lead both ways, the feed stays as it was."""

from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from access.roles import Role
from tests.web.live import Site, another_order


@pytest.fixture(scope="module")
def trade(site: Site) -> dict[str, Any]:
    """An order that was paid, held for a reason and commented upon, among others."""
    others = [site.post("orders", another_order()).get_json() for _ in range(3)]
    placed = site.post("orders", another_order(currency="USD")).get_json()
    path = f"orders/{placed['order_id']}"
    paid = site.post(f"{path}/capture-payment", {"amount": "12.34", "provider_reference": "ch-1"}).get_json()
    site.post(f"{path}/hold", {"reason": "Zoë Müller asked us to wait"}, role=Role.ADMIN, X_Correlation_ID=CONVERSATION)
    site.post(f"{path}/release", {"reason": "She called back"}, role=Role.ADMIN)
    return {"order_id": placed["order_id"], "paid": paid, "others": others}


CONVERSATION = "00000000-0000-4000-8000-00000000c0c0"


def found(site: Site, asked: str) -> list[dict[str, Any]]:
    answer = site.get(f"/audit/events?{asked}", Role.AUDITOR)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def types(items: list[dict[str, Any]]) -> list[str]:
    return [item["type"] for item in items]


def test_each_condition_finds_its_events(site: Site, trade: dict[str, Any]) -> None:
    order = f"order_id={trade['order_id']}"
    assert types(found(site, f"{order}&sort=position"))[0] == "order.placed"
    assert types(found(site, f"{order}&type=OrderHeld,order.released")) == ["order.released", "order.held"]
    assert types(found(site, f"correlation_id={CONVERSATION}")) == ["order.held"]
    (paid,) = found(site, "amount=12.34")
    assert (paid["type"], paid["data"]["amount"], paid["currency"]) == ("order.payment_captured", "12.34", "USD")
    assert found(site, f"command_id={paid['command_id']}&type=order.payment_captured") == [paid]
    assert found(site, f"order_id={trade['others'][0]['order_id']}&amount=12.34") == []
    assert found(site, "amount=1234") == []


def test_who_acted_is_found_by_id_and_by_name(site: Site, trade: dict[str, Any]) -> None:
    held = found(site, f"type=order.held&order_id={trade['order_id']}")[0]
    by_id = found(site, f"actor={held['actor']['id']}")
    assert types(by_id) == ["order.released", "order.held"]
    named = found(site, f"actor=Test&type=order.held&order_id={trade['order_id']}")
    assert named == [held]
    assert found(site, "actor=nobody") == []


@pytest.mark.parametrize(
    ("words", "hits"),
    [("zoe mueller", 1), ("wait asked", 1), ("WAI", 1), ("called", 1), ("sked", 0), ("zoe called", 0)],
)
def test_reasons_are_found_by_the_beginnings_of_their_words(
    site: Site, trade: dict[str, Any], words: str, hits: int
) -> None:
    assert len(found(site, f"reason={quote(words)}&order_id={trade['order_id']}")) == hits
    assert len(found(site, f"reason={quote(words)}")) == hits


def test_times_are_of_recording_and_both_included(site: Site, trade: dict[str, Any]) -> None:
    items = found(site, f"order_id={trade['order_id']}&sort=position")
    held = next(item for item in items if item["type"] == "order.held")
    at = quote(held["recorded_at"])
    assert found(site, f"recorded_from={at}&recorded_to={at}") == [held]
    assert held not in found(site, f"recorded_from={at}&recorded_to=2999-01-01&type=order.released")
    assert found(site, "recorded_to=2000-01-01") == []


@pytest.mark.parametrize("sort", ["position", "-position"])
def test_pages_lead_through_everything_and_back(site: Site, trade: dict[str, Any], sort: str) -> None:
    everything = found(site, f"sort={sort}&limit=500")
    pages, path = [], f"/audit/events?sort={sort}&limit=3"
    while path:
        page = site.get(path).get_json()
        pages.append(page)
        path = page["next"]
    assert [item for page in pages for item in page["items"]] == everything
    back, path = [], pages[-1]["previous"]
    while path:
        page = site.get(path).get_json()
        back.append(page["items"])
        path = page["previous"]
    assert back[::-1] == [page["items"] for page in pages[:-1]]


def test_the_same_path_is_the_feed_for_who_follows_and_a_search_for_who_asks(site: Site, trade: dict[str, Any]) -> None:
    assert site.get("/audit/events").content_type == "application/x-ndjson"
    assert site.get("/audit/events?after=1&limit=2", Accept="application/json").content_type == "application/x-ndjson"
    assert site.get("/audit/events", Accept="application/json").get_json()["items"]
    mixed = site.get("/audit/events?after=1&actor=test")
    assert (mixed.status_code, mixed.get_json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("type=order.plcaed", 422),
        ("reason=!!!", 422),
        ("actor=", 422),
        ("command_id=7", 400),
        ("amount=1,5", 400),
        ("recorded_from=soon", 400),
        ("sort=amount", 400),
        ("cursor=abc", 400),
        ("actor=a&limit=501", 422),
    ],
)
def test_what_cannot_be_searched_is_refused(site: Site, asked: str, status: int) -> None:
    assert site.get(f"/audit/events?{asked}").status_code == status


def test_the_search_is_for_auditors(site: Site) -> None:
    assert site.get("/audit/events?actor=test", Role.INTEGRATOR).status_code == 403


def test_what_an_erased_reason_said_is_found_no_more(site: Site) -> None:
    placed = site.post("orders", another_order()).get_json()
    site.post(f"orders/{placed['order_id']}/hold", {"reason": "unforgettable words"})
    assert len(found(site, "reason=unforgettable")) == 1
    with psycopg.connect(site.shop.database.owner_url) as connection:
        connection.execute("ALTER TABLE log.data_keys DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM log.data_keys WHERE partition_id = %s", [placed["order_id"]])
        connection.execute("ALTER TABLE log.data_keys ENABLE TRIGGER ALL")
    assert found(site, "reason=unforgettable") == []
    assert len(found(site, f"type=order.held&order_id={placed['order_id']}")) == 1


def test_the_chain_of_an_event_leads_to_its_causes_and_effects(site: Site, trade: dict[str, Any]) -> None:
    (paid,) = found(site, "amount=12.34")
    chain = site.get(f"/audit/chain/{paid['event_id']}", Role.AUDITOR).get_json()
    assert [each["event"] for each in chain["events"] if each["depth"] == 0] == [
        *reversed(found(site, f"command_id={paid['command_id']}"))
    ]
    assert chain["truncated"] is False
    assert site.get("/audit/chain/00000000-0000-4000-8000-000000000009").status_code == 404
    assert site.get(f"/audit/chain/{paid['event_id']}", Role.INTEGRATOR).status_code == 403
