"""Mails when clocks jump or an order cannot be read: the others are told, and so is that one after its repair."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from application.processes.mailing import Mailing
from tests.adapters.mail.unkind_server import UnkindServer, unkind_server
from tests.application.mail_room import MailRoom, open_mail_room
from tests.support.postgres import Database
from tests.support.spoiling import Spoiled, unprotected


@pytest.fixture
def server() -> Iterator[UnkindServer]:
    with unkind_server() as server:
        yield server


@pytest.fixture
def room(fresh_database: Database, server: UnkindServer, tmp_path: Path) -> Iterator[MailRoom]:
    with open_mail_room(fresh_database.app_url, tmp_path, server.address) as room:
        yield room


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline, "it did not come to pass"
        sleep(0.02)


def test_customers_are_told_of_new_orders_while_the_logs_times_are_days_ahead(
    room: MailRoom, fresh_database: Database
) -> None:
    """As after a jump of the database's clock: no time in the log is before the one before it."""
    room.office.place()
    room.notice()
    with unprotected(fresh_database.owner_url, "events") as connection:
        connection.execute("UPDATE log.events SET recorded_at = recorded_at + interval '3 days'")
    order = room.office.place()
    room.work()
    assert room.told(order) == ["Requested", "Attempted", "Sent"]


def test_orders_of_before_a_jump_of_our_clock_are_told_too(room: MailRoom) -> None:
    room.office.place()
    room.notice()
    order = room.office.place()
    room.office.clock_runs_ahead = timedelta(days=20)
    room.notice()
    assert room.told(order) == ["Requested"]


def test_an_order_that_cannot_be_read_is_set_aside_and_told_after_its_repair(
    room: MailRoom, fresh_database: Database
) -> None:
    sick, well = room.office.place(), room.office.place()
    damage = Spoiled(fresh_database.owner_url, sick, "key")
    worker = room.notifications()
    room.notice(worker)
    room.deliver()
    assert room.told(well) == ["Requested", "Attempted", "Sent"]
    [row] = room.office.set_aside()
    assert (row.process, row.what, str(row.order_id)) == ("notifications", f"position:{damage.position}", sick)
    damage.repair()
    room.office.retry("notifications")
    room.work()
    assert room.told(sick) == ["Requested", "Attempted", "Sent"]
    assert room.office.set_aside() == []


def test_a_mail_of_an_order_that_cannot_be_read_waits_and_the_others_leave(
    room: MailRoom, server: UnkindServer, fresh_database: Database
) -> None:
    sick, well = room.office.place(), room.office.place()
    room.notice()
    damage = Spoiled(fresh_database.owner_url, sick, "payload")
    mailing = Mailing(room.deliveries(), room.office.attempts("mailing"), senders=1)
    wait_until(lambda: not mailing.step() and len(server.messages) == 1)
    mailing.close()
    assert [(row.process, str(row.order_id)) for row in room.office.set_aside()] == [("mailing", sick)]
    assert room.told(well) == ["Requested", "Attempted", "Sent"]
    damage.repair()
    room.office.retry("mailing")
    mailing = Mailing(room.deliveries(), room.office.attempts("mailing"), senders=1)
    wait_until(lambda: not mailing.step() and len(server.messages) == 2)
    mailing.close()
    assert room.told(sick) == ["Requested", "Attempted", "Sent"]
    assert room.office.set_aside() == []
