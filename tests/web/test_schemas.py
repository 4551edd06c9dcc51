"""Bodies: what a schema lets in comes out as exact values, and the fast reader is the schema."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError
from marshmallow.fields import Nested

from application.catalogue import COMMANDS
from application.command import Remarks
from application.command_type import CommandType
from tests.web.edge import order
from web.commands.routes import ROUTES, Route
from web.schemas.body import Part
from web.schemas.faults import faults_of
from web.schemas.fields import Items, WordOr

READERS = {route.name: route.reader() for route in ROUTES}


def accept(name: str, body: Any) -> Any:
    """What a right body asks for."""
    return READERS[name].accept(body).command


def test_every_command_of_the_application_has_a_route() -> None:
    assert COMMANDS.keys() == READERS.keys()


def test_amounts_come_out_exact_and_times_in_utc() -> None:
    body = accept(
        "orders",
        order(
            expires_at="2026-01-31T12:00:00.123456+02:00",
            order_id="0000AAAA-0000-4000-8000-000000000001",
            expected_grand_total=43,
        ),
    )
    assert body.lines[0].unit_price == Decimal("9.99")
    assert body.expected_grand_total == Decimal(43)
    assert body.expires_at == datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)
    assert body.order_id == UUID("0000aaaa-0000-4000-8000-000000000001")


def test_a_null_in_an_optional_field_is_as_if_it_were_not_there() -> None:
    body = accept("orders", order(note=None, external_reference=None, customer={"id": "c-1", "email": None}))
    assert (body.note, body.external_reference) == (None, None)
    assert body.customer.stored() == {"id": "c-1"}


def test_a_null_is_never_taken_for_everything() -> None:
    with pytest.raises(ValidationError) as refused:
        accept("orders/cancel", {"lines": None})
    assert [fault.pointer for fault in faults_of(refused.value)] == ["/lines"]


@pytest.mark.parametrize("text", ["-0", "-0.00"])
def test_nothing_is_never_negative(text: str) -> None:
    body = accept("orders", order(expected_grand_total=text))
    assert not body.expected_grand_total.is_signed()


def test_an_order_of_nothing_is_left_to_the_domain_to_refuse() -> None:
    assert accept("orders", order(lines=[])).lines == ()


@pytest.mark.parametrize("lines", ["everything", [], "", {}, 1, [{"line_id": "1"}]])
def test_only_one_word_stands_for_everything(lines: Any) -> None:
    assert accept("orders/invoices", {"lines": "all_remaining"}).lines == "all_remaining"
    with pytest.raises(ValidationError):
        accept("orders/invoices", {"lines": lines})


def test_a_reference_has_at_most_15_letters_and_digits() -> None:
    body = {"lines": "all_remaining", "carrier": "ups", "packages": [{"weight_grams": 1, "contents": []}]}
    assert accept("orders/shipments", body | {"reference": "A1" * 7}).reference == "A1" * 7
    for wrong in ("A1" * 8, "A-1", "É"):
        with pytest.raises(ValidationError):
            accept("orders/shipments", body | {"reference": wrong})


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["9.99", "0", "-1", "0.00001", "all_remaining", "online", "shipped", "PT", "EUR", "main", "ups"])
    | st.sampled_from(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00", "00000000-0000-4000-8000-000000000001", "a@b"])
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))


def mutated(body: Any, draw: st.DataObject) -> Any:
    """The body with something in it replaced, removed or added."""
    if isinstance(body, dict) and body and draw.draw(st.integers(0, 3)):
        name = draw.draw(st.sampled_from(sorted(body)))
        match draw.draw(st.sampled_from(["in", "in", "drop", "add"])):
            case "drop":
                return {key: value for key, value in body.items() if key != name}
            case "add":
                return body | {draw.draw(st.text(max_size=8)): draw.draw(JSON)}
            case _:
                return body | {name: mutated(body[name], draw)}
    if isinstance(body, list) and body and draw.draw(st.integers(0, 3)):
        return [mutated(body[0], draw), *body[1:]]
    return draw.draw(JSON)


def outcome(read: Any, body: Any) -> Any:
    try:
        return read(body)
    except ValidationError as error:
        return sorted(map(str, faults_of(error)))


PACKAGE = {"weight_grams": 900, "contents": [{"line_id": "1", "quantity": 2}], "tracking_number": "1Z"}
RIGHT: dict[str, dict[str, Any]] = {
    "orders": order(reason="a customer called", occurred_at="2026-01-31T12:00:00Z", note="leave at the door"),
    "orders/amend": {"lines": order()["lines"], "note": ""},
    "orders/cancel": {"lines": [{"line_id": "1", "quantity": 1}]},
    "orders/capture-payment": {"amount": "43.01", "provider_reference": "p-1", "currency": "EUR"},
    "orders/invoices": {"lines": [{"line_id": "1", "quantity": 2}], "capture": "offline", "notify": True},
    "orders/shipments": {"lines": "all_remaining", "carrier": "ups", "packages": [PACKAGE], "reference": "A1"},
    "invoices/refund": {"lines": [{"line_id": "1", "quantity": 1, "disposition": "shipped"}], "shipping": "1.00"},
    "dispatches": {"carrier": "ups", "location": "main", "ready_at": "2026-01-31T12:00:00Z", "shipments": "all_ready"},
}


@pytest.mark.parametrize("name", RIGHT)
@given(draw=st.data())
def test_the_fast_reader_and_the_schema_agree(name: str, draw: st.DataObject) -> None:
    body = mutated(RIGHT[name], draw)
    reader = READERS[name]
    assert outcome(reader.accept, body) == outcome(reader.load, body)


@pytest.mark.parametrize("name", RIGHT)
def test_the_fast_reader_takes_what_is_right(name: str) -> None:
    reader = READERS[name]
    assert reader.read(RIGHT[name]) == reader.load(RIGHT[name])


def required(value: type[Any]) -> set[str]:
    absent = dataclasses.MISSING
    return {each.name for each in dataclasses.fields(value) if each.default is absent}


def parts_of(schema: Schema) -> Iterator[tuple[Schema, type[Any]]]:
    """The objects within a body, each with the value that it becomes."""
    for field in schema.fields.values():
        inner: Any = field.other if isinstance(field, WordOr) else field
        inner = inner.inner if isinstance(inner, Items) else inner
        if isinstance(inner, Nested) and isinstance(inner.schema, Part):
            yield inner.schema, inner.schema.makes
            yield from parts_of(inner.schema)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_schema_has_the_fields_of_its_value_and_asks_for_those_without_a_default(route: Route) -> None:
    schema = route.body()
    remarks = {field.name for field in dataclasses.fields(Remarks)}
    values = [(schema, route.command.value), *parts_of(schema)]
    for each, value in values:
        asked = {field.name for field in dataclasses.fields(value)}
        own = {
            name: field
            for name, field in each.fields.items()
            if each is not schema or name in asked or name not in remarks
        }
        assert own.keys() == asked
        assert {name for name, field in own.items() if field.required} == required(value)
    assert remarks <= schema.fields.keys()


@pytest.mark.parametrize("row", COMMANDS.values(), ids=lambda row: row.name)
def test_a_command_is_a_frozen_value_without_a_dict(row: CommandType[Any]) -> None:
    assert dataclasses.is_dataclass(row.value)
    assert row.value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not hasattr(object.__new__(row.value), "__dict__")
