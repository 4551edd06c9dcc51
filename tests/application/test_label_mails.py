"""Who is told that a parcel was shipped is told its number, even when that comes from the carrier a little later."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.carriers.simulated import SimulatedCarrier
from tests.adapters.mail.unkind_server import UnkindServer, unkind_server
from tests.application.labels import ask, booked, label_of
from tests.application.mail_room import MailRoom, open_mail_room
from tests.support.postgres import Database


@pytest.fixture
def server() -> Iterator[UnkindServer]:
    with unkind_server() as server:
        yield server


@pytest.fixture
def room(fresh_database: Database, server: UnkindServer, tmp_path: Path) -> Iterator[MailRoom]:
    """A mail room over an empty log."""
    with open_mail_room(fresh_database.app_url, tmp_path, server.address) as room:
        yield room


def texts(server: UnkindServer) -> list[str]:
    plain = [message.get_body(("plain",)) for message in server.messages]
    return [part.get_content() for part in plain if part is not None]


def test_the_mail_waits_for_the_number(room: MailRoom, server: UnkindServer, tmp_path: Path) -> None:
    answer = booked(room.office, notify=True)
    room.work()
    assert len(server.messages) == 1  # the order's
    ask(room.office, SimulatedCarrier(tmp_path / "carrier.sqlite"))
    number = label_of(room.office, answer).tracking_number
    room.deliver()
    assert len(server.messages) == 2
    assert number
    assert number in texts(server)[1]


def test_the_mail_does_not_wait_for_ever(room: MailRoom, server: UnkindServer) -> None:
    booked(room.office, notify=True)
    room.work()
    assert len(server.messages) == 1
    room.office.clock_runs_ahead += timedelta(minutes=16)
    room.deliver()
    assert len(server.messages) == 2


def test_a_shipment_without_a_carriers_label_is_told_at_once(room: MailRoom, server: UnkindServer) -> None:
    booked(room.office, notify=True, label=False)
    room.work()
    assert len(server.messages) == 2
