"""The process that follows the log: it starts, shares, survives and stops."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import psycopg
import pytest

from projections.catalogue import READ_MODELS
from projections.engine.connecting import connect
from projections.engine.positions import wait_for
from projections.engine.runner import run_projections
from tests.projections.shop import CODEC, KEYRING, Shop, table
from tests.support.postgres import Database


@contextmanager
def worker(database: Database) -> Iterator[subprocess.Popen[bytes]]:
    """A process that follows the log."""
    command = [sys.executable, "-m", "tests.projections.follow_log", database.projector_url]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_shown(shop: Shop, seconds: float = 15) -> None:
    with connect(shop.database.projector_url) as connection:
        for name in ("orders_grid", "tracking"):
            wait_for(connection, name, shop.events(), timeout_seconds=seconds)


def test_what_is_recorded_is_shown_soon(shop: Shop) -> None:
    stop = threading.Event()
    thread = threading.Thread(
        target=run_projections, args=(shop.database.projector_url, KEYRING, CODEC, READ_MODELS), kwargs={"stop": stop}
    )
    thread.start()
    try:
        shop.place()
        wait_until_shown(shop)
        for _ in range(5):
            shop.place()
            started = monotonic()
            wait_until_shown(shop)
            assert monotonic() - started < 0.4  # woken by the log, not by the clock
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()


def test_a_lost_connection_is_waited_out(shop: Shop) -> None:
    with worker(shop.database) as process:
        shop.place()
        wait_until_shown(shop)
        with psycopg.connect(shop.database.projector_url, options="", autocommit=True) as assassin:
            assassin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        shop_again(shop)
        wait_until_shown(shop)
        assert process.poll() is None


def shop_again(shop: Shop) -> None:
    """The shop's own connections were ended too: whatever is unknown, a later command goes through."""
    deadline = monotonic() + 10
    while monotonic() < deadline:
        try:
            shop.place()
        except Exception:  # noqa: BLE001
            continue
        return


def test_a_worker_killed_in_the_middle_loses_nothing(shop: Shop) -> None:
    with worker(shop.database) as victim, worker(shop.database):
        for number in range(60):
            shop.place(method="cash_on_delivery")
            if number == 30:
                victim.send_signal(signal.SIGKILL)
        for order in shop.orders:
            shop.do("orders/hold", order)
        wait_until_shown(shop)
    rows = table(shop.database, "orders_grid")
    assert len(rows) == 60
    assert all("On Hold" in row for row in rows.values())
    assert shop.queries.status_counts() == {"On Hold": 60}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_promptly(shop: Shop, number: signal.Signals) -> None:
    with worker(shop.database) as process:
        shop.place()
        wait_until_shown(shop)
        sleep(0.1)
        process.send_signal(number)
        assert process.wait(3) == 0
