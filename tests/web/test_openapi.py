"""The OpenAPI document is valid, describes exactly what is served, and says who may."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator


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
