"""The past of an order over HTTP: what can be asked, of whom, and how what cannot be asked is refused."""

from typing import Any

import pytest

from access.roles import Role
from tests.web.live import Site, another_order


@pytest.fixture(scope="module")
def order(site: Site) -> Any:
    placed = site.post("orders", another_order()).get_json()
    path = f"/queries/orders/{placed['order_id']}"
    before = site.get(path).get_json()
    site.post(f"orders/{placed['order_id']}/hold", {"reason": "Ana asked to wait"})
    site.post(f"orders/{placed['order_id']}/comment", {"text": "seen"})
    return {"path": f"/audit/orders/{placed['order_id']}", "before": before, "now": site.get(path).get_json()}


def test_an_order_is_shown_as_it_was(site: Site, order: Any) -> None:
    assert site.get(f"{order['path']}?version=1", Role.AUDITOR).get_json() == order["before"]
    assert site.get(f"{order['path']}?as_of={order['before']['updated_at']}").get_json() == order["before"]
    assert site.get(order["path"]).get_json() == order["now"]
    assert site.get(f"{order['path']}?by=occurred_at&as_of={order['now']['updated_at']}").get_json()["version"] == 3


def test_what_changed_is_told_with_the_event_that_made_it(site: Site, order: Any) -> None:
    found = site.get(f"{order['path']}/diff?from=1&to=2", Role.AUDITOR).get_json()
    (change,) = found["changes"]
    assert (change["event"]["type"], change["event"]["reason"]) == ("OrderHeld", "Ana asked to wait")
    assert {"op": "replace", "path": "/status", "value": "On Hold"} in change["operations"]
    types = [each["event"]["type"] for each in site.get(f"{order['path']}/diff?from=1").get_json()["changes"]]
    assert types == ["OrderHeld", "OrderCommented"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("?version=0", 422, "invalid_parameter"),
        ("?version=9", 404, "not_found"),
        ("?version=1&as_of=2026-01-01", 400, "invalid_parameter"),
        ("?by=luck", 400, "invalid_parameter"),
        ("?as_of=yesterday", 400, "invalid_parameter"),
        ("?as_of=2999-01-01", 422, "invalid_parameter"),
        ("?as_of=1999-01-01", 404, "not_found"),
        ("?when=now", 400, "unknown_parameter"),
        ("/diff", 400, "missing_parameter"),
        ("/diff?from=2&to=1", 404, "not_found"),
        ("/diff?from=1&to=77", 404, "not_found"),
    ],
)
def test_what_cannot_be_asked_is_refused(site: Site, order: Any, asked: str, status: int, code: str) -> None:
    answer = site.get(f"{order['path']}{asked}")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code), answer.text


def test_the_past_is_for_auditors(site: Site, order: Any) -> None:
    assert site.get(order["path"], Role.INTEGRATOR).status_code == 403
    nowhere = "/audit/orders/00000000-0000-4000-8000-000000000009"
    assert site.get(nowhere).status_code == site.get(f"{nowhere}/diff?from=1").status_code == 404
