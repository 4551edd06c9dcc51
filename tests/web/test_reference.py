"""The pages of the API's reference: every operation and schema, offline, under a policy without exceptions."""

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.fixture(scope="module")
def document(edge: FlaskClient) -> Any:
    return edge.get("/openapi.json").get_json()


def test_the_index_leads_to_every_operation_and_each_page_to_schemas_that_exist(
    edge: FlaskClient, document: Any
) -> None:
    names = {each["operationId"] for found in document["paths"].values() for each in found.values()}
    index = edge.get("/docs").text
    assert set(re.findall(r'href="/docs/(\w+)"', index)) == names
    schemas: set[str] = set()
    for name in names:
        page = edge.get(f"/docs/{name}")
        assert page.status_code == 200, name
        schemas |= set(re.findall(r'href="/docs/schemas/([\w.-]+)"', page.text))
    assert schemas <= document["components"]["schemas"].keys()
    assert all(edge.get(f"/docs/schemas/{name}").status_code == 200 for name in document["components"]["schemas"])


def test_a_page_shows_fields_roles_examples_and_a_form(edge: FlaskClient) -> None:
    page = unescape(edge.get("/docs/place_order").text)
    for text in ("/commands/orders", "external_reference", "admin, integrator", "Idempotency-Key", "Send"):
        assert text in page, text


def test_nothing_comes_from_elsewhere_and_nothing_stands_in_the_page(edge: FlaskClient) -> None:
    for path in ("/docs", "/docs/list_orders", "/docs/schemas/Order"):
        page = edge.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", page.text)
    for name in ("reference.css", "reference.js"):
        assert edge.get(f"/docs/static/{name}").status_code == 200


@pytest.mark.parametrize("path", ["/docs/nothing", "/docs/schemas/NoSuchThing", "/docs/static/x.js"])
def test_what_does_not_exist_is_not_found(edge: FlaskClient, path: str) -> None:
    assert edge.get(path).status_code == 404
