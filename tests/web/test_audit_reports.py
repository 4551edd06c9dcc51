"""The auditor's reports: numbers without gaps, documents by cut-off, money that agrees to the cent, acts by person."""

import csv
import io
from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from access.roles import Role
from tests.web.live import Site, another_order

NAMES = ("numbers", "documents", "money", "reconciliation", "manual-acts")


@pytest.fixture(scope="module")
def trade(site: Site) -> dict[str, Any]:
    """Orders that were paid, invoiced, refunded and canceled, one of them after a moment that is remembered."""
    paid: list[str] = []
    for amount, currency in (("43.01", "EUR"), ("20.00", "EUR"), ("43.01", "USD")):
        order = site.post("orders", another_order(currency=currency)).get_json()
        path = f"orders/{order['order_id']}"
        body = {"amount": amount, "provider_reference": f"ch-{len(paid)}"}
        assert site.post(f"{path}/capture-payment", body).status_code == 200
        paid.append(order["order_id"])
    foreign = {"amount": "7.00", "currency": "USD", "provider_reference": "ch-usd"}
    site.post(f"orders/{paid[1]}/capture-payment", foreign)
    invoiced = site.post(f"orders/{paid[0]}/invoices", {"lines": "all_remaining"}, role=Role.ADMIN).get_json()
    moment = site.get(f"/queries/orders/{paid[0]}").get_json()["updated_at"]
    line = {"line_id": "1", "quantity": 1, "disposition": "unshipped"}
    refund = {"lines": [line], "reason": "One was broken"}
    refunded = site.post(f"invoices/{invoiced['invoice_id']}/refund", refund, role=Role.ADMIN)
    assert refunded.status_code == 201, refunded.text
    canceled = site.post("orders", another_order()).get_json()
    site.post(f"orders/{canceled['order_id']}/cancel", {"reason": "Ana changed her mind"}, role=Role.ADMIN)
    return {"moment": moment, "refunded": refunded.get_json(), "paid": paid}


def report(site: Site, name: str, asked: str = "") -> dict[str, Any]:
    answer = site.get(f"/audit/reports/{name}{asked}", Role.AUDITOR)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def test_the_list_names_every_report_and_where_it_is(site: Site, trade: dict[str, Any]) -> None:
    items = site.get("/audit/reports", Role.AUDITOR).get_json()["items"]
    assert [item["name"] for item in items] == list(NAMES)
    for item in items:
        assert site.get(item["json"]).get_json()["columns"] == item["columns"]
        assert site.get(item["csv"]).text.splitlines()[0] == ",".join(item["columns"])


@pytest.mark.parametrize("name", NAMES)
def test_the_file_has_the_rows_of_the_report(site: Site, trade: dict[str, Any], name: str) -> None:
    told = report(site, name)
    rows = list(csv.DictReader(io.StringIO(site.get(f"/audit/reports/{name}.csv").text)))
    assert rows == [{key: as_text(value) for key, value in row.items()} for row in told["rows"]]


def as_text(value: Any) -> str:
    return "" if value is None else str(value)


def test_numbers_have_no_gap(site: Site, trade: dict[str, Any]) -> None:
    told = report(site, "numbers")
    rows = {row["series"]: row for row in told["rows"]}
    assert (rows["order"]["first"], rows["order"]["last"], rows["order"]["issued"]) == (1, 4, 4)
    assert (rows["invoice"]["issued"], rows["credit_memo"]["issued"]) == (1, 1)
    assert told["summary"]["missing"] == 0
    assert rows["order"]["explanation"] == "No gap: each number from 1 to 4 was issued once."


