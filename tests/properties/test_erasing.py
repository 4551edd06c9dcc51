"""Random lives of several customers, one of whom is erased: of that one nothing is left, others are as they were.

Every table is read as text before and after, and the read models are compared with a fresh fold of the log.
"""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from access.roles import Role
from projections.catalogue import read_model
from projections.engine.rebuild import verify
from tests.projections.shop import CODEC, KEYRING
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site

CUSTOMERS = 3
STEPS = 40
WORDS = ("{name} called", "parcel for {name}", "ask {email}", "leave it with the neighbour of {name}")
Tables = dict[str, list[str]]
MODELS = ("orders_grid", "documents", "tracking")


def parts() -> Any:
    """What the processes of a fresh fold need."""
    return CODEC, KEYRING


class Life:
    """What happens to the orders of several customers, by chance."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.chance = Random(seed)
        self.names = [f"Nom{uuid4().hex[:10]}" for _ in range(CUSTOMERS)]
        self.orders: list[tuple[str, str]] = []

    def step(self) -> None:
        """One command, which may be refused."""
        if not self.orders or self.chance.random() < 0.2:
            self._place(self.chance.choice(self.names))
            return
        name, order_id = self.chance.choice(self.orders)
        said = self.chance.choice(WORDS).format(name=name, email=f"{name}@example.com")
        path, body = self.chance.choice(self._acts(name, said))
        self.site.post(f"orders/{order_id}/{path}", body | {"reason": said})

    def _acts(self, name: str, said: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            ("comment", {"text": said, "visible": self.chance.random() < 0.5}),
            ("hold", {}),
            ("release", {}),
            ("invoices", {"lines": "all_remaining", "capture": "offline"}),
            ("shipments", {"lines": "all_remaining", "carrier": "ups", "packages": [self._package()]}),
            ("change-address", {"shipping_address": self._address(name)}),
            ("cancel", {}),
            ("amend", {"note": said}),
        ]

    def _place(self, name: str) -> None:
        customer = {"id": f"id-{name}", "email": f"{name}@example.com", "name": f"Ana {name}"}
        address = self._address(name)
        more = {"note": f"for {name}", "attributes": {"engraving": name}}
        body = another_order(customer=customer, billing_address=address, shipping_address=address, **more)
        self.orders.append((name, self.site.post("orders", body).get_json()["order_id"]))

    def _address(self, name: str) -> dict[str, Any]:
        number = self.chance.randint(1, 99)
        street = [f"Rua {name} {number}"]
        return {"name": f"Ana {name}", "street": street, "city": "Porto", "postcode": "4", "country": "PT"}

    def _package(self) -> dict[str, Any]:
        return {"weight_grams": 1300, "contents": [{"line_id": "1", "quantity": 3}]}

    def end(self, name: str) -> None:
        """Let no order of a customer wait for anything."""
        for order_id in [order_id for whose, order_id in self.orders if whose == name]:
            self.site.post(f"orders/{order_id}/release", {})
            if self.site.get(f"/queries/orders/{order_id}").get_json()["status"] in {"Complete", "Closed", "Canceled"}:
                continue
            self.site.post(f"orders/{order_id}/cancel", {})
            self.site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining", "capture": "offline"})
            body = {"lines": "all_remaining", "carrier": "ups", "packages": [self._package()]}
            self.site.post(f"orders/{order_id}/shipments", body)


def tables(database: Database) -> Tables:
    """Every row of every table as text, by table."""
    with psycopg.connect(database.owner_url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            f"{schema}.{table}": sorted(
                row
                for (row,) in connection.execute(
                    sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in names
        }


def require_gone(after: Tables, gone: str) -> None:
    """Of a person nothing is left, neither as text nor in byte strings."""
    for table, rows in after.items():
        text = "\n".join(rows).lower()
        assert gone.lower() not in text, table
        assert gone.encode().hex() not in text, table


def require_kept(before: Tables, after: Tables, others: list[str]) -> None:
    """What names others is as it was, and so is every event."""
    for table, rows in before.items():
        for other in others:
            kept = [row for row in rows if other.lower() in row.lower()]
            assert kept == [row for row in after[table] if other.lower() in row.lower()], table
    assert set(before["log.events"]) <= set(after["log.events"])


def require_followed(database: Database) -> None:
    """Following came to what a fresh fold comes to."""
    for name in MODELS:
        with verify(database.projector_url, parts, read_model, name, processes=1) as comparison:
            assert list(comparison.differences()) == []
            assert not comparison.unfoldable


@pytest.mark.parametrize("seed", [1, 2])
def test_of_who_is_erased_nothing_is_left_and_others_are_as_they_were(fresh_database: Database, seed: int) -> None:
    with open_site(fresh_database) as site:
        life = Life(site, seed)
        for number in range(STEPS):
            life.step()
            if number % 10 == 0:
                site.follow()
        gone = life.orders[0][0]
        life.end(gone)
        site.follow()
        before = tables(fresh_database)
        others = [f"/queries/orders/{order}" for name, order in life.orders if name != gone]
        shown = [site.get(path).get_json() | {"position": 0} for path in others]
        asked = {"reason": "asked for it", "waive_retention": True}
        answer = site.post(f"customers/id-{gone}/erase", asked, role=Role.ADMIN)
        assert answer.status_code == 200, answer.text
        site.follow()
        after = tables(fresh_database)
        require_gone(after, gone)
        require_kept(before, after, [name for name in life.names if name != gone])
        assert [site.get(path).get_json() | {"position": 0} for path in others] == shown
        require_followed(fresh_database)
