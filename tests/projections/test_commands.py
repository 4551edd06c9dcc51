"""The commands about read models, as somebody types them."""

import subprocess
import sys
from collections.abc import Callable
from time import monotonic, sleep
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from daybook.cli import read_models
from tests.projections.shop import Shop, table
from tests.support.spoiling import Spoiled

Run = Callable[..., Result]


@pytest.fixture
def run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the shop's database."""
    monkeypatch.setenv("DATABASE_URL", shop.database.owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", make_conninfo(shop.database.app_url, options=""))
    monkeypatch.setenv("DATABASE_PROJECTOR_URL", make_conninfo(shop.database.projector_url, options=""))
    monkeypatch.setenv("DAYBOOK_MASTER_KEY", bytes(range(32)).hex())

    def typed(name: str, *arguments: str) -> Result:
        command = next(each for each in read_models.COMMANDS if each.name == name)
        return CliRunner().invoke(command, arguments, catch_exceptions=False)

    return typed


def spoil(shop: Shop) -> UUID:
    """An order that is shown wrongly."""
    order = shop.place()
    shop.follow()
    with psycopg.connect(shop.database.projector_url) as connection:
        connection.execute("UPDATE read.orders_grid SET store = 'elsewhere'")
    return order


def test_verify_names_the_difference_and_rebuild_mends_it(shop: Shop, run: Run) -> None:
    order = spoil(shop)
    told = run("verify", "orders_grid")
    assert told.exit_code == 1
    assert f"{order}: store differs" in told.output
    assert "elsewhere" not in told.output
    rebuilt = run("rebuild", "orders_grid")
    assert rebuilt.exit_code == 0
    assert "Folded 1 events into 1 rows" in rebuilt.output
    assert f"{order}: store differs" in rebuilt.output
    again = run("verify", "orders_grid")
    assert (again.exit_code, again.output.splitlines()[-1]) == (0, "orders_grid is what the log says.")


@pytest.mark.parametrize("threads", ["alone", "beside another thread"])
def test_a_rebuild_in_a_process_of_its_own(shop: Shop, run: Run, threads: str) -> None:
    """Its processes are forked where that is safe, and started anew where there are threads."""
    orders = [shop.place() for _ in range(3)]
    program = "import threading; from daybook.__main__ import main; "
    if threads != "alone":
        program += "threading.Thread(target=threading.Event().wait, daemon=True).start(); "
    asked = ["rebuild", "orders_grid"]
    done = subprocess.run(
        [sys.executable, "-c", f"{program}main()", *asked], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Folded 3 events into 3 rows; 0 orders parked." in done.stdout
    assert table(shop.database, "orders_grid").keys() == {str(order) for order in orders}


def test_a_rebuild_that_was_killed_leaves_nothing_behind(shop: Shop, run: Run) -> None:
    """Its processes go with it, and with them the lock that lets only one rebuild at a time."""
    shop.place()
    program = """
import time
from daybook.__main__ import main
from projections.engine import refold
refold._Worker.refold = lambda *_: print("at work", flush=True) or time.sleep(60)
main()
"""
    asked = [sys.executable, "-c", program, "rebuild", "orders_grid"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert any("at work" in text for text in killed.stdout)
        assert "Another rebuild" in run("rebuild", "orders_grid").output
        killed.kill()
    deadline = monotonic() + 10
    while (rebuilt := run("rebuild", "orders_grid")).exit_code and monotonic() < deadline:
        sleep(0.1)
    assert "Folded 1 events into 1 rows" in rebuilt.output


def test_a_rebuild_can_be_taken_back(shop: Shop, run: Run) -> None:
    spoil(shop)
    run("rebuild", "orders_grid")
    assert run("rebuild", "orders_grid", "--rollback").exit_code == 0
    assert "elsewhere" in str(table(shop.database, "orders_grid"))


def test_a_rebuild_can_insist_on_equality(shop: Shop, run: Run) -> None:
    spoil(shop)
    refused = run("rebuild", "orders_grid", "--only-if-equal")
    assert refused.exit_code == 1
    assert "The live edition stays" in refused.output


def test_there_is_nothing_to_take_back_before_a_rebuild(run: Run) -> None:
    refused = run("rebuild", "tracking", "--rollback")
    assert (refused.exit_code, "no earlier edition" in refused.output) == (1, True)


def test_lag_and_parked_orders_are_shown_and_retried(shop: Shop, run: Run) -> None:
    order = shop.place()
    shop.follow()
    shop.place()
    with psycopg.connect(shop.database.projector_url) as connection:
        connection.execute(
            "INSERT INTO read.parked (projection, partition_id, position, error) VALUES ('orders_grid', %s, 1, 'odd')",
            [order],
        )
    shown = run("projections").output
    assert "orders_grid    position 1, 1 events" in shown
    assert f"parked: orders_grid {order} at position 1" in shown
    assert f"{order}: shown again" in run("retry", "orders_grid", str(order)).output
    assert run("retry", "orders_grid", str(order)).exit_code == 1
    assert run("retry", "orders_grid").exit_code == 0
    assert "parked:" not in run("projections").output


def test_what_cannot_be_folded_keeps_its_row_over_a_rebuild_and_is_named_by_verify(shop: Shop, run: Run) -> None:
    sick, well = shop.place(), shop.place()
    shop.follow()
    before = table(shop.database, "orders_grid")[str(sick)]
    damage = Spoiled(shop.database.owner_url, sick)
    told = run("verify", "orders_grid")
    assert told.exit_code == 1
    assert f"{sick}: cannot be folded, because of position {damage.position}; its row stays as it is" in told.output
    assert "daybook rebuild" not in told.output

    rebuilt = run("rebuild", "orders_grid")
    assert "into 2 rows; 1 orders parked" in rebuilt.output
    assert table(shop.database, "orders_grid")[str(sick)] == before
    with psycopg.connect(shop.database.app_url) as connection:
        counted = connection.execute(
            "SELECT sum((counts ->> 'Pending')::int) FROM read.positions WHERE projection = 'orders_grid'"
        ).fetchone()
    assert counted == (2,)
    assert shop.queries.status_counts() == {"Pending": 2}

    damage.repair()
    told = run("verify", "orders_grid")
    assert f"{sick}: is parked and can be folded now: `daybook retry orders_grid {sick}`" in told.output
    assert run("retry", "orders_grid", str(sick)).exit_code == 0
    assert run("verify", "orders_grid").exit_code == 0
    assert table(shop.database, "orders_grid").keys() == {str(sick), str(well)}
    assert shop.queries.status_counts() == {"Pending": 2}
