"""Causes and effects across streams: from a batch to the shipments of its orders and back, within bounds."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application.unit_of_work import EVENT_CLASSES
from daybook.auditing import event_keys
from eventstore.codec import Codec
from eventstore.event_keys import EventKeys, event_id
from eventstore.personal_data import Keyring
from projections.audit import chain
from projections.audit.chain import EventChains
from projections.order_history.actors import Actors
from projections.orders.queries import read_pool
from projections.public_events.reading import PublicEvents
from tests.application.conftest import Office


@pytest.fixture
def chains(office: Office) -> Iterator[tuple[EventChains, EventKeys]]:
    with read_pool(office.app_url, max_size=2) as pool:
        codec, keyring = Codec(EVENT_CLASSES), Keyring(bytes(range(32)))
        keys = event_keys(pool)
        yield EventChains(keys, PublicEvents(office.reader, codec, keyring, Actors(pool))), keys


@pytest.fixture
def started(office: Office) -> dict[str, Any]:
    """A batch of two paid orders that was processed: the event that started it."""
    orders = []
    for number in range(2):
        order_id = office.place()
        office.do("orders/capture-payment", order_id, amount=Decimal("29.97"), provider_reference=f"p{number}")
        orders.append(order_id)
    ids = [UUID(order_id) for order_id in orders]
    batch = office.do("batches", origin="main", carrier="dhl", service="express", orders=ids)["batch_id"]
    answer = office.do("batches/process", batch)
    while office.batches().step():
        pass
    return {"orders": orders, "position": answer["position"]}


def test_a_batch_leads_to_the_shipments_of_its_orders_and_they_lead_back(
    office: Office, chains: tuple[EventChains, EventKeys], started: dict[str, Any]
) -> None:
    (row,) = office.reader.read_range(started["position"], started["position"])
    asked, keys = chains
    keys.caught_up()
    start = event_id(row.stream_id, row.version)
    found = asked.chain_of(start)
    assert found is not None
    effects = [each["event"] for each in found["events"] if each["depth"] == 1]
    booked = [event for event in effects if event["type"] == "shipment.booked"]
    assert sorted(event["order_id"] for event in booked) == sorted(started["orders"])
    back = asked.chain_of(UUID(booked[0]["event_id"]))
    assert back is not None
    assert [str(each["event"]["event_id"]) for each in back["events"] if each["depth"] == -1] == [str(start)]
    assert not back["truncated"]
    created = [each["event"]["type"] for each in found["events"] if each["depth"] == -1]
    assert created == ["batch.created"]


def test_a_chain_that_is_too_long_says_so(
    office: Office,
    chains: tuple[EventChains, EventKeys],
    started: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (row,) = office.reader.read_range(started["position"], started["position"])
    monkeypatch.setattr(chain, "EVENTS_MAX", 2)
    found = chains[0].chain_of(event_id(row.stream_id, row.version))
    assert found is not None
    assert (len(found["events"]), found["truncated"]) == (2, True)
