"""Backups with the keys apart: an old one, restored with the keys of today, does not bring the person back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.binaries import find_programs
from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database, TestServer

NAME, OTHER = "Zenobia Quartermain", "Bertrand Okonkwo"


def run(tools: Path, program: str, *arguments: str | Path) -> None:
    done = subprocess.run([tools / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def settled(shop: Shop, customer_id: str, name: str) -> str:
    """An order that waits for nothing."""
    customer = {"id": customer_id, "name": name, "email": f"{customer_id}@example.com"}
    order = shop.place(customer=customer)
    shop.do("orders/comment", order, text=f"{name} called", visible=True)
    shop.do("orders/cancel", order, reason=f"{name} called")
    return str(order)


def text_of(url: str, *tables: str) -> str:
    with psycopg.connect(url) as connection:
        found = [connection.execute(f"SELECT t::text FROM {table} t".encode()).fetchall() for table in tables]
    return "\n".join(row for rows in found for (row,) in rows)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    return Path(find_programs(tmp_path / "data", tmp_path / "programs").bin)


def test_an_old_backup_with_the_keys_of_today_has_everybody_but_the_erased(
    postgres: TestServer, fresh_database: Database, tools: Path, tmp_path: Path
) -> None:
    rest, keys = tmp_path / "daybook.dump", tmp_path / "keys.dump"
    with open_shop(fresh_database) as shop:
        erased, kept = settled(shop, "c-1", NAME), settled(shop, "c-2", OTHER)
        shop.follow()
        assert NAME in text_of(fresh_database.projector_url, "read.orders_grid")
        without = ["--exclude-table-data=log.data_keys", "--exclude-table-data=read.*"]
        run(tools, "pg_dump", "-Fc", *without, "-f", rest, "-d", fresh_database.owner_url)
        shop.erase("c-1")
        run(tools, "pg_dump", "-Fc", "--data-only", "--table=log.data_keys", "-f", keys, "-d", fresh_database.owner_url)
    with postgres.empty_database() as restored:
        admin = postgres.admin_url(restored)
        run(tools, "pg_restore", "-d", admin, rest)
        run(tools, "pg_restore", "--data-only", "-d", admin, keys)
        with open_shop(restored) as shop:
            shop.follow()
            shown = text_of(admin, "read.orders_grid", "read.tracking", "read.documents", "log.data_keys")
            assert OTHER in shown
            assert NAME not in shown
            assert erased in shown
            assert kept in shown
