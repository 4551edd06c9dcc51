"""What the grid folds of bare shapes is what the classes give and what the domain itself decides over."""

import ast
import dataclasses
import inspect
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import cast
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.unit_of_work import EVENT_CLASSES
from domain import order_evolution, payment_evolution, shipment_state
from domain.shipment import Shipment
from domain.shipment_state import ShipmentState
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Cipher, Keyring
from eventstore.records import RecordedEvent
from projections.engine.decoder import Decoder
from projections.orders_grid import read_model
from projections.orders_grid.read_model import ORDERS_GRID
from projections.orders_grid.rows import rows
from projections.orders_grid.state import GridState
from tests.properties.reference.compare import STEPS_PER_LIFE, Pair
from tests.properties.reference.lives import Lives
from tests.properties.reference.product import Product
from tests.support.orders import ORDER_ID

CODEC, KEYRING = Codec(EVENT_CLASSES), Keyring(b"k" * 32)
LIVES_PER_SEED = 12


@lru_cache(64)
def lived(seed: str) -> Product:
    """An order after a random life."""
    pair, lives = Pair(), Lives(Random(seed))
    for number in range(STEPS_PER_LIFE):
        step = lives.placing() if not number else lives.step(pair.model.placed)
        assert pair.take(step) is None
        if pair.model.order is None:
            break
    return pair.product


def stored(product: Product, wrapped: bytes, cipher: Cipher, from_position: int = 0) -> list[FeedEvent]:
    """The order's events as they come out of the log."""
    found = []
    for position, event in enumerate(product.events, 1):
        payload, sealed = CODEC.encode(event, cipher)
        found.append(
            FeedEvent(
                position,
                event.originator_id,
                event.originator_version,
                ORDER_ID,
                event.TOPIC,
                event.SCHEMA_VERSION,
                payload,
                sealed,
                getattr(event, "number", None),
                event.occurred_at,
                event.occurred_at,
                wrapped,
                from_position,
            )
        )
    return found


def folded(events: list[FeedEvent], *, bare: bool) -> GridState:
    decoder = Decoder.of(ORDERS_GRID, CODEC, KEYRING, bare=bare)
    state = GridState(ORDER_ID)
    for row in events:
        read_model.fold(state, cast("RecordedEvent", row), decoder.fed(row))
    return state


@pytest.mark.parametrize("seed", range(2))
def test_shapes_classes_and_the_domain_come_to_the_same_order(seed: int) -> None:
    key, cipher = KEYRING.new_data_key(ORDER_ID)
    for number in range(LIVES_PER_SEED):
        product = lived(f"shapes-{seed}-{number}")
        events = stored(product, key.wrapped, cipher)
        of_shapes, of_classes = folded(events, bare=True), folded(events, bare=False)
        assert of_shapes.order == of_classes.order == product.work.order.state
        assert of_shapes.shipments == of_classes.shipments == shipments(product)
        assert sorted_words(of_shapes) == sorted_words(of_classes)


def shipments(product: Product) -> dict[UUID, ShipmentState]:
    """The shipments' states as the domain has them."""
    return {each.id: each.state for each in product.work.aggregates.values() if isinstance(each, Shipment)}


def sorted_words(state: GridState) -> list[list[str | None]]:
    """The order's rows, with the words, which have no order, sorted."""
    at = ORDERS_GRID.columns.index("words")
    return [[*row[:at], *sorted((row[at] or "").split()), *row[at + 1 :]] for row in map(list, rows(state))]


@settings(deadline=None, max_examples=40)
@given(erased_before=st.integers(0, 40), life=st.integers(0, 4))
def test_both_decoders_read_the_same_fields_whatever_is_erased(erased_before: int, life: int) -> None:
    key, cipher = KEYRING.new_data_key(ORDER_ID)
    events = stored(lived(f"erased-{life}"), key.wrapped, cipher, erased_before)
    shapes, classes = (Decoder.of(ORDERS_GRID, CODEC, KEYRING, bare=bare) for bare in (True, False))
    for row in events:
        shape, event = shapes.fed(row), classes.fed(row)
        assert (shape is None) is (event is None)
        for field in () if event is None else dataclasses.fields(event):
            assert getattr(shape, field.name) == getattr(event, field.name), f"{row.topic} {field.name}"


def test_a_field_that_is_read_wrong_makes_another_order() -> None:
    key, cipher = KEYRING.new_data_key(ORDER_ID)
    product = lived("wrong-1")
    events = stored(product, key.wrapped, cipher)
    placed = msgspec.json.decode(events[0].payload)
    events[0] = msgspec.structs.replace(events[0], payload=msgspec.json.encode(placed | {"store": "elsewhere"}))
    assert folded(events, bare=True).order != product.work.order.state


# What runs over shapes may look at fields only. `apply` chooses the applier, and is not called by the grid.
OVER_SHAPES = (order_evolution, payment_evolution, shipment_state, read_model)
ASKS = {"isinstance", "issubclass", "type"}


@pytest.mark.parametrize("module", OVER_SHAPES, ids=lambda module: module.__name__)
def test_what_applies_an_event_never_asks_for_its_class(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name != "apply"]
    asking = {
        function.name
        for function in functions
        for node in ast.walk(function)
        if (isinstance(node, ast.Name) and node.id in ASKS and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Attribute) and node.attr in {"__class__", "TOPIC"})
        or isinstance(node, ast.MatchClass)
    }
    assert functions
    assert not asking
