"""Whatever is sent, the answer is a problem that names what is wrong: never a 500, never half a write."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access.roles import Role
from tests.web.edge import ORDER_ID, bearer, order

CANCEL = f"/commands/orders/{ORDER_ID}/cancel"


@pytest.fixture(scope="module")
def headers(keys: dict[Role, str]) -> dict[str, str]:
    return bearer(keys[Role.ADMIN])


def assert_problem(response: TestResponse, status: int, code: str) -> Any:
    problem = response.get_json()
    assert response.content_type == "application/problem+json", response.data
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert problem["status"] == status
    assert problem.keys() >= {"type", "title", "status", "detail", "code", "errors", "allowed_commands"}
    return problem


def line(**changes: Any) -> list[dict[str, Any]]:
    return [order()["lines"][0] | changes]


SHAPE: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "/colour"),
    ({"lines": line(colour="red")}, "/lines/0/colour"),
    ({"billing_address": {"country": "PT", "zip/~code": "1"}}, "/billing_address/zip~1~0code"),
    ({"store": 7}, "/store"),
    ({"store": None}, "/store"),
    ({"currency": ["EUR"]}, "/currency"),
    ({"customer": "c-1"}, "/customer"),
    ({"customer": {}}, "/customer/id"),
    ({"customer": {"id": True}}, "/customer/id"),
    ({"billing_address": {}}, "/billing_address/country"),
    ({"billing_address": {"country": "PT", "street": "Rua"}}, "/billing_address/street"),
    ({"billing_address": {"country": "PT", "street": [1]}}, "/billing_address/street/0"),
    ({"payment": {}}, "/payment/method"),
    ({"lines": None}, "/lines"),
    ({"lines": {}}, "/lines"),
    ({"lines": "all_remaining"}, "/lines"),
    ({"lines": [7]}, "/lines/0"),
    ({"lines": [{}]}, "/lines/0/sku"),
    ({"lines": line(quantity="3")}, "/lines/0/quantity"),
    ({"lines": line(quantity=3.0)}, "/lines/0/quantity"),
    ({"lines": line(quantity=True)}, "/lines/0/quantity"),
    ({"lines": line(unit_price=9.99)}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="9,99")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="1e3")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="NaN")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price=" 1")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="\u0661")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="")}, "/lines/0/unit_price"),
    ({"lines": line(shippable="yes")}, "/lines/0/shippable"),
    ({"order_id": "1"}, "/order_id"),
    ({"order_id": "{00000000-0000-4000-8000-000000000001}"}, "/order_id"),
    ({"expires_at": "tomorrow"}, "/expires_at"),
    ({"expires_at": "2026-01-31T12:00:00"}, "/expires_at"),
    ({"expires_at": 1700000000}, "/expires_at"),
    ({"occurred_at": "2026-02-30T12:00:00Z"}, "/occurred_at"),
    ({"note": "a\0b"}, "/note"),
    ({"prices_include_tax": 1}, "/prices_include_tax"),
]
VALUES: list[tuple[dict[str, Any], str]] = [
    ({"store": "Main Store"}, "/store"),
    ({"store": ""}, "/store"),
    ({"currency": "eur"}, "/currency"),
    ({"billing_address": {"country": "XX"}}, "/billing_address/country"),
    ({"billing_address": {"country": "pt"}}, "/billing_address/country"),
    ({"customer": {"id": ""}}, "/customer/id"),
    ({"customer": {"id": "c-1", "email": "nobody"}}, "/customer/email"),
    ({"lines": line(quantity=0)}, "/lines/0/quantity"),
    ({"lines": line(quantity=-1)}, "/lines/0/quantity"),
    ({"lines": line(quantity=10**30)}, "/lines/0/quantity"),
    ({"lines": line(unit_price="-0.01")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="0.0000001")}, "/lines/0/unit_price"),
    ({"lines": line(unit_price="9" * 40)}, "/lines/0/unit_price"),
    ({"lines": line(tax_rate="23")}, "/lines/0/tax_rate"),
    ({"lines": line(weight_grams=-5)}, "/lines/0/weight_grams"),
    ({"lines": line(name="x" * 256)}, "/lines/0/name"),
    ({"lines": line() * 501}, "/lines"),
    ({"base_rate": "0"}, "/base_rate"),
    ({"expires_at": "0001-01-01T00:00:00+14:00"}, "/expires_at"),
    ({"expires_at": "9999-12-31T23:59:59-14:00"}, "/expires_at"),
    ({"note": "x" * 4001}, "/note"),
    ({"reason": "x" * 1001}, "/reason"),
]


@pytest.mark.parametrize(("changes", "pointer"), SHAPE)
def test_a_body_of_the_wrong_shape_is_answered_400_and_names_the_field(
    edge: FlaskClient, headers: dict[str, str], changes: dict[str, Any], pointer: str
) -> None:
    problem = assert_problem(edge.post("/commands/orders", json=order(**changes), headers=headers), 400, "invalid_body")
    assert pointer in {error["pointer"] for error in problem["errors"]}


@pytest.mark.parametrize(("changes", "pointer"), VALUES)
def test_a_value_that_is_never_right_is_answered_422_and_names_the_field(
    edge: FlaskClient, headers: dict[str, str], changes: dict[str, Any], pointer: str
) -> None:
    problem = assert_problem(
        edge.post("/commands/orders", json=order(**changes), headers=headers), 422, "invalid_value"
    )
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    "pointer",
    ["/store", "/currency", "/customer", "/billing_address", "/shipping_address", "/payment", "/lines"],
)
def test_a_required_field_that_is_missing_is_named(edge: FlaskClient, headers: dict[str, str], pointer: str) -> None:
    body = order()
    del body[pointer[1:]]
    problem = assert_problem(edge.post("/commands/orders", json=body, headers=headers), 400, "invalid_body")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_all_faults_are_told_at_once_and_shape_goes_before_value(edge: FlaskClient, headers: dict[str, str]) -> None:
    body = order(store=7, lines=line(quantity=0, unit_price=1.5), colour="red")
    problem = assert_problem(edge.post("/commands/orders", json=body, headers=headers), 400, "invalid_body")
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/store", "/lines/0/quantity", "/lines/0/unit_price", "/colour"}


def test_the_number_of_faults_told_is_bounded(edge: FlaskClient, headers: dict[str, str]) -> None:
    body = order(lines=[{}] * 500)
    problem = assert_problem(edge.post("/commands/orders", json=body, headers=headers), 400, "invalid_body")
    assert len(problem["errors"]) == 50


MALFORMED: list[bytes] = [
    b"{",
    b"[",
    b"nonsense",
    b'{"a": 1,}',
    b"{'a': 1}",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": 1e999}',
    b'{"a": 01}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": "\xff"}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\udc00x"}',
    b'{"a": "\0"}',
    b'\xef\xbb\xbf{"a": 1}',
    b"{} {}",
    b'{"a": 1, "a": 1}',
    b'{"a": {"b": 1, "b": 2}}',
    b'{"a": "\\"", "a": 1}',
    b'{"\\u0061": 1, "a": 1}',
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000,
    "{}".encode("utf-16"),
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:24]))
@pytest.mark.parametrize("path", ["/commands/orders", CANCEL])
def test_text_that_is_not_json_as_it_should_be_is_answered_400(
    edge: FlaskClient, headers: dict[str, str], path: str, body: bytes
) -> None:
    response = edge.post(path, data=body, headers=headers, content_type="application/json")
    assert_problem(response, 400, "malformed_json")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"3", b"null", b"true", b"[[]]"])
def test_json_that_is_no_object_is_answered_400(edge: FlaskClient, headers: dict[str, str], body: bytes) -> None:
    response = edge.post(CANCEL, data=body, headers=headers, content_type="application/json")
    assert_problem(response, 400, "invalid_body")


def test_depth_is_no_way_around_unknown_fields(edge: FlaskClient, headers: dict[str, str]) -> None:
    body = b'{"lines": ' + b"[" * 900 + b"]" * 900 + b"}"
    response = edge.post(CANCEL, data=body, headers=headers, content_type="application/json")
    assert response.status_code == 400


def test_a_large_number_is_no_way_to_a_500(edge: FlaskClient, headers: dict[str, str]) -> None:
    body = b'{"lines": [{"line_id": "1", "quantity": ' + b"9" * 300 + b"}]}"
    response = edge.post(CANCEL, data=body, headers=headers, content_type="application/json")
    assert_problem(response, 422, "invalid_value")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "", "x"]
)
def test_a_body_that_is_not_announced_as_json_is_answered_415(
    edge: FlaskClient, headers: dict[str, str], content_type: str
) -> None:
    response = edge.post(CANCEL, data=b"{}", headers=headers, content_type=content_type)
    assert_problem(response, 415, "unsupported_media_type")


def test_a_compressed_body_is_answered_415(edge: FlaskClient, headers: dict[str, str]) -> None:
    response = edge.post(
        CANCEL, data=b"{}", headers=headers | {"Content-Encoding": "gzip"}, content_type="application/json"
    )
    assert_problem(response, 415, "unsupported_media_type")


def test_a_body_beyond_1_mib_is_answered_413(edge: FlaskClient, headers: dict[str, str]) -> None:
    body = json.dumps({"reason": "x" * 1024 * 1024}).encode()
    response = edge.post(CANCEL, data=body, headers=headers, content_type="application/json")
    assert_problem(response, 413, "body_too_large")


def test_a_body_beyond_1_mib_without_a_length_is_answered_413(edge: FlaskClient, headers: dict[str, str]) -> None:
    body = io.BytesIO(b'{"reason": "' + b"x" * 2 * 1024 * 1024)
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    response = edge.post(
        CANCEL, input_stream=body, headers=headers, content_type="application/json", environ_overrides=environ
    )
    assert_problem(response, 413, "body_too_large")


def test_a_body_that_ends_early_is_no_empty_body(edge: FlaskClient, headers: dict[str, str]) -> None:
    for sent in (b"", b"{}"):
        environ = {"CONTENT_LENGTH": "100", "wsgi.input": io.BytesIO(sent), "wsgi.input_terminated": True}
        response = edge.post(CANCEL, headers=headers, content_type="application/json", environ_overrides=environ)
        assert_problem(response, 400, "incomplete_body")


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/commands/orders", {"POST"}),
        (CANCEL, {"POST"}),
        ("/queries/orders", {"GET", "HEAD"}),
        ("/healthz", {"GET", "HEAD"}),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "GET", "POST", "NONSENSE"])
def test_a_method_that_a_path_does_not_take_is_answered_405_with_the_ones_it_takes(
    edge: FlaskClient, headers: dict[str, str], path: str, allow: set[str], method: str
) -> None:
    if method in allow:
        return
    response = edge.open(path, method=method, headers=headers)
    assert_problem(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == allow


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/commands",
        "/commands/orders/",
        "/commands/orders/1/cancel",
        f"/commands/orders/{ORDER_ID}/explode",
        f"//commands/orders/{ORDER_ID}/cancel",
        "//queries/orders",
        "/%2Fqueries/orders",
        "/queries//orders",
        "/queries/orders/not-an-id",
        "/queries/tracking/a%00b",
        "/queries/tracking/" + "x" * 2000,
        "/%",
    ],
)
def test_a_path_that_is_not_there_is_answered_404(edge: FlaskClient, headers: dict[str, str], path: str) -> None:
    response = edge.post(path, headers=headers) if path.startswith("/commands") else edge.get(path, headers=headers)
    assert_problem(response, 404, "not_found")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Idempotency-Key", ""),
        ("Idempotency-Key", "two words"),
        ("Idempotency-Key", "x" * 256),
        ("Idempotency-Key", "clé"),
        ("Idempotency-Key", "one,another"),  # as a server shows two headers
        ("If-Match", ""),
        ("If-Match", "abc"),
        ("If-Match", 'W/"3"'),
        ("If-Match", '"3", "4"'),
        ("If-Match", '"-1"'),
        ("If-Match", "9" * 20),
        ("If-Match", "\u0663"),
    ],
)
def test_a_header_that_cannot_be_read_is_named(
    edge: FlaskClient, headers: dict[str, str], name: str, value: str
) -> None:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value.encode().decode("latin-1")}
    problem = assert_problem(edge.post(CANCEL, headers=headers, environ_overrides=environ), 400, "invalid_header")
    assert problem["errors"][0]["pointer"] == f"/headers/{name}"


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("colour=red", 400, "/colour"),
        ("status=Lost", 422, "/status"),
        ("status=", 422, "/status"),
        ("limit=0", 422, "/limit"),
        ("limit=201", 422, "/limit"),
        ("limit=ten", 400, "/limit"),
        ("limit=-1", 400, "/limit"),
        ("limit=1&limit=2", 400, "/limit"),
        ("limit=" + "9" * 5000, 422, "/limit"),
        ("sort=colour", 400, "/sort"),
        ("sort=--purchased_at", 400, "/sort"),
        ("count=all", 400, "/count"),
        ("cursor=nonsense", 400, "/cursor"),
        ("cursor=%00", 400, "/cursor"),
        ("cursor=W10", 400, "/cursor"),
        ("min_position=-1", 400, "/min_position"),
        ("min_position=" + "9" * 19, 422, "/min_position"),
        ("purchased_from=yesterday", 400, "/purchased_from"),
        ("purchased_from=2026-13-01", 400, "/purchased_from"),
        ("purchased_from=2026-01-01T00:00:00", 400, "/purchased_from"),
        ("purchased_from=0001-01-01T00:00:00%2B14:00", 422, "/purchased_from"),
        ("grand_total_min=cheap", 400, "/grand_total_min"),
        ("grand_total_min=NaN", 400, "/grand_total_min"),
        ("grand_total_min=1e5", 400, "/grand_total_min"),
        ("grand_total_max=" + "9" * 41, 422, "/grand_total_max"),
        ("q=a%00b", 400, "/q"),
        ("q=" + "x" * 4001, 422, "/q"),
        ("bill_to_name=" + "x" * 201, 422, "/bill_to_name"),
        ("%ff=1", 400, None),
        ("=", 400, None),
    ],
)
def test_a_parameter_of_the_grid_that_is_wrong_is_named(
    edge: FlaskClient, headers: dict[str, str], query: str, status: int, pointer: str | None
) -> None:
    response = edge.get(f"/queries/orders?{query}", headers=headers)
    problem = response.get_json()
    assert response.status_code == status, problem
    assert problem["code"] in {"invalid_parameter", "unknown_parameter"}
    assert pointer is None or problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "path",
    [
        f"/queries/orders/{ORDER_ID}?limit=1",
        f"/queries/orders/{ORDER_ID}?min_position=x",
        "/queries/tracking/abc?x=1",
        f"/audit/orders/{ORDER_ID}/events?limit=501",
        f"/audit/orders/{ORDER_ID}/events?cursor=x",
        f"/audit/orders/{ORDER_ID}/events?after=1",
        "/healthz?x=1",
        "/readyz?x",
        "/openapi.json?x=1",
        "/metrics?x=1",
    ],
)
def test_parameters_of_other_queries_are_checked_too(edge: FlaskClient, headers: dict[str, str], path: str) -> None:
    response = edge.get(path, headers=headers)
    assert response.status_code in {400, 422}
    assert response.content_type == "application/problem+json"


def test_commands_take_no_query_parameters(edge: FlaskClient, headers: dict[str, str]) -> None:
    assert_problem(edge.post(f"{CANCEL}?lines=1", headers=headers), 400, "unknown_parameter")


def test_a_fault_of_ours_shows_nothing_but_an_id(edge: FlaskClient, headers: dict[str, str]) -> None:
    response = edge.post(CANCEL, headers=headers)  # nobody is behind this edge
    problem = assert_problem(response, 500, "internal_error")
    assert problem["error_id"] in problem["detail"]
    assert b"Traceback" not in response.data
    assert b"reached the desk" not in response.data
