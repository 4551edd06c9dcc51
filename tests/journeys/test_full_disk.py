"""A disk that gets full: commands are refused in time, and when there is room again everything goes on by itself."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daybook.run.storage import TOLD_FOR_SECONDS
from tests.journeys.test_run import eventually, order
from tests.support.running import Running

SIZE_MB = 600
STOP_MB = 150


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0711", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave_mb: int) -> Path:
    """Take all room but so much."""
    filler = disk / "filler"
    system = os.statvfs(disk)
    size = system.f_bavail * system.f_frsize - leave_mb * 2**20
    with filler.open("ab") as file:
        os.posix_fallocate(file.fileno(), file.tell(), size)
    return filler


def take_all(disk: Path) -> Path:
    """Take all room, whatever others give back meanwhile."""
    filler = disk / "filler"
    piece = b"\0" * 4096
    with filler.open("ab", buffering=0) as file:
        while True:
            try:
                if file.write(piece) < len(piece):
                    return filler
            except OSError:
                return filler


@pytest.fixture
def running(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = Running(disk / "home", DISK_STOP_MB=str(STOP_MB), DISK_WARN_MB=str(STOP_MB + 100))
    yield run
    run.close()


def test_commands_are_refused_before_the_disk_is_full_and_taken_again_afterwards(running: Running, disk: Path) -> None:
    running.wait_until_ready()
    placed = running.ask("/commands/orders", "integrator", order("cart-1"))[1]
    assert running.ask("/readyz")[1] == {"status": "ready"}
    filler = fill(disk, STOP_MB + 50)
    assert eventually(lambda: "MB are free on the disk" in running.said())
    assert running.ask("/readyz")[1]["status"] == "degraded"
    assert running.ask("/commands/orders", "integrator", order("cart-2"))[0] == 201

    fill(disk, STOP_MB - 50)
    assert eventually(lambda: "Commands are refused" in running.said())
    time.sleep(TOLD_FOR_SECONDS)  # so long each process goes by what it was told last
    status, refused = running.ask("/commands/orders", "integrator", order("cart-3"))
    assert (status, refused["code"]) == (503, "storage_low")
    status, ready = running.ask("/readyz")
    assert (status, ready["status"]) == (200, "degraded")
    assert running.ask(f"/queries/orders/{placed['order_id']}", "integrator")[0] == 200

    filler.unlink()
    assert eventually(lambda: running.ask("/commands/orders", "integrator", order("cart-3"))[0] == 201)
    assert eventually(lambda: "There is enough room on the disk again." in running.said())


def test_a_database_that_a_full_disk_ended_comes_back_by_itself(running: Running, disk: Path) -> None:
    running.wait_until_ready()
    placed = running.ask("/commands/orders", "integrator", order("cart-1"))[1]
    long_log = running.home / "logs" / "web.log"
    with long_log.open("ab") as file:
        file.write(b"x" * 11 * 2**20)  # to be put aside, with no room for a copy
    postmaster = int((running.home / "postgres" / "postmaster.pid").read_text().split()[0])
    filler = take_all(disk)
    os.kill(postmaster, signal.SIGKILL)
    assert eventually(lambda: "it is tried again every 5 s" in running.said())
    take_all(disk)
    time.sleep(6)
    assert running.process.poll() is None
    assert running.ask("/healthz")[0] == 200

    def again() -> int:
        """Place it under a key: what is not known is asked once more."""
        return running.ask("/commands/orders", "integrator", order("cart-2"), Idempotency_Key="cart-2")[0]

    assert again() == 503
    filler.unlink()
    assert eventually(lambda: again() == 201)
    shown = running.ask(f"/queries/orders/{placed['order_id']}", "integrator")
    assert shown[0] == 200
    assert eventually(lambda: "PostgreSQL runs again." in running.said())
    assert (running.home / "logs" / "web.log.1").stat().st_size > 10 * 2**20
