"""Erasing a customer over HTTP: what stands in its way, and that afterwards the person can be read nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from access.keys import create_key
from access.roles import Role
from tests.support.postgres import Database
from tests.web.live import Site, another_order

REASON = {"reason": "asked for it by letter", "waive_retention": True}


class Person:
    """A customer nobody else is called like, with everything that may be written about one."""

    def __init__(self, given: str = "Zebulon") -> None:
        mark = uuid4().hex[:8]
        self.id = f"cust-{mark}"
        self.family = f"Quaxl{mark}"
        self.name = f"{given} {self.family}"
        self.email = f"{mark}@quaxl.example"
        self.phone = f"+351 9{mark}"
        self.street = f"Rua {mark} 7"
        self.texts = [self.id, self.family, self.email, self.phone, mark]

    def address(self) -> dict[str, Any]:
        return {"name": self.name, "street": [self.street], "city": "Porto", "postcode": "4000", "country": "PT",
                "phone": self.phone}  # fmt: skip

    def order(self, **more: Any) -> dict[str, Any]:
        customer = {"id": self.id, "email": self.email, "name": self.name}
        address = self.address()
        note = f"for {self.family}"
        return another_order(customer=customer, billing_address=address, shipping_address=address, note=note, **more)


def erase(site: Site, person: Person, role: Role = Role.ADMIN, **headers: str) -> Any:
    return site.post(f"customers/{person.id}/erase", REASON, role=role, **headers)


def placed(site: Site, person: Person) -> str:
    answer = site.post("orders", person.order())
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["order_id"])


def canceled(site: Site, person: Person) -> str:
    """An order of the person's that waits for nothing any more, with all that may be said about it."""
    order_id = placed(site, person)
    site.post(f"orders/{order_id}/comment", {"text": f"{person.name} called", "visible": True})
    site.post(f"orders/{order_id}/cancel", {"reason": f"{person.family} changed his mind"})
    return order_id


def everything(database: Database) -> Iterator[tuple[str, str]]:
    """Every table of the database as text, byte strings as what they hold."""
    with psycopg.connect(database.owner_url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            statement = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            rows = "\n".join(row for (row,) in connection.execute(statement))
            raw = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))).fetchall()
            held = "\n".join(
                bytes(value).decode(errors="replace") for row in raw for value in row if isinstance(value, bytes)
            )
            yield f"{schema}.{table}", (rows + held).lower()


def traces(database: Database, person: Person) -> list[str]:
    return [table for table, text in everything(database) if any(each.lower() in text for each in person.texts)]


def test_an_open_order_stands_in_the_way_and_is_named(site: Site) -> None:
    person = Person()
    order_id = placed(site, person)
    refused = erase(site, person)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "erasure_not_allowed")
    (named,) = refused.get_json()["open_orders"]
    assert named["order_id"] == order_id
    assert named["order_number"] in refused.get_json()["detail"]


def test_a_document_that_has_to_be_kept_stands_in_the_way_unless_that_is_waived(site: Site) -> None:
    person = Person()
    order_id = placed(site, person)
    invoice = site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining", "capture": "offline"}).get_json()
    shipped = site.post(f"orders/{order_id}/shipments", SHIPMENT)
    assert shipped.status_code == 201, shipped.text
    refused = site.post(f"customers/{person.id}/erase", {"reason": "asked"}, role=Role.ADMIN).get_json()
    assert refused["code"] == "erasure_not_allowed"
    assert [each["number"] for each in refused["retained"]] == [invoice["invoice_number"]]
    assert int(refused["retained_until"][:4]) >= 2036
    assert erase(site, person).status_code == 200


CONTENTS = [{"line_id": "1", "quantity": 3}]
SHIPMENT = {
    "lines": "all_remaining", "carrier": "ups", "packages": [{"weight_grams": 1300, "contents": CONTENTS}],
}  # fmt: skip


