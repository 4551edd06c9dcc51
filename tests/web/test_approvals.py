"""Approval by a second person over HTTP: asking, deciding, looking; and what an attacker would try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from access.key_desk import KeyDesk, OfAColleague
from access.key_form import new_key
from access.keys import create_key, rotate_key
from access.roles import Caller, Role
from adapters.merchant.config import ConfigError, load
from application.holding import HoldingRules, Limits
from tests.projections.shop import MERCHANT
from tests.support.postgres import Database
from tests.web.edge import bearer
from tests.web.live import Site, another_order, open_site

RULES = HoldingRules(
    always=frozenset({"orders/accept-payment", "customers/erase", "orders/cancel"}),
    refunds_above=Limits({"EUR": Decimal("20.00")}),
)


@dataclass
class Desk:
    """The edge under the rules, with the keys of several people."""

    site: Site
    keys: dict[str, str]

    def post(self, who: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        return self.site.client.post(f"/commands/{path}", headers=bearer(self.keys[who]) | named, **more)

    def get(self, path: str, who: str = "ana", **headers: str) -> Any:
        return self.site.client.get(path, headers=bearer(self.keys[who]) | headers)

    def paid(self, **more: Any) -> tuple[str, str]:
        """An order of 43.01 and its paid invoice."""
        order_id = self.post("shop", "orders", another_order(**more)).get_json()["order_id"]
        invoice = self.post("shop", f"orders/{order_id}/invoices", {"lines": "all_remaining"}).get_json()
        return order_id, invoice["invoice_id"]

    def refund(self, invoice_id: str, who: str = "shop", amount: str = "25.00", **headers: str) -> Any:
        body = {"amount": amount, "reason": "came back broken"}
        return self.post(who, f"invoices/{invoice_id}/refund", body, **headers)

    def refunded(self, order_id: str) -> str:
        found: str = self.get(f"/queries/orders/{order_id}").get_json()["totals"]["refunded"]
        return found


@pytest.fixture(scope="module")
def desk(database: Database) -> Iterator[Desk]:
    """An edge at which refunds of more than 20.00 in all, and some other commands, need a second person."""
    people = {"ana": Role.ADMIN, "ben": Role.ADMIN, "shop": Role.INTEGRATOR, "eve": Role.AUDITOR}
    with psycopg.connect(database.owner_url) as connection:
        keys = {name: create_key(connection, role, name.title()) for name, role in people.items()}
        keys["ana again"] = create_key(connection, Role.ADMIN, " ÁNA ")
        keys["ana's program"] = create_key(connection, Role.INTEGRATOR, "Ana")
        replaced = rotate_key(connection, keys["ana"].split("_")[1], timedelta(hours=1))
        assert replaced is not None
        keys["ana's next"] = replaced.key
    with open_site(database, merchant=replace(MERCHANT, holding=RULES)) as site:
        yield Desk(site, keys)


def told(answer: Any) -> tuple[int, str]:
    document = answer.get_json()
    return answer.status_code, document.get("code", document.get("status"))


def test_what_waits_is_answered_202_and_can_be_read(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    answer = desk.refund(invoice_id)
    asked = answer.get_json()
    assert told(answer) == (202, "approval_required")
    assert answer.headers["Location"] == f"/queries/approvals/{asked['approval_id']}"
    assert desk.refunded(order_id) == "0.00"
    shown = desk.get(answer.headers["Location"]).get_json()
    assert (shown["status"], shown["command"], shown["target_id"]) == ("requested", "invoices/refund", invoice_id)
    assert (shown["amount"], shown["altogether"], shown["currency"]) == ("25.00", "25.00", "EUR")
    assert (shown["body"], shown["reason"]) == ({"amount": "25.00"}, "came back broken")
    assert shown["requested_by"]["name"] == "Shop"
    assert shown["order_id"] == order_id


def test_approving_does_it_and_answers_with_what_came_of_it(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id).get_json()["approval_id"]
    done = desk.post("ana", f"approvals/{approval_id}/approve", {"reason": "saw the photo"}).get_json()
    assert (done["status"], desk.refunded(order_id)) == ("executed", "25.00")
    assert done["credit_memo_number"]
    shown = desk.get(f"/queries/approvals/{approval_id}").get_json()
    assert shown["decided_by"]["name"] == "Ana"
    steps = [(each["type"], each["actor"]["name"], each["reason"]) for each in shown["history"]]
    assert steps == [
        ("ApprovalRequested", "Shop", "came back broken"),
        ("ApprovalGranted", "Ana", "saw the photo"),
        ("ApprovalExecuted", "Shop", "came back broken"),
    ]


def test_nobody_approves_his_own_by_any_key_of_his(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id, "ana's program").get_json()["approval_id"]
    for key in ("ana", "ana again", "ana's next"):
        assert told(desk.post(key, f"approvals/{approval_id}/approve")) == (403, "own_approval")
    assert desk.refunded(order_id) == "0.00"
    assert told(desk.post("ben", f"approvals/{approval_id}/approve")) == (200, "executed")


def test_a_key_that_one_made_oneself_is_no_second_person(desk: Desk) -> None:
    ana = Caller(desk.keys["ana"].split("_")[1], Role.ADMIN, "Ana")
    with psycopg.connect(desk.site.shop.database.owner_url) as connection:
        cleo = create_key(connection, Role.ADMIN, "Cleo")
    made, inherited, taken = new_key(), new_key(), new_key()
    robot = Caller(made.split("_")[1], Role.ADMIN, "Nobody Known")
    with ConnectionPool(desk.site.shop.database.app_url, min_size=1, open=True) as pool:
        keys = KeyDesk(pool)
        keys.make(ana, made, Role.ADMIN, "Nobody Known", customer_id=None, valid_for=None)
        keys.make(robot, inherited, Role.INTEGRATOR, "A Robot", customer_id=None, valid_for=None)
        with pytest.raises(OfAColleague):
            keys.replace(ana, cleo.split("_")[1], taken, timedelta(hours=1))
    desk.keys |= {"made": made, "inherited": inherited, "cleo": cleo}
    order_id, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id, "ana").get_json()["approval_id"]
    assert told(desk.post("made", f"approvals/{approval_id}/approve")) == (403, "own_approval")
    robots = desk.refund(invoice_id, "inherited", "26.00").get_json()["approval_id"]
    for key in ("ana", "made"):
        assert told(desk.post(key, f"approvals/{robots}/approve")) == (403, "own_approval")
    assert desk.refunded(order_id) == "0.00"
    assert told(desk.post("cleo", f"approvals/{approval_id}/approve")) == (200, "executed")


def test_who_may_not_approve_does_not(desk: Desk) -> None:
    _, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id, "ben").get_json()["approval_id"]
    for who in ("shop", "eve"):
        assert told(desk.post(who, f"approvals/{approval_id}/approve")) == (403, "forbidden")
        assert told(desk.post(who, f"approvals/{approval_id}/reject")) == (403, "forbidden")
    history = desk.post("ana", f"approvals/{approval_id}/approve", Daybook_History="true")
    assert told(history) == (403, "forbidden")


def test_history_is_no_way_around(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    assert told(desk.refund(invoice_id, "ana", Daybook_History="true")) == (409, "approval_required")
    assert desk.refunded(order_id) == "0.00"


def test_a_line_in_bulk_waits_like_any_other(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    line = {"command": f"invoices/{invoice_id}/refund", "key": "b-1", "body": {"amount": "25.00"}}
    small = {"command": f"invoices/{invoice_id}/refund", "key": "b-2", "body": {"amount": "5.00"}}
    approve = {"command": f"approvals/{uuid4()}/approve", "key": "b-3"}
    headers = bearer(desk.keys["shop"]) | {"Content-Type": "application/x-ndjson"}
    data = "\n".join(json.dumps(each) for each in (line, small, approve))
    answer = desk.site.client.post("/commands/bulk", headers=headers, data=data)
    results = {each["key"]: each for each in map(json.loads, answer.get_data(as_text=True).splitlines())}
    assert (results["b-1"]["status"], results["b-1"]["code"]) == (202, "approval_required")
    assert results["b-2"]["status"] == 201
    assert results["b-3"]["status"] == 403
    assert desk.refunded(order_id) == "5.00"


def test_a_body_cannot_be_changed_once_it_waits(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    first = desk.refund(invoice_id, Idempotency_Key="r-9").get_json()
    changed = desk.refund(invoice_id, amount="43.00", Idempotency_Key="r-9")
    assert told(changed) == (422, "idempotency_key_reused")
    assert told(desk.refund(invoice_id, Idempotency_Key="r-9")) == (202, "approval_required")
    more = desk.post("ana", f"approvals/{first['approval_id']}/approve", {"amount": "43.00"})
    assert told(more) == (400, "invalid_body")
    desk.post("ana", f"approvals/{first['approval_id']}/approve")
    assert desk.refunded(order_id) == "25.00"


def test_an_approver_who_saw_an_older_order_is_told(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    asked = desk.refund(invoice_id).get_json()
    path = f"/queries/approvals/{asked['approval_id']}"
    shown = desk.get(path).get_json()
    assert (shown["subject_version"], shown["order_version"]) == (asked["version"], asked["version"])
    desk.post("shop", f"orders/{order_id}/comment", {"text": "wait"})
    assert desk.get(path).get_json()["order_version"] == asked["version"] + 1
    answer = desk.post("ana", f"approvals/{asked['approval_id']}/approve", If_Match=f'"{asked["version"]}"')
    assert told(answer) == (412, "version_mismatch")


def test_what_could_not_be_done_any_more_is_shown(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id, amount="43.01").get_json()["approval_id"]
    assert desk.refund(invoice_id, amount="10.00").status_code == 201
    outdated = desk.post("ana", f"approvals/{approval_id}/approve")
    assert told(outdated) == (409, "approval_outdated")
    assert outdated.get_json()["version"] == desk.get(f"/queries/orders/{order_id}").get_json()["version"]
    seen = f'"{outdated.get_json()["version"]}"'
    answer = desk.post("ana", f"approvals/{approval_id}/approve", If_Match=seen)
    assert told(answer) == (200, "refund_exceeds_paid")
    shown = desk.get(f"/queries/approvals/{approval_id}").get_json()
    assert (shown["status"], shown["refusal"]["code"]) == ("refused", "refund_exceeds_paid")


def test_the_list_is_filtered_and_paged(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    ids = [desk.refund(invoice_id, amount=f"30.0{cents}").get_json()["approval_id"] for cents in range(3)]
    desk.post("ana", f"approvals/{ids[1]}/reject", {"reason": "no"})
    desk.site.follow()
    path = f"/queries/approvals?order_id={order_id}"
    found = desk.get(path).get_json()
    assert [each["approval_id"] for each in found["items"]] == ids[::-1], found
    waiting = desk.get(f"{path}&status=requested").get_json()["items"]
    assert [each["approval_id"] for each in waiting] == [ids[2], ids[0]]
    assert waiting[0]["requested_by"]["name"] == "Shop"
    first = desk.get(f"{path}&limit=2").get_json()
    second = desk.get(first["next"]).get_json()
    assert [each["approval_id"] for each in second["items"]] == [ids[0]]
    back = desk.get(second["previous"]).get_json()
    assert back["items"] == first["items"]
    rejected = desk.get(f"{path}&status=rejected&command=invoices/refund").get_json()["items"]
    assert [each["decided_by"]["name"] for each in rejected] == ["Ana"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("status=open", 422), ("colour=red", 400), ("order_id=x", 400), ("cursor=x", 400), ("limit=0", 422)],
)
def test_a_list_asked_wrongly_says_so(desk: Desk, query: str, status: int) -> None:
    assert desk.get(f"/queries/approvals?{query}").status_code == status


def test_what_there_is_not_is_not_found(desk: Desk) -> None:
    order_id, _ = desk.paid()
    for unknown in (uuid4(), order_id):
        assert told(desk.get(f"/queries/approvals/{unknown}")) == (404, "not_found")
        assert told(desk.post("ana", f"approvals/{unknown}/approve")) == (404, "not_found")


def test_the_order_tells_of_it_and_the_chain_links_it(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id).get_json()["approval_id"]
    desk.post("ana", f"approvals/{approval_id}/approve")
    timeline = desk.get(f"/queries/orders/{order_id}").get_json()["timeline"]
    types = [each["type"] for each in timeline if each["aggregate"] == "approval"]
    assert types == ["ApprovalRequested", "ApprovalGranted", "ApprovalExecuted"]
    found = desk.get(f"/audit/events?order_id={order_id}&type=credit_memo.issued").get_json()["items"]
    chain = desk.get(f"/audit/chain/{found[0]['event_id']}").get_json()["events"]
    linked = {each["event"]["type"]: each["depth"] for each in chain}
    assert linked["approval.granted"] == -1
    assert linked["approval.executed"] == 0
    assert linked["approval.requested"] == -2


def test_an_erasure_is_done_by_two_and_takes_the_request_along(desk: Desk) -> None:
    customer = {"id": "c-gone", "email": "zebulon@example.com", "name": "Zebulon Quast"}
    order_id, invoice_id = desk.paid(customer=customer)
    desk.refund(invoice_id, "shop", "43.01")
    desk.site.follow()
    waiting = desk.get(f"/queries/approvals?order_id={order_id}").get_json()["items"][0]
    desk.post("ana", f"approvals/{waiting['approval_id']}/approve")
    shipped = desk.post("ana", f"orders/{order_id}/cancel", {})
    assert shipped.status_code in {202, 409}
    body = {"reason": "asked by letter", "waive_retention": True}
    answer = desk.post("ana", "customers/c-gone/erase", body)
    assert told(answer) == (202, "approval_required")
    approval_id = answer.get_json()["approval_id"]
    shown = desk.get(f"/queries/approvals/{approval_id}").get_json()
    assert (shown["customer_id"], shown["order_id"], shown["reason"]) == ("c-gone", None, "asked by letter")
    assert shown["order_version"] is None
    assert told(desk.post("ana", f"approvals/{approval_id}/approve")) == (403, "own_approval")
    done = desk.post("ben", f"approvals/{approval_id}/approve").get_json()
    assert (done["status"], done["orders"]) == ("executed", [order_id])
    gone = desk.get(f"/queries/approvals/{approval_id}").get_json()
    assert (gone["status"], gone["customer_id"], gone["body"], gone["reason"]) == ("executed", None, None, None)
    erased = desk.get("/audit/customers/c-gone/access-report").get_json()["erasures"]
    assert [each["reason"] for each in erased if each["type"] == "CustomerErased"] == ["asked by letter"]
    assert desk.get(f"/queries/orders/{order_id}").get_json()["customer"] is None


def test_a_request_of_an_erased_customer_can_be_rejected_and_not_approved(desk: Desk) -> None:
    customer = {"id": "c-gone-2", "email": "quast@example.com", "name": "Quirin Zacharias"}
    order_id, invoice_id = desk.paid(customer=customer)
    one = desk.refund(invoice_id, amount="43.01").get_json()["approval_id"]
    other = desk.refund(invoice_id, amount="21.00").get_json()["approval_id"]
    desk.post("ana", f"approvals/{one}/approve")
    erasing = desk.post("ana", "customers/c-gone-2/erase", {"reason": "by letter", "waive_retention": True})
    desk.post("ben", f"approvals/{erasing.get_json()['approval_id']}/approve")
    assert told(desk.post("ben", f"approvals/{other}/approve")) == (409, "approval_erased")
    assert told(desk.post("ben", f"approvals/{other}/reject")) == (200, "rejected")
    assert order_id


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('[approvals]\nalways = ["orders/shipments"]', "orders/shipments is none of the commands that can wait"),
        ('[approvals]\nalways = ["orders/capture-payment"]', "none of the commands that can wait"),
        ("[approvals]\nexpire_after_hours = 0", "expire_after_hours must be a whole number"),
        ("[approvals]\nexpire_after_hours = 9000", "from 1 to 8760"),
        ("[approvals.refunds_above]\nEUR = 100", "refunds_above.EUR must be a text"),
        ('[approvals.refunds_above]\nEUR = "-1"', "must be an amount from 0"),
        ('[approvals.refunds_above]\nEUR = "NaN"', "must be an amount from 0"),
        ('[approvals.refunds_above]\nEURO = "1"', "EURO is no ISO 4217 code"),
        ("[approvals.reviews_above]", "must have an amount for a currency"),
        ("[approvals]\nneeded = []", "approvals.needed is not a key"),
    ],
)
def test_a_mistake_in_the_merchants_file_is_named(tmp_path: Any, text: str, mistake: str) -> None:
    file = tmp_path / "merchant.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=mistake):
        load(file)


def test_the_merchants_file_says_what_waits(tmp_path: Any) -> None:
    file = tmp_path / "merchant.toml"
    file.write_text(
        '[approvals]\nalways = ["customers/erase"]\nexpire_after_hours = 48\n'
        '[approvals.refunds_above]\nEUR = "100.00"\ndefault = "0"\n'
    )
    rules = load(file).holding
    assert rules is not None
    assert rules.held == {"customers/erase", "invoices/refund", "invoices/void", "orders/refund-payment"}
    assert rules.lasts.total_seconds() == 48 * 3600
    assert load().holding is None


def test_the_report_of_manual_acts_names_who_approved(desk: Desk) -> None:
    order_id, invoice_id = desk.paid()
    desk.refund(invoice_id, amount="5.00")
    approval_id = desk.refund(invoice_id).get_json()["approval_id"]
    desk.post("ana", f"approvals/{approval_id}/approve")
    rows = desk.get("/audit/reports/manual-acts").get_json()["rows"]
    acts = [
        (row["actor_name"], row["approver_name"])
        for row in rows
        if row["order_id"] == order_id and row["act"] == "credit_memo.issued"
    ]
    assert acts == [("Shop", None), ("Shop", "Ana")]


def test_who_asked_can_take_it_back_and_nobody_else(desk: Desk) -> None:
    _, invoice_id = desk.paid()
    approval_id = desk.refund(invoice_id).get_json()["approval_id"]
    again = desk.refund(invoice_id)
    assert told(again) == (409, "approval_pending")
    assert again.get_json()["approval_id"] == approval_id
    assert told(desk.post("ana", f"approvals/{approval_id}/withdraw")) == (403, "not_own_approval")
    assert told(desk.post("shop", f"approvals/{approval_id}/withdraw")) == (200, "withdrawn")
    late = desk.post("ana", f"approvals/{approval_id}/approve")
    assert told(late) == (409, "approval_not_open")
    assert late.get_json()["approval_status"] == "withdrawn"
