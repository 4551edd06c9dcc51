""" "Have a second person approve", as it stands: its configuration is loaded, its requests are sent and answered so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from access.keys import create_key
from access.roles import Role
from adapters.merchant.config import load
from application.holding import HOLDABLE
from tests.projections.shop import MERCHANT
from tests.support.postgres import Database
from tests.web.edge import bearer, order
from tests.web.live import Site, open_site

PAGE = (Path(__file__).parents[2] / "docs/how-to/have-a-second-person-approve.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(toml|http|json)\n(.*?)```", PAGE, re.DOTALL)
CONFIGURATION = next(text for kind, text in BLOCKS if kind == "toml")
STATUS = {"refund": 202, "approve": 200}


@pytest.fixture(scope="module")
def site(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = tmp_path_factory.mktemp("merchant") / "merchant.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    with open_site(database, merchant=replace(MERCHANT, holding=load(file).holding)) as site:
        yield site


def test_the_requests_of_the_page_are_answered_as_it_says(site: Site, database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        keys = {
            "Shop": create_key(connection, Role.INTEGRATOR, "Shop"),
            "Ana": create_key(connection, Role.ADMIN, "Ana Silva"),
        }
    known = dict(_paid(site))
    exchanges = [text for kind, text in BLOCKS if kind != "toml"]
    assert len(exchanges) == 6
    for asked, told in zip(exchanges[::2], exchanges[1::2], strict=True):
        line, who, *body = asked.strip().split("\n", 3)
        method, path = line.split(" ")
        more: dict[str, Any] = {"json": json.loads("".join(body))} if body else {}
        answer = site.client.open(path.format(**known), method=method, headers=bearer(keys[who]), **more)
        shown = answer.get_json()
        expected = json.loads(told)
        assert {name: shown[name] for name in expected} == expected, line
        assert answer.status_code == STATUS.get(path.rpartition("/")[2], 200)
        known["approval_id"] = shown["approval_id"]
    assert shown["credit_memo_number"]


def _paid(site: Site) -> Iterator[tuple[str, str]]:
    lines = [{"line_id": "1", "sku": "MUG-01", "quantity": 40, "unit_price": "9.99", "tax_rate": "0.23"}]
    placed = site.post("orders", order(lines=lines)).get_json()
    yield "order_id", placed["order_id"]
    invoice = site.post(f"orders/{placed['order_id']}/invoices", {"lines": "all_remaining"}).get_json()
    yield "invoice_id", invoice["invoice_id"]


def test_the_page_names_all_that_can_wait() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `always`"))
    assert set(re.findall(r"`([a-z]+/[a-z-]+)`", row)) == HOLDABLE
