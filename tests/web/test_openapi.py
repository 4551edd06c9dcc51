"""The OpenAPI document is valid, describes exactly what is served, and says who may."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.described import Answered, check, check_body, check_problem, check_sent
from tests.support.described import document as described
from web.openapi.examples import kept
from web.openapi.typed import sent


@pytest.fixture(scope="module")
def document(edge: FlaskClient) -> Any:
    return edge.get("/openapi.json").get_json()


def test_it_is_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_describes_every_path_that_is_served_and_no_other(edge: FlaskClient, document: Any) -> None:
    served = {
        (rule.rule.replace("<uuid:", "<").translate(str.maketrans("<>", "{}")), method.lower())
        for rule in edge.application.url_map.iter_rules()
        if not rule.rule.startswith("/docs")  # pages for people
        for method in (rule.methods or set()) - {"HEAD"}
    }
    described = {(path, method) for path, operations in document["paths"].items() for method in operations}
    assert {(path.count("{"), method, path.split("{")[0]) for path, method in served} == {
        (path.count("{"), method, path.split("{")[0]) for path, method in described
    }
    assert len(served) == len(described)


def test_every_operation_says_its_problems_and_its_key(document: Any) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"400", "500"} <= operation["responses"].keys(), path
            guarded = (
                path.startswith(("/commands", "/queries", "/audit", "/metrics")) and "tracking/{token}" not in path
            )
            assert bool(operation["security"]) == guarded, path
            assert ("401" in operation["responses"]) == guarded, path


def test_every_answer_to_a_key_says_how_much_it_may_still_send(document: Any) -> None:
    silent = {
        f"{method} {path} {status}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if operation["security"] and "$ref" not in answer and "RateLimit" not in answer.get("headers", {})
    }
    assert {each.rpartition(" ")[2] for each in silent} <= {"414", "431"}


def test_unknown_fields_are_refused_by_the_document_too(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["PlaceOrder"]["additionalProperties"] is False
    assert schemas["Address"]["additionalProperties"] is False


def test_every_field_of_a_body_says_what_it_is_about(document: Any) -> None:
    schemas = document["components"]["schemas"]
    bare = {
        f"{name}.{field}"
        for name in sent() & schemas.keys()
        for field, schema in schemas[name].get("properties", {}).items()
        if "description" not in schema
    }
    assert bare == set()


def test_amounts_are_described_as_text(document: Any) -> None:
    price = document["components"]["schemas"]["OrderLine"]["properties"]["unit_price"]
    assert price["anyOf"][0]["type"] == "string"


def test_operations_are_named_once_tagged_and_told_apart(document: Any) -> None:
    operations = [each for found in document["paths"].values() for each in found.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    tags = {each["name"] for each in document["tags"]}
    assert {tag for each in operations for tag in each["tags"]} == tags
    assert all(each["summary"] for each in operations)


@pytest.mark.parametrize(
    ("status", "header", "body"),
    [
        (200, "X-Correlation-ID", {"status": "alive", "more": 1}),
        (200, "X-Correlation-ID", {}),
        (200, "Daybook-Secret", {"status": "alive"}),
        (202, "X-Correlation-ID", {"status": "alive"}),
    ],
)
def test_the_hook_of_the_test_client_notices_what_is_not_described(status: int, header: str, body: Any) -> None:
    headers = [("Content-Type", "application/json"), (header, "x")]
    right = Answered("GET", "/healthz", 200, headers[:1], b'{"status": "alive"}')
    check(right)
    with pytest.raises(AssertionError, match="GET /healthz"):
        check(right._replace(status=status, headers=headers, body=json.dumps(body).encode()))


def test_every_example_is_as_described() -> None:
    for name, example in kept()["operations"].items():
        method, _, path = name.partition(" ")
        headers = [("Content-Type", "application/json")]
        answer = json.dumps(example["answer"]).encode()
        assert path in described()["paths"], name
        check_body(Answered(method, path, example["status"], headers, answer), path)
        if example["sent"] is not None:
            check_sent(name, method, path, example["sent"])
    for problem in kept()["problems"].values():
        check_problem(problem)


def test_most_commands_and_many_queries_have_an_example(document: Any) -> None:
    shown = {f"{method.upper()} {path}" for path, found in document["paths"].items() for method in found}
    commands = {name for name in shown if name.startswith("POST ")}
    assert len(commands & kept()["operations"].keys()) > len(commands) * 3 / 5
    assert len(kept()["operations"].keys() & shown - commands) > 15
    assert len(kept()["problems"]) > 70
