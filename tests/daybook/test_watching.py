"""What /readyz and /metrics tell of the worker and of what waits: a warning where somebody has to look."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from application.command import Actor
from application.desk import Desk
from application.holding import HoldingRules
from daybook.cli.processes import processes_command
from daybook.cli.read_models import retry_command
from daybook.run.storage import Storage
from daybook.run.watching import Watch
from eventstore import aside
from projections.catalogue import READ_MODELS
from projections.engine.lag import LagWatch
from projections.orders.queries import read_pool
from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database

ORDER = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def shop(fresh_database: Database) -> Iterator[Shop]:
    with open_shop(fresh_database) as shop:
        yield shop


@pytest.fixture
def watch(shop: Shop) -> Iterator[Watch]:
    with read_pool(shop.database.app_url, 2) as pool:
        yield Watch(pool, LagWatch(pool, [model.name for model in READ_MODELS]), Storage(Path("/"), 0, 0), 60)


def told(shop: Shop, statement: str, *values: Any) -> None:
    with psycopg.connect(shop.database.owner_url) as connection:
        connection.execute(statement.encode(), values)


class DyingDesk(Desk):
    """A desk that dies after an approval, before what was approved is done."""

    def carry_out(self, approval_id: UUID) -> None:
        raise ConnectionError(approval_id)


def beat(shop: Shop, silent: int, round_seconds: int = 0) -> None:
    told(
        shop,
        "INSERT INTO work.heartbeats VALUES ('batches', 'm:1', now() - make_interval(secs => %s), "
        "now() - make_interval(secs => %s), 7, 2)",
        silent,
        silent + round_seconds,
    )


def set_aside(shop: Shop) -> None:
    told(
        shop,
        "INSERT INTO work.set_aside (process, what, order_id, error, next_try) "
        "VALUES ('batches', 'batch:1', %s, 'refused: x', now() + interval '1 minute')",
        ORDER,
    )


def test_a_server_with_nothing_to_look_at_is_ready(shop: Shop, watch: Watch) -> None:
    beat(shop, 1)
    assert (watch.complaints(), watch.warnings()) == ([], [])


def test_what_is_set_aside_is_a_warning_and_a_figure(shop: Shop, watch: Watch) -> None:
    beat(shop, 1)
    set_aside(shop)
    assert watch.complaints() == []
    assert watch.warnings() == ["batches has set aside 1; see `daybook processes`."]
    figures = watch.metrics().decode().splitlines()
    assert 'daybook_process_set_aside{process="batches"} 1.0' in figures
    assert 'daybook_process_steps{process="batches"} 7.0' in figures


def test_a_worker_that_is_gone_or_stuck_is_a_warning(shop: Shop, watch: Watch) -> None:
    beat(shop, 40, 200)
    assert watch.warnings() == [
        "batches has been at one step for 200 s.",
        "The worker has not been heard of for 40 s; start `daybook work`.",
    ]


def test_a_clock_that_was_set_back_is_a_warning(shop: Shop, watch: Watch) -> None:
    shop.place()
    with psycopg.connect(shop.database.owner_url) as connection:
        connection.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
        connection.execute("UPDATE log.events SET recorded_at = recorded_at + interval '3 days'")
        connection.execute("ALTER TABLE log.events ENABLE ALWAYS TRIGGER append_only")
    [warning] = watch.warnings()
    assert "after the database's clock, which was set back" in warning
    assert "daybook_log_ahead_seconds 2" in watch.metrics().decode()


def test_the_commands_list_what_is_set_aside_and_have_it_tried(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", shop.database.owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", make_conninfo(shop.database.app_url, options=""))
    beat(shop, 3)
    set_aside(shop)
    listed = CliRunner().invoke(processes_command, catch_exceptions=False).output
    assert "batches        heard of 3 s ago (m:1), 7 steps, 2 failed" in listed
    assert f"set aside: batches batch:1 of {ORDER} since" in listed
    assert "1 attempts, again in" in listed
    again = CliRunner().invoke(retry_command, ["batches", ORDER], catch_exceptions=False)
    assert "batch:1: the worker tries it again now" in again.output
    with psycopg.connect(shop.database.owner_url) as connection:
        assert connection.execute("SELECT next_try <= now() FROM work.set_aside").fetchone() == (True,)
    assert CliRunner().invoke(processes_command, ["--check"]).exit_code == 0
    told(shop, "UPDATE work.heartbeats SET beat_at = beat_at - interval '1 minute'")
    silent = CliRunner().invoke(processes_command, ["--check"])
    assert (silent.exit_code, "at one step for long: batches." in silent.output) == (1, True)
    nobody = CliRunner().invoke(retry_command, ["mailing", ORDER])
    assert (nobody.exit_code, "has set aside nothing" in nobody.output) == (1, True)


def test_what_will_never_be_done_is_given_up_and_warns_no_more(
    shop: Shop, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", shop.database.owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", make_conninfo(shop.database.app_url, options=""))
    set_aside(shop)
    assert CliRunner().invoke(retry_command, ["batches", "--give-up"]).exit_code == 2
    given_up = CliRunner().invoke(retry_command, ["batches", ORDER, "--give-up"], catch_exceptions=False)
    assert f"`daybook retry batches {ORDER}` has it tried again" in given_up.output
    assert watch.warnings() == []
    assert "1 attempts, given up: refused: x" in CliRunner().invoke(processes_command, catch_exceptions=False).output
    with psycopg.connect(shop.database.app_url) as connection:
        assert [row.due for row in aside.set_aside(connection, "batches")] == [False]
    CliRunner().invoke(retry_command, ["batches", ORDER], catch_exceptions=False)
    with psycopg.connect(shop.database.app_url) as connection:
        assert [row.due for row in aside.set_aside(connection, "batches")] == [True]


def test_what_was_approved_and_waits_too_long_is_a_warning(shop: Shop, watch: Watch) -> None:
    beat(shop, 1)
    desk = DyingDesk(shop.log, replace(shop.desk._outside, holding=HoldingRules(always=frozenset({"orders/cancel"}))))
    asked = replace(shop, desk=desk).do("orders/cancel", shop.place())
    decided = replace(shop, desk=desk, commands=2).do(
        "approvals/approve", UUID(asked["approval_id"]), actor=Actor("admin", "ana")
    )
    assert (decided["status"], watch.warnings()) == ("approved", [])
    told(shop, "ALTER TABLE log.events DISABLE TRIGGER USER")
    told(shop, "UPDATE log.events SET recorded_at = recorded_at - interval '3 minutes'")
    told(shop, "SELECT pg_sleep(1.1)")  # the watch asks once a second at most
    assert any(each.startswith("approving is 18") for each in watch.warnings())


def test_mails_that_wait_too_long_are_a_warning_and_a_figure(shop: Shop, watch: Watch) -> None:
    beat(shop, 1)
    told(
        shop,
        "INSERT INTO log.claims SELECT 'notification_due', to_char(now() AT TIME ZONE 'UTC' - interval '2 minutes', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00|' || %s, %s",
        ORDER,
        ORDER,
    )
    (warning,) = watch.warnings()
    assert warning.startswith("mailing is 12")
    assert b'daybook_process_waiting_seconds{process="mailing"} 12' in watch.metrics()
    assert b'daybook_process_waiting_seconds{process="expiry"} 0.0' in watch.metrics()


def test_events_that_nobody_seals_are_a_warning_and_a_figure(shop: Shop, watch: Watch) -> None:
    shop.place()
    told(shop, "ALTER TABLE log.events DISABLE TRIGGER USER")
    told(shop, "UPDATE log.events SET recorded_at = recorded_at - interval '95 seconds'")
    assert any("is not sealed; see logs/seal.log" in warning for warning in watch.warnings())
    figures = dict(line.split(" ") for line in watch.metrics().decode().splitlines() if not line.startswith("#"))
    assert float(figures["daybook_log_unsealed_seconds"]) > 90


def test_a_webhook_that_paused_itself_is_a_warning_and_a_figure(shop: Shop, watch: Watch) -> None:
    told(
        shop,
        "INSERT INTO webhooks.endpoints (webhook_id, url, origin, events, position, state, paused_why, failures)"
        " VALUES (%s, 'https://erp.example.com/x', 'https://erp.example.com', '{*}', 0, 'paused', 'gone', 3)",
        ORDER,
    )
    (warning,) = watch.warnings()
    assert warning.startswith("The webhook to https://erp.example.com is paused, because its receiver is gone")
    figures = watch.metrics().decode()
    assert f'daybook_webhook_paused{{webhook_id="{ORDER}"}} 1.0' in figures
    assert f'daybook_webhook_failures{{webhook_id="{ORDER}"}} 3.0' in figures
    assert f'daybook_webhook_waiting{{webhook_id="{ORDER}"}} 0.0' in figures
