"""Public events: their forms stay what was promised, and the log is read in them, whole and resumable."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator
from psycopg_pool import ConnectionPool

from projections.order_history.actors import Actors
from projections.public_events.envelope import event_schema
from projections.public_events.reading import EventsAsked, PublicEvents
from tests.projections.shop import CODEC, KEYRING, Shop
from tests.support.postgres import Database
from tests.support.public_events import FORMS, PROMISED, example, kept, promised_now


@pytest.fixture
def events(shop: Shop, database: Database) -> Iterator[PublicEvents]:
    with ConnectionPool(database.app_url, min_size=1, max_size=2, open=True) as pool:
        yield PublicEvents(shop.reader, CODEC, KEYRING, Actors(pool))


def test_what_was_promised_holds_and_what_is_new_is_written_down() -> None:
    promised = msgspec.json.decode(PROMISED.read_bytes())
    assert kept(promised, promised_now())
    assert promised == msgspec.json.decode(msgspec.json.encode(promised_now())), "python -m tests.support.public_events"


@pytest.mark.parametrize("now", [{}, {"a": {"type": "integer"}}], ids=["gone", "another type"])
def test_a_broken_promise_is_found(now: Any) -> None:
    assert not kept({"a": {"type": "string"}}, now)


@pytest.mark.parametrize("topic", sorted(FORMS))
@pytest.mark.parametrize("audit", [False, True])
def test_every_example_is_what_its_schema_says(topic: str, audit: bool) -> None:
    OAS31Validator(event_schema(FORMS[topic], personal=audit)).validate(example(topic, audit=audit))


def test_amounts_are_texts_in_the_currency_of_the_order(shop: Shop, events: PublicEvents) -> None:
    after = shop.events()
    order_id = shop.place()
    (placed, *_) = events.page(EventsAsked(after=after, order_id=order_id), audit=False).events
    assert (placed["schema"], placed["currency"]) == ("order.placed/1", "EUR")
    assert "." in placed["data"]["lines"][0]["unit_price"]
    assert placed["data"]["order_number"].isdigit()


def test_reasons_and_people_are_for_auditors_alone(shop: Shop, events: PublicEvents) -> None:
    after = shop.events()
    order_id = shop.place()
    shop.do("orders/hold", order_id, reason="because I said so")
    plain = events.page(EventsAsked(after=after), audit=False).events
    audited = events.page(EventsAsked(after=after), audit=True).events
    assert not {"reason"} & set().union(*plain)
    assert not {"customer", "billing_address", "tracking_token"} & plain[0]["data"].keys()
    assert audited[0]["data"]["customer"]["id"]
    assert audited[1]["reason"] == "because I said so"
    assert "because I said so" not in str(plain)


def test_pages_follow_each_other_without_a_gap(shop: Shop, events: PublicEvents) -> None:
    after = start = shop.events()
    for _ in range(4):
        shop.place()
    seen: list[int] = []
    while page := events.page(EventsAsked(after=after, limit=3), audit=True).events:
        seen += [event["position"] for event in page]
        after = page[-1]["position"]
    assert seen == list(range(start + 1, shop.events() + 1))


def test_a_page_of_rare_types_says_how_far_it_looked(shop: Shop, events: PublicEvents) -> None:
    after = shop.events()
    order_id = shop.place()
    page = events.page(EventsAsked(after=after, types=("order.canceled",)), audit=False)
    assert (page.events, page.position) == ([], shop.events())
    shop.do("orders/cancel", order_id)
    page = events.page(EventsAsked(after=page.position, types=("order.*",)), audit=False)
    assert "order.canceled" in [event["type"] for event in page.events]


def test_a_type_that_does_not_exist_is_named(events: PublicEvents) -> None:
    with pytest.raises(ValueError, match=r"order\.plcaed"):
        events.matching(["order.plcaed"])
