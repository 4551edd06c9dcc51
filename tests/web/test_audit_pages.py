"""The auditor's pages: the search leads to causes, proof and history; reports, refusals and looks can be read."""

import re

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from tests.web.live import Site, another_order
from tests.web.test_pages import signed_in

PATHS = ("/audit/search", "/audit/figures", "/audit/refused", "/audit/looks")
REPORTS = ("numbers", "documents", "money", "reconciliation", "manual-acts")


@pytest.fixture(scope="module")
def auditor(site: Site) -> FlaskClient:
    return signed_in(site, Role.AUDITOR)


@pytest.fixture(scope="module")
def order(site: Site) -> str:
    order_id: str = site.post("orders", another_order()).get_json()["order_id"]
    site.post(f"orders/{order_id}/hold", {"reason": "the <b>address</b> is odd"})
    site.post(f"orders/{order_id}/hold", {"reason": "again"})
    return order_id


def test_a_search_by_a_form_with_empty_fields_leads_on(auditor: FlaskClient, order: str) -> None:
    page = auditor.get(f"/audit/search?actor=&type=order.held&order_id={order}&reason=address&recorded_from=").text
    assert "the &lt;b&gt;address&lt;/b&gt; is odd" in page
    (causes,) = re.findall(r'href="(/audit/causes/[^"]+)"', page)
    assert "Recorded by the same command" in auditor.get(causes).text
    assert f"/audit/history/{order}" in page
    assert re.search(r'href="/audit/proof/\d+"', page)
    assert "Nothing was found" in auditor.get("/audit/search?actor=nobody").text
    assert auditor.get("/audit/search?type=order.plcaed").status_code == 422


def test_the_search_turns_pages(auditor: FlaskClient, order: str) -> None:
    page = auditor.get("/audit/search?limit=1").text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert 'rel="prev"' in auditor.get(following[1].replace("&amp;", "&")).text


def test_the_history_leads_to_causes_and_proof(auditor: FlaskClient, order: str) -> None:
    page = auditor.get(f"/audit/history/{order}").text
    assert "/audit/causes/" in page
    assert "/audit/proof/" in page


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_is_a_page_with_its_file(auditor: FlaskClient, order: str, name: str) -> None:
    assert f"/audit/figures/{name}" in auditor.get("/audit/figures").text
    assert auditor.get(f"/audit/figures/{name}").status_code == 200
    assert auditor.get(f"/audit/figures/{name}.csv").content_type == "text/csv; charset=utf-8"


def test_refusals_and_looks_are_shown(site: Site, auditor: FlaskClient, order: str) -> None:
    site.audit.refusals.notes.flush()
    assert order in auditor.get("/audit/refused?code=hold_not_available&actor=").text
    auditor.get(f"/orders/{order}")
    site.audit.accesses.notes.flush()
    assert "/orders/{order_id}" in auditor.get(f"/audit/looks?subject_id={order}").text


def test_they_are_german_where_the_visitor_is(auditor: FlaskClient, order: str) -> None:
    page = auditor.get("/audit/figures", headers={"Accept-Language": "de"}).text
    assert "Nummern nach Nummernkreis" in page
    assert "Berichte" in page


def test_they_are_for_auditors(site: Site, auditor: FlaskClient) -> None:
    desk = signed_in(site, Role.INTEGRATOR)
    for path in PATHS:
        assert auditor.get(path).status_code == 200
        assert desk.get(path).status_code == 403
    assert auditor.get("/audit/figures/nothing").status_code == 404
    assert auditor.get("/audit/causes/00000000-0000-4000-8000-000000000009").status_code == 404
