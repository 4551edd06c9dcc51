"""A whole Daybook with orders that nobody can read: everything else is done in time, and they are after a repair."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.roles import OWNER, read_logins
from tests.journeys.test_run import order
from tests.support.running import Running
from tests.support.spoiling import Spoiled

HEALTHY = 50
WITHIN_SECONDS = 10.0


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = Running(tmp_path / "home", WEB_THREADS="8")
    yield run.wait_until_ready()
    run.close()


class Desk:
    """Somebody who gives commands and looks."""

    def __init__(self, run: Running) -> None:
        self._run = run

    def do(self, path: str, body: Any = None) -> Any:
        status, answer = self._run.ask(f"/commands/{path}", "admin", {} if body is None else body)
        assert status in {200, 201, 202}, answer
        return answer

    def place(self, reference: str, method: str, **more: Any) -> str:
        body = order(reference) | {"payment": {"method": method}} | more
        return str(self.do("orders", body)["order_id"])

    def see(self, path: str) -> Any:
        status, answer = self._run.ask(f"/queries/{path}", "admin")
        assert status == 200, answer
        return answer

    def type(self, *arguments: str) -> str:
        """What `daybook ...` prints."""
        environment = os.environ | {"DAYBOOK_HOME": str(self._run.home)}
        command = [sys.executable, "-m", "daybook", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout

    def metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._run.port, timeout=30)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {self._run.key('admin')}"})
        text = connection.getresponse().read().decode()
        connection.close()
        return text


def within(seconds: float, condition: Any) -> float:
    """How long it took for the condition to hold."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not come to pass in time"
        time.sleep(0.1)
    return time.monotonic() - began


def test_everything_but_the_bad_order_is_done_in_time_and_that_one_after_its_repair(running: Running) -> None:
    desk = Desk(running)
    orders = [desk.place(f"b-{number}", "cash_on_delivery") for number in range(HEALTHY + 1)]
    batch = {"origin": "main", "carrier": "ups", "service": "ground", "orders": orders}
    batch_id = desk.do("batches", batch)["batch_id"]
    deadline = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    expiring = [desk.place(f"e-{number}", "bank_transfer", expires_at=deadline) for number in range(2)]
    one = {"line_id": "1", "sku": "S", "quantity": 1, "unit_price": "9.94"}  # the gateway is down at first
    asked = desk.place("g-1", "card_authorize", lines=[one])
    desk.do(f"orders/{asked}/authorize-payment", {"amount": "9.94", "currency": "EUR", "provider_reference": "a-1"})
    logins = read_logins(running.home)
    assert logins is not None
    bad = [Spoiled(logins.url(OWNER), order_id) for order_id in (orders[0], expiring[0])]

    desk.do(f"orders/{asked}/invoices", {"lines": "all_remaining", "capture": "online"})
    desk.do(f"batches/{batch_id}/process")
    last = desk.place("m-1", "bank_transfer")

    def done() -> bool:
        entries = desk.see(f"batches/{batch_id}")["entries"]
        booked = [entry["result"] for entry in entries].count("booked")
        told = [entry["type"] for entry in desk.see(f"orders/{last}")["timeline"]]
        return (
            booked == HEALTHY
            and desk.see(f"orders/{expiring[1]}")["status"] == "Canceled"
            and desk.see(f"orders/{asked}")["payment"]["captured"] == "9.94"
            and "NotificationSent" in told
        )

    within(WITHIN_SECONDS, done)
    listed = desk.type("processes")
    assert f"set aside: batches {batch_id}:{orders[0]}" in listed
    assert f"cannot be read at position {bad[0].position}" in listed
    assert f"of {expiring[0]}" in listed
    assert "Ana" not in listed
    ready = running.ask("/readyz")
    assert (ready[0], ready[1]["status"]) == (200, "degraded")
    assert any("batches has set aside 1" in warning for warning in ready[1]["warnings"])
    assert 'daybook_process_set_aside{process="batches"} 1.0' in desk.metrics()

    for damage in bad:
        damage.repair()
    for process in ("batches", "expiry", "notifications", "mailing"):
        desk.type("retry", process)
    within(
        WITHIN_SECONDS,
        lambda: (
            desk.see(f"orders/{expiring[0]}")["status"] == "Canceled"
            and all(entry["result"] == "booked" for entry in desk.see(f"batches/{batch_id}")["entries"])
        ),
    )
    within(WITHIN_SECONDS, lambda: "set aside" not in desk.type("processes"))
