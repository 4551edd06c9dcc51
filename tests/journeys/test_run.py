"""`daybook run` as its user meets it: one command, one signal, and recovery from whatever happened in between."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybook.run.home import Home
from tests.support.postgres import Database
from tests.support.running import STOP_SECONDS, Running, free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")

# In the command line of every process but PostgreSQL's: the folder of the checkout may be called daybook too.
OURS = b"\0-m\0daybook\0"
ADDRESS = {"name": "Ana Silva", "street": ["Rua Nova 1"], "city": "Porto", "postcode": "4000-001", "country": "PT"}


def order(reference: str) -> dict[str, Any]:
    return {
        "external_reference": reference,
        "store": "main",
        "currency": "EUR",
        "customer": {"id": "c-1001", "email": "ana@example.com", "name": "Ana Silva"},
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "payment": {"method": "bank_transfer"},
        "lines": [{"line_id": "1", "sku": "MUG-01", "quantity": 3, "unit_price": "9.99"}],
    }


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = Running(tmp_path / "a home")
    yield run
    run.close()


def test_it_takes_an_order_and_keeps_it_over_a_stop(running: Running) -> None:
    running.wait_until_ready()
    status, placed = running.ask("/commands/orders", "integrator", order("cart-1"), Idempotency_Key="k-1")
    assert (status, placed["order_number"]) == (201, "000000001")
    keys = (running.home / "dev-keys.json").read_text()

    assert running.stop(signal.SIGINT) == 0
    assert running.processes() == []
    running.start_again()
    running.wait_until_ready()

    assert (running.home / "dev-keys.json").read_text() == keys
    path = f"/queries/orders?min_position={placed['position']}"
    assert [item["order_id"] for item in running.ask(path, "auditor")[1]["items"]] == [placed["order_id"]]


def test_every_acknowledged_order_is_there_after_everything_was_killed(running: Running) -> None:
    running.wait_until_ready()
    placed = [running.ask("/commands/orders", "integrator", order(f"cart-{n}"))[1] for n in range(20)]

    running.kill_everything()
    running.start_again()
    running.wait_until_ready()

    listed = running.ask(f"/queries/orders?limit=200&min_position={placed[-1]['position']}", "admin")[1]
    assert {item["order_id"] for item in listed["items"]} == {answer["order_id"] for answer in placed}


def test_nothing_outlives_a_killed_supervisor_but_the_database_which_the_next_run_ends(running: Running) -> None:
    running.wait_until_ready()
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    assert eventually(lambda: not any(OURS in command(pid) for pid in running.processes()))
    leftover = set(running.processes())
    running.start_again()
    assert eventually(lambda: (running.home / "socket").exists() and not leftover & set(running.processes()))
    running.wait_until_ready()


def test_what_dies_is_reported_and_started_again(running: Running) -> None:
    running.wait_until_ready()
    projections = next(pid for pid in running.processes() if b"project" in command(pid).split(b"\0"))
    os.kill(projections, signal.SIGKILL)
    assert eventually(lambda: "The process of the projections was ended by SIGKILL" in running.said())
    os.kill(int((running.home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert eventually(lambda: "starting it again" in running.said())

    def takes_orders_and_lists_them() -> bool:
        status, answer = running.ask("/commands/orders", "integrator", order("cart-1"), Idempotency_Key="k-1")
        return (
            status == 201 and running.ask(f"/queries/orders?min_position={answer['position']}", "integrator")[0] == 200
        )

    assert eventually(takes_orders_and_lists_them)


def test_a_killed_web_server_is_back_at_once(running: Running) -> None:
    running.wait_until_ready()
    os.kill(min(pid for pid in running.processes() if b"serve" in command(pid).split(b"\0")), signal.SIGKILL)
    killed = time.monotonic()
    assert eventually(lambda: "The process of the web server was ended by SIGKILL" in running.said())
    assert "it starts again at once." in running.said()
    assert eventually(lambda: running.ask("/healthz")[0] == 200)
    assert time.monotonic() - killed < 8  # of which nearly all is its start


def test_a_user_who_no_longer_listens_does_not_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    reading, writing = os.pipe()
    run = Running(tmp_path / "home", stdout=writing)
    os.close(writing)
    try:
        with os.fdopen(reading) as output:
            for line in output:
                if "Ctrl-C stops everything" in line:
                    break
        projections = next(pid for pid in run.processes() if b"project" in command(pid).split(b"\0"))
        os.kill(projections, signal.SIGKILL)
        assert eventually(
            lambda: any(pid != projections for pid in run.processes() if b"project" in command(pid).split(b"\0"))
        )
        assert run.process.poll() is None
        assert run.ask("/healthz")[0] == 200
        assert run.stop() == 0
    finally:
        run.close()


def test_a_database_of_ones_own_is_used_and_left_alone(database: Database, tmp_path: Path) -> None:
    run = Running(
        tmp_path / "var",
        DATABASE_URL=database.owner_url,
        DATABASE_APP_URL=database.app_url,
        DATABASE_PROJECTOR_URL=database.projector_url,
    )
    try:
        run.wait_until_ready()
        assert run.ask("/commands/orders", "integrator", order("cart-1"))[0] == 201
        assert run.stop() == 0
        assert not (run.home / "postgres").exists()
    finally:
        run.close()
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM log.events WHERE order_id IS NOT NULL").fetchone() == (1,)


def test_a_second_run_on_the_same_home_is_refused(tmp_path: Path) -> None:
    with Home(tmp_path).locked():
        assert f"already runs on {tmp_path} (process {os.getpid()})" in refusal(tmp_path, free_port())


def test_a_port_in_use_is_refused_with_the_mend(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert f"make run PORT={port + 1}" in refusal(tmp_path, port)


def test_it_stops_while_it_is_still_starting(running: Running) -> None:
    assert eventually((running.home / "lock").exists)
    assert running.stop() == 0
    assert running.processes() == []


def refusal(home: Path, port: int) -> str:
    """What a run that is refused says: one sentence, no traceback."""
    environment = os.environ | {"DAYBOOK_HOME": str(home), "PORT": str(port)}
    command = [sys.executable, "-m", "daybook", "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def eventually(condition: Any, seconds: float = STOP_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
