"""The OpenAPI document is valid, describes exactly what is served, and says who may."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.described import Answered, check


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


def test_unknown_fields_are_refused_by_the_document_too(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["PlaceOrder"]["additionalProperties"] is False
    assert schemas["Address"]["additionalProperties"] is False


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
