"""After an erasure and `daybook purge` the name is nowhere on the disk: in no data file, no log, no mail."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from adapters.mail.mailbox import Mailbox
from adapters.postgres.roles import SUPERUSER, read_logins
from tests.support.running import Running, free_port

WAIT_SECONDS = 60.0


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    for name in ("DATABASE_URL", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    run = Running(tmp_path / "home", MAILBOX_PORT=str(free_port()))
    yield run
    run.close()


def found_in(folder: Path, texts: list[bytes]) -> dict[str, list[bytes]]:
    """Which files below a folder hold which of the texts, in any case; those written in UTF-16 as well."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes().lower()
            held = [text for text in texts if text in content or text.decode().encode("utf-16-be") in content]
            if held:
                found[str(path.relative_to(folder))] = held
    return found


def named(running: Running, path: str) -> str:
    """Of which relation a file is, for who wonders."""
    logins = read_logins(running.home)
    assert logins is not None
    with psycopg.connect(logins.url(SUPERUSER)) as connection:
        row = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE pg_relation_filepath(oid) = %s",
            [path.removeprefix("postgres/")],
        ).fetchone()
    return f"{path}: {row[0] if row else 'no relation'}"


def until(condition: object, what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_the_name_is_nowhere_on_the_disk(running: Running) -> None:
    running.wait_until_ready()
    mark = f"q{uuid4().hex[:10]}"
    address = {
        "name": f"Ana {mark}",
        "street": [f"{mark} street 7"],
        "city": "Porto",
        "postcode": "4000",
        "country": "PT",
    }
    order = {
        "store": "main", "currency": "EUR", "payment": {"method": "bank_transfer"}, "note": f"for {mark}",
        "customer": {"id": f"c-{mark}", "email": f"{mark}@example.com", "name": f"Ana {mark}"},
        "billing_address": address, "shipping_address": address,
        "lines": [{"line_id": "1", "sku": "MUG-01", "name": "Mug", "quantity": 1, "unit_price": "9.99"}],
    }  # fmt: skip
    order_id = running.ask("/commands/orders", "integrator", order)[1]["order_id"]
    asked = {"lines": "all_remaining", "capture": "offline", "notify": True}
    invoice = running.ask(f"/commands/orders/{order_id}/invoices", "integrator", asked)[1]
    running.ask(
        f"/commands/orders/{order_id}/comment", "integrator", {"text": f"{mark} called", "reason": f"as {mark} said"}
    )
    contents = [{"line_id": "1", "quantity": 1}]
    booked = {"lines": "all_remaining", "carrier": "ups", "packages": [{"weight_grams": 900, "contents": contents}]}
    assert running.ask(f"/commands/orders/{order_id}/shipments", "integrator", booked)[0] == 201
    view = {"name": mark, "query": f"q={mark}"}
    assert running.ask("/commands/views", "admin", view)[0] == 201
    mailbox = Mailbox(running.home / "mailbox")
    until(lambda: len(mailbox.numbers()) >= 3, "mails")
    found = running.ask(f"/queries/orders?q={mark}&min_position={invoice['position']}", "admin")[1]
    assert len(found["items"]) == 1
    assert len({Path(name).parts[0] for name in found_in(running.home, [mark.encode()])}) > 1

    erased = {"reason": "asked for it", "waive_retention": True}
    status, answer = running.ask(f"/commands/customers/c-{mark}/erase", "admin", erased)
    assert status == 200, answer
    shown = running.ask(f"/queries/orders?q={mark}&min_position={answer['position']}", "admin")[1]
    assert shown["items"] == []
    until(lambda: not mailbox.numbers(), "the mails are still there")
    environment = os.environ | {"DAYBOOK_HOME": str(running.home), "PYTHONWARNINGS": "ignore"}
    purged = subprocess.run(
        [sys.executable, "-m", "daybook", "purge"], env=environment, capture_output=True, text=True, check=False
    )
    assert purged.returncode == 0, purged.stderr
    assert [named(running, path) for path in found_in(running.home, [mark.encode()])] == []
    assert mark not in running.said()
    assert running.ask(f"/queries/orders/{order_id}", "admin")[1]["order_number"] == "000000001"
