"""Bodies: what a schema lets in comes out as exact values, and the fast reader is the schema."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from application.commands import HANDLERS
from tests.web.edge import order
from web.commands.routes import ROUTES
from web.schemas.faults import faults_of
from web.schemas.orders import CancelOrder, PlaceOrder
from web.schemas.payments import IssueInvoice
from web.schemas.shipments import BookShipment

BODIES: dict[str, Schema] = {route.name: route.body() for route in ROUTES}


def test_every_command_of_the_application_has_a_route() -> None:
    assert HANDLERS.keys() <= BODIES.keys()


def test_amounts_come_out_exact_and_times_in_utc() -> None:
    body = PlaceOrder().accept(
        order(
            expires_at="2026-01-31T12:00:00.123456+02:00",
            order_id="0000AAAA-0000-4000-8000-000000000001",
            expected_grand_total=43,
        )
    )
    assert body["lines"][0]["unit_price"] == Decimal("9.99")
    assert body["expected_grand_total"] == Decimal(43)
    assert body["expires_at"] == datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)
    assert body["order_id"] == UUID("0000aaaa-0000-4000-8000-000000000001")


def test_a_null_in_an_optional_field_is_as_if_it_were_not_there() -> None:
    body = PlaceOrder().accept(order(note=None, external_reference=None, customer={"id": "c-1", "email": None}))
    assert "note" not in body
    assert "external_reference" not in body
    assert body["customer"] == {"id": "c-1"}


def test_a_null_is_never_taken_for_everything() -> None:
    with pytest.raises(ValidationError) as refused:
        CancelOrder().accept({"lines": None})
    assert [fault.pointer for fault in faults_of(refused.value)] == ["/lines"]


@pytest.mark.parametrize("text", ["-0", "-0.00"])
def test_nothing_is_never_negative(text: str) -> None:
    body = PlaceOrder().accept(order(expected_grand_total=text))
    assert not body["expected_grand_total"].is_signed()


def test_an_order_of_nothing_is_left_to_the_domain_to_refuse() -> None:
    assert PlaceOrder().accept(order(lines=[]))["lines"] == []


@pytest.mark.parametrize("lines", ["everything", [], "", {}, 1, [{"line_id": "1"}]])
def test_only_one_word_stands_for_everything(lines: Any) -> None:
    assert IssueInvoice().accept({"lines": "all_remaining"}) == {"lines": "all_remaining"}
    with pytest.raises(ValidationError):
        IssueInvoice().accept({"lines": lines})


def test_a_reference_has_at_most_15_letters_and_digits() -> None:
    body = {"lines": "all_remaining", "carrier": "ups", "packages": [{"weight_grams": 1, "contents": []}]}
    assert BookShipment().accept(body | {"reference": "A1" * 7})["reference"] == "A1" * 7
    for wrong in ("A1" * 8, "A-1", "É"):
        with pytest.raises(ValidationError):
            BookShipment().accept(body | {"reference": wrong})


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
    schema = BODIES[name]
    assert outcome(schema.accept, body) == outcome(schema.load, body)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", RIGHT)
def test_the_fast_reader_takes_what_is_right(name: str) -> None:
    schema = BODIES[name]
    assert schema._read(RIGHT[name]) == schema.load(RIGHT[name])  # type: ignore[attr-defined]