def test_documents_are_cut_off_by_when_they_were_recorded(site: Site, trade: dict[str, Any]) -> None:
    moment = quote(trade["moment"])
    until = report(site, "documents", f"?recorded_to={moment}")
    everything = report(site, "documents")
    assert [(row["kind"], row["what"]) for row in until["rows"]] == [("invoice", "issued")]
    assert [row["kind"] for row in everything["rows"]] == ["invoice", "credit_memo"]
    assert everything["rows"][1]["number"] == trade["refunded"]["credit_memo_number"]
    assert until["position"] < everything["position"]
    (total,) = until["summary"]["totals"]
    assert (total["documents"], total["grand_total"]) == (1, "43.01")
    assert report(site, "documents", "?recorded_to=2001-01-01")["rows"] == []


def test_money_by_day_and_method_adds_up_to_what_is_reconciled(site: Site, trade: dict[str, Any]) -> None:
    told = report(site, "money")
    by_day: Counter[str] = Counter()
    for row in told["rows"]:
        assert row["payment_method"] == "bank_transfer"
        by_day[row["currency"]] += int(Decimal(row["net"]) * 100)
    reconciled = report(site, "reconciliation")
    assert by_day == {row["currency"]: int(Decimal(row["events"]) * 100) for row in reconciled["rows"]}
    assert by_day["USD"] == 4301 + 700
    assert reconciled["summary"]["reconciled"] is True
    euros = next(row for row in reconciled["rows"] if row["currency"] == "EUR")
    assert (euros["grid"], euros["not_invoiced"], euros["difference"]) == (euros["events"], "20.00", "0.00")


def test_reversals_are_told_by_person(site: Site, trade: dict[str, Any]) -> None:
    told = report(site, "manual-acts")
    acts = [(row["act"], row["actor_type"], row["reason"]) for row in told["rows"]]
    assert ("credit_memo.issued", "admin", "One was broken") in acts
    assert ("order.canceled", "admin", "Ana changed her mind") in acts
    people = {each["act"]: each for each in told["summary"]["by_person"]}
    assert people["order.canceled"]["acts"] == 1
    assert people["credit_memo.issued"]["currency"] == "EUR"


def test_what_was_changed_in_the_database_is_told(site: Site, trade: dict[str, Any]) -> None:
    database = site.shop.database
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE log.number_series SET last_number = last_number + 2 WHERE series = 'invoice'")
        connection.execute("ALTER TABLE log.events DISABLE TRIGGER ALL")
        connection.execute(
            "UPDATE log.events SET payload = replace(convert_from(payload, 'UTF8'), '\"amount\":2000', "
            "'\"amount\":1999')::bytea WHERE topic = 'order.payment_captured' AND order_id = %s",
            [trade["paid"][1]],
        )
        connection.execute(
            "UPDATE log.events SET payload = replace(convert_from(payload, 'UTF8'), '\"paid\":4301', "
            "'\"paid\":4201')::bytea WHERE topic = 'invoice.paid' AND order_id = %s",
            [trade["paid"][0]],
        )
        connection.execute("ALTER TABLE log.events ENABLE TRIGGER ALL")
    told = report(site, "numbers")
    assert told["summary"]["missing"] == 2
    assert told["summary"]["gaps"]["invoice"] == [{"first": 2, "last": 3, "before_position": None}]
    reconciled = report(site, "reconciliation")["summary"]
    assert reconciled["reconciled"] is False
    assert [each["order_id"] for each in reconciled["differences"]] == [trade["paid"][0]]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("documents?recorded_from=soon", 400),
        ("documents?recorded_from=2026-02-01&recorded_to=2026-01-01", 422),
        ("numbers?recorded_from=2026-01-01", 400),
        ("money.csv?bom=2", 400),
        ("nothing", 404),
    ],
)
def test_what_cannot_be_reported_is_refused(site: Site, asked: str, status: int) -> None:
    assert site.get(f"/audit/reports/{asked}").status_code == status


def test_reports_are_for_auditors(site: Site) -> None:
    for path in ("", "/numbers", "/money.csv"):
        assert site.get(f"/audit/reports{path}", Role.INTEGRATOR).status_code == 403
