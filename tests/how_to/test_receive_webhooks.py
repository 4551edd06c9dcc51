"""The programs of "How to receive webhooks" are run as they stand, killed on the way, and have every effect once."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from access.roles import Role
from tests.support.postgres import Database
from tests.support.running import free_port
from tests.webhooks.office import Office, open_office
from tests.webhooks.receiver import eventually

PAGE = Path(__file__).parents[2] / "docs/how-to/receive-webhooks.md"
PROGRAM = re.compile(r"# (\w+\.py):.*?(?=^```)", re.MULTILINE | re.DOTALL)
PROGRAMS = {found[1]: found[0] for found in PROGRAM.finditer(PAGE.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def office(database: Database) -> Iterator[Office]:
    with open_office(database) as office:
        yield office


class Program:
    """A program of the page, in a folder with its database."""

    def __init__(self, folder: Path, name: str, *arguments: str, **environment: str) -> None:
        self.database = folder / "effects.sqlite"
        (folder / name).write_text(PROGRAMS[name], encoding="utf-8")
        self._command = [sys.executable, str(folder / name), *arguments, str(self.database)]
        self._environment = os.environ | environment

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def effects(self, order_id: str) -> list[str]:
        with sqlite3.connect(self.database, timeout=10) as connection:
            try:
                rows = connection.execute("SELECT type FROM effects WHERE order_id = ? ORDER BY rowid", [order_id])
                return [kind for (kind,) in rows]
            except sqlite3.OperationalError:  # not made yet
                return []
            finally:
                connection.commit()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_the_receiver_has_every_effect_once(office: Office, tmp_path: Path) -> None:
    port = free_port()
    made = office.webhook(f"http://127.0.0.1:{port}/")
    receiver = Program(tmp_path, "receiver.py", str(port), WEBHOOK_SECRET=made["secret"])
    receiver.start()
    try:
        eventually(lambda: listens(port))
        with office.sending():
            assert office.ask(f"/{made['webhook_id']}/test")["status"] == 204
            order_id = office.place()
            office.do(order_id, "hold", "release")
            eventually(lambda: len(receiver.effects(order_id)) == 3)
            receiver.kill()
            office.do(order_id, "comment")
            time.sleep(0.5)
            receiver.start()
            eventually(lambda: len(receiver.effects(order_id)) == 4)
            again = office.ask(f"/{made['webhook_id']}/redeliver", {"since": "2026-01-01T00:00:00Z", "delivered": True})
            assert again["deliveries"] >= 3
            eventually(lambda: office.shown(made["webhook_id"])["waiting"] == 0)
        kinds = ["order.placed", "order.held", "order.released", "order.commented"]
        assert receiver.effects(order_id) == kinds
    finally:
        receiver.kill()


def test_the_receiver_takes_nothing_that_is_not_signed(office: Office, tmp_path: Path) -> None:
    port = free_port()
    made = office.webhook(f"http://127.0.0.1:{port}/")
    receiver = Program(tmp_path, "receiver.py", str(port), WEBHOOK_SECRET="whsec_" + 40 * "A" + "==")
    receiver.start()
    try:
        eventually(lambda: listens(port))
        told = office.ask(f"/{made['webhook_id']}/test")
        assert (told["delivered"], told["status"]) == (False, 401)
    finally:
        receiver.kill()


def test_the_follower_has_every_effect_once(office: Office, tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, office.site.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    key = office.site.keys[Role.INTEGRATOR]
    follower = Program(tmp_path, "follower.py", DAYBOOK=f"http://127.0.0.1:{server.port}", KEY=key)
    follower.start()
    try:
        order_id = office.place()
        for _ in range(3):
            office.do(order_id, "comment")
            time.sleep(0.3)
            follower.kill()
            follower.start()
        office.do(order_id, "hold")
        eventually(lambda: len(follower.effects(order_id)) == 5)
        time.sleep(0.5)
        assert follower.effects(order_id) == ["order.placed", *["order.commented"] * 3, "order.held"]
    finally:
        follower.kill()
        server.shutdown()
