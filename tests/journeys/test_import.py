"""Orders from a file through a whole Daybook: they reconcile, when imported again and after everything was killed."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import benchmarks.demo_olist
import daybook.demo.__main__
from benchmarks.olist import convert
from benchmarks.reconcile import expect, read_grid, reconcile
from daybook.importing.command import Importer, Outcome, server_at
from domain.status import Status
from tests.importer.olist_files import ORDERS, write_olist_files
from tests.support.running import Running

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = Running(tmp_path / "var")
    monkeypatch.setenv("DAYBOOK_HOME", str(run.home))
    monkeypatch.setenv("PORT", str(run.port))
    try:
        yield run.wait_until_ready()
    finally:
        run.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve times every way an order can go."""
    orders = [replace(order, olist_id=f"{order.olist_id}-{n}") for n in range(12) for order in ORDERS]
    return write_olist_files(tmp_path / "data", orders)


def demo_olist(data: Path, *options: str) -> Result:
    return CliRunner().invoke(benchmarks.demo_olist.main, ["--data", str(data), *options])


def test_orders_from_a_file_reconcile_and_a_second_import_changes_nothing(running: Running, data: Path) -> None:
    first = demo_olist(data)
    assert first.exit_code == 0, first.output
    assert "0 of 168 orders differ; 24 without items are not placed." in first.output

    second = demo_olist(data)
    assert second.exit_code == 0, second.output
    assert "168 orders, 0 new events" in second.output


def test_the_whole_workflow_refunds_and_dispatches_and_reconciles_twice(running: Running, data: Path) -> None:
    first = demo_olist(data, "--whole-workflow")
    assert first.exit_code == 0, first.output
    assert "0 of 168 orders differ" in first.output
    assert "0 differences; each of 72 shipments" in first.output

    second = demo_olist(data, "--whole-workflow")
    assert second.exit_code == 0, second.output
    assert "168 orders, 0 new events" in second.output


def test_an_import_goes_on_after_everything_was_killed_and_reconciles(
    running: Running, data: Path, tmp_path: Path
) -> None:
    commands = tmp_path / "commands.ndjson"
    convert(data, commands)

    def kill_in_the_middle(_size: int, outcome: Outcome) -> None:
        if outcome.lines == 300:
            running.kill_everything()
            running.start_again()

    server = f"http://127.0.0.1:{running.port}"
    results = BytesIO()
    outcome = Importer(server_at(server, running.key("integrator")), 8, results, kill_in_the_middle).run(commands)

    assert outcome.stopped_because == ""
    assert dict(outcome.refused) == {(422, "empty_order"): 24}
    assert len(results.getvalue().splitlines()) == outcome.lines == len(commands.read_bytes().splitlines())
    assert reconcile(expect(data), read_grid(server, running.key("admin"), outcome.last_position))


def test_the_sample_shows_every_status(running: Running) -> None:
    shown = CliRunner().invoke(daybook.demo.__main__.main)

    assert shown.exit_code == 0, shown.output
    assert not [status for status in Status if f"  {status} " not in shown.output]
