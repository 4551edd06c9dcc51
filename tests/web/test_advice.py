"""Who asks in the usual wrong way is told the right one."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from tests.web.edge import ORDER_ID, bearer, order
from web.commands.routes import ROUTES

READERS = {route.name: route.reader() for route in ROUTES}


@pytest.fixture(scope="module")
def headers(keys: dict[Role, str]) -> dict[str, str]:
    return bearer(keys[Role.ADMIN])


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/queries/orders", "purchased_from"),
        ("/queries/orders", "updated_to"),
        ("/queries/invoices", "issued_from"),
    ],
)
def test_a_plus_that_became_a_blank_is_told_how_to_be_written(
    edge: FlaskClient, headers: dict[str, str], path: str, parameter: str
) -> None:
    answer = edge.get(f"{path}?{parameter}=2026-01-31T12:00:00+01:00", headers=headers)
    assert answer.status_code == 400
    assert "2026-01-31T12:00:00%2B01:00" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "question"),
    [
        ("GET", "/queries/orders/000000012", "/queries/orders?order_number=000000012"),
        ("POST", "/commands/orders/12/cancel", "/queries/orders?order_number=12"),
        ("GET", "/audit/orders/12/events", "/queries/orders?order_number=12"),
        ("GET", "/queries/invoices/000000003/invoice.pdf", "/queries/invoices?invoice_number=000000003"),
        ("GET", "/queries/credit-memos/3", "/queries/credit-memos?credit_memo_number=3"),
    ],
)
def test_a_number_in_place_of_an_id_is_told_how_to_find_the_id(
    edge: FlaskClient, headers: dict[str, str], method: str, path: str, question: str
) -> None:
    answer = edge.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert f"GET {question} tells the id" in answer.get_json()["detail"]


def test_other_paths_that_lead_nowhere_are_not_explained(edge: FlaskClient, headers: dict[str, str]) -> None:
    for path in ("/queries/orders/twelve", "/queries/nothing/12", "/12"):
        assert edge.get(path, headers=headers).get_json()["detail"] == "There is nothing at this path."


def test_a_number_in_place_of_an_id_in_a_body_or_a_filter_is_explained_too(
    edge: FlaskClient, headers: dict[str, str]
) -> None:
    body = {"origin": "main", "carrier": "ups", "service": "std", "orders": ["000000012"]}
    answer = edge.post("/commands/batches", json=body, headers=headers)
    assert answer.status_code == 400
    assert "order_number=" in answer.get_json()["errors"][0]["message"]
    answer = edge.get("/queries/invoices?order_id=12", headers=headers)
    assert answer.status_code == 400
    assert "order_number=" in answer.get_json()["detail"]


def test_a_key_without_the_word_bearer_is_told_about_it(edge: FlaskClient, keys: dict[Role, str]) -> None:
    key = keys[Role.ADMIN]
    for authorization in (key, f"Token {key}"):
        answer = edge.get("/queries/orders", headers={"Authorization": authorization})
        assert answer.status_code == 401
        assert "Bearer" in answer.get_json()["detail"]
        assert key not in answer.get_data(as_text=True)


@pytest.mark.parametrize(("given", "right"), [("UK", "GB"), ("EL", "GR"), ("pt", "PT")])
def test_a_country_of_another_list_is_told_its_code(
    edge: FlaskClient, headers: dict[str, str], given: str, right: str
) -> None:
    answer = edge.post("/commands/orders", json=order(billing_address={"country": given}), headers=headers)
    assert answer.status_code == 422
    assert f"Write {right} for {given}." in answer.get_json()["detail"]


@pytest.mark.parametrize("given", ["  Bestellung-Ä7 ", "Bestellung-A\u03087", "Bestellung-Ä7\u3000"])
def test_a_reference_is_the_same_however_it_is_composed_and_surrounded(given: str) -> None:
    right = "Bestellung-Ä7"
    names = ("orders", "orders/capture-payment", "shipments/correct-tracking")
    placing, paid, tracked = (READERS[name] for name in names)
    assert placing.accept(order(external_reference=given)).command.external_reference == right
    assert paid.accept({"amount": "1", "provider_reference": given}).command.provider_reference == right
    tracking: dict[str, Any] = {"carrier": "ups", "tracking_number": given, "new_tracking_number": given}
    numbers = tracked.accept(tracking).command
    assert (numbers.tracking_number, numbers.new_tracking_number) == (right, right)


def test_a_reference_of_blanks_is_none(edge: FlaskClient, headers: dict[str, str]) -> None:
    answer = edge.post("/commands/orders", json=order(external_reference=" \u00a0"), headers=headers)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/external_reference"
    answer = edge.post(f"/commands/orders/{ORDER_ID}/capture-payment", json={"amount": "1"}, headers=headers)
    assert answer.status_code == 400
