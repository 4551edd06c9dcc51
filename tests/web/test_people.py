"""People are shown by name: in the timeline, beside comments, in the audit trail; and why, to those who may read it."""

from collections.abc import Mapping
from typing import Any

import pytest

from access.roles import Role
from tests.web.edge import ADDRESS
from tests.web.live import Site, another_order


def placed(site: Site) -> str:
    answer = site.post("orders", another_order())
    assert answer.status_code == 201
    order_id: str = answer.get_json()["order_id"]
    return order_id


def do(site: Site, order_id: str, command: str, **body: Any) -> None:
    answer = site.post(f"orders/{order_id}/{command}", body, role=Role.ADMIN)
    assert answer.status_code == 200, answer.get_json()


def told(site: Site, order_id: str, kind: str, role: Role = Role.ADMIN) -> Mapping[str, Any]:
    timeline = site.get(f"/queries/orders/{order_id}", role).get_json()["timeline"]
    found: Mapping[str, Any] = next(each for each in timeline if each["type"] == kind)
    return found


def person(site: Site, role: Role) -> dict[str, str]:
    return {"type": role.value, "id": site.keys[role].split("_")[1], "name": "test"}


def test_the_timeline_and_the_audit_trail_name_who_acted(site: Site) -> None:
    order_id = placed(site)
    do(site, order_id, "hold")
    assert told(site, order_id, "OrderHeld")["actor"] == person(site, Role.ADMIN)
    events = site.get(f"/audit/orders/{order_id}/events", Role.AUDITOR).get_json()["items"]
    assert [event["actor"] for event in events] == [person(site, Role.INTEGRATOR), person(site, Role.ADMIN)]


@pytest.mark.parametrize(("role", "reason"), [(Role.ADMIN, "late"), (Role.AUDITOR, "late"), (Role.INTEGRATOR, None)])
def test_reasons_are_told_to_those_who_may_read_the_audit_trail(site: Site, role: Role, reason: str | None) -> None:
    order_id = placed(site)
    do(site, order_id, "hold", reason="late")
    assert told(site, order_id, "OrderHeld", role)["reason"] == reason


def test_a_comment_has_an_author(site: Site) -> None:
    order_id = placed(site)
    do(site, order_id, "comment", text="Called her", visible=False)
    comment = site.get(f"/queries/orders/{order_id}").get_json()["comments"][0]
    assert (comment["text"], comment["author"]) == ("Called her", person(site, Role.ADMIN))


def test_a_new_address_is_told_with_the_one_before(site: Site) -> None:
    order_id = placed(site)
    moved = ADDRESS | {"city": "Lisboa"}
    do(site, order_id, "change-address", billing_address=moved)
    changes = told(site, order_id, "AddressChanged")["changes"]
    assert changes.keys() == {"billing_address"}
    before, after = changes["billing_address"]["before"], changes["billing_address"]["after"]
    assert (before["city"], after["city"]) == ("Porto", "Lisboa")


def test_an_amendment_is_told_with_what_it_changed(site: Site) -> None:
    order_id = placed(site)
    line = another_order()["lines"][0] | {"quantity": 1}
    do(site, order_id, "amend", lines=[line])
    changes = told(site, order_id, "OrderAmended")["changes"]
    assert changes.keys() == {"lines", "totals"}
    assert [changes["lines"][when][0]["quantity"] for when in ("before", "after")] == [3, 1]
    assert changes["totals"]["before"]["grand_total"] != changes["totals"]["after"]["grand_total"]


def test_what_changed_nothing_of_the_order_is_told_without_changes(site: Site) -> None:
    order_id = placed(site)
    do(site, order_id, "hold")
    assert told(site, order_id, "OrderHeld")["changes"] == {}
