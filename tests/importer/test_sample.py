"""The sample that ships with Daybook is a file like any other, and everybody in it is invented."""

from importlib.resources import as_file

import msgspec
import pytest

from daybook.demo.__main__ import SAMPLE
from daybook.importing.lines import Line, read_lines
from web.commands.routes import ROUTES


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    with as_file(SAMPLE) as path:
        found = list(read_lines(path))
    assert all(isinstance(line, Line) for line in found)
    return [line for line in found if isinstance(line, Line)]


def test_every_command_is_one_that_the_server_reads(lines: list[Line]) -> None:
    bodies = {route.name: route.reader() for route in ROUTES}
    for line in lines:
        bodies["/".join(line.command.split("/")[::2])].accept(msgspec.json.decode(line.body))


def test_every_line_has_a_key_of_its_own(lines: list[Line]) -> None:
    assert len({line.key for line in lines}) == len(lines)


def test_it_is_sold_in_many_currencies_and_written_in_many_alphabets(lines: list[Line]) -> None:
    placed = [msgspec.json.decode(line.body) for line in lines if line.command == "orders"]
    assert {"EUR", "JPY", "KWD", "USD"} <= {order["currency"] for order in placed}
    names = "".join(order["customer"]["name"] for order in placed)
    assert all(letter in names for letter in "êΕШ佐आ민ل")


def test_no_mail_to_anybody_in_it_can_arrive(lines: list[Line]) -> None:
    placed = [msgspec.json.decode(line.body) for line in lines if line.command == "orders"]
    assert all(order["customer"]["email"].endswith(("@example.com", ".example")) for order in placed)