def test_afterwards_the_person_is_in_no_table(site: Site, database: Database) -> None:
    person = Person()
    order_id = canceled(site, person)
    with psycopg.connect(database.owner_url) as connection:
        create_key(connection, Role.CUSTOMER, f"{person.name}", customer_id=person.id)
    for query in (
        f"customer_email={person.email.replace('@', '%40')}",
        f"q={person.family.upper()}",
        "status=Complete",
    ):
        assert site.post("views", {"name": "a view", "query": query}, role=Role.ADMIN).status_code == 201
    site.follow()
    assert traces(database, person)
    answer = erase(site, person)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["orders"] == [order_id]
    site.follow()
    assert traces(database, person) == []
    assert [each["query"] for each in site.get("/queries/views").get_json()["items"]] == ["status=Complete"]


def test_a_repeat_gets_the_first_answer_and_a_second_erasure_is_told(site: Site) -> None:
    person = Person()
    canceled(site, person)
    first = erase(site, person, Idempotency_Key="erase-1")
    again = erase(site, person, Idempotency_Key="erase-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.get_json() == first.get_json()
    second = erase(site, person)
    assert (second.status_code, second.get_json()["code"]) == (409, "already_erased")
    assert erase(site, Person()).get_json()["code"] == "not_found"


def test_only_an_admin_erases_and_says_why_without_a_name(site: Site) -> None:
    person = Person()
    canceled(site, person)
    assert erase(site, person, Role.INTEGRATOR).status_code == 403
    silent = site.post(f"customers/{person.id}/erase", {"reason": "\u00a0"}, role=Role.ADMIN)
    assert silent.get_json()["code"] in {"reason_required", "invalid_value"}
    naming = site.post(
        f"customers/{person.id}/erase", {"reason": f"{person.name} wrote", "waive_retention": True}, role=Role.ADMIN
    )
    assert naming.get_json()["code"] == "reason_names_customer"


@pytest.mark.parametrize("path", ["/queries/orders/{}", "/audit/orders/{}/events", "/audit/orders/{}?version=1"])
def test_the_past_is_erased_too_and_can_still_be_asked(site: Site, path: str) -> None:
    person = Person()
    order_id = canceled(site, person)
    assert erase(site, person).status_code == 200
    site.follow()
    answer = site.get(path.format(order_id), Role.AUDITOR)
    assert answer.status_code == 200
    assert not [text for text in person.texts if text in answer.text]
    assert site.get(f"/audit/orders/{order_id}/diff?from=1").status_code == 200


def test_a_customer_who_comes_back_starts_afresh_and_can_be_erased_again(site: Site, database: Database) -> None:
    person = Person()
    old = canceled(site, person)
    assert erase(site, person).status_code == 200
    site.post(f"orders/{old}/comment", {"text": f"{person.family} asks for the order of last year"})
    new = canceled(site, person)
    site.follow()
    assert person.name in site.get(f"/queries/orders/{new}").text
    assert person.family in site.get(f"/queries/orders/{old}").text
    answer = erase(site, person)
    assert sorted(answer.get_json()["orders"]) == sorted([old, new])
    site.follow()
    assert traces(database, person) == []
    assert person.family not in site.get(f"/queries/orders/{old}").text


def test_the_access_report_tells_the_mails_and_then_the_erasure_alone(site: Site) -> None:
    person = Person()
    canceled(site, person)
    path = f"/audit/customers/{person.id}/access-report"
    report = site.get(path, Role.AUDITOR).get_json()
    assert [list(kept) for kept in report["orders"]] == [["order", "mails", "events"]]
    erase(site, person)
    report = site.get(path, Role.AUDITOR).get_json()
    assert (report["orders"], report["keys"]) == ([], [])
    assert [(each["type"], each["reason"]) for each in report["erasures"]] == [("CustomerErased", REASON["reason"])]


def test_what_can_be_no_customer_id_is_not_known(site: Site) -> None:
    for customer_id in ("a%00b", "a" * 129):
        answer = site.post(f"customers/{customer_id}/erase", REASON, role=Role.ADMIN)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
