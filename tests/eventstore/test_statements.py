"""Statements straight on libpq: rows as they come, and a connection that stays good whatever the reader does."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from eventstore.statements import stream

NUMBERS = "SELECT n FROM generate_series(1, $1::integer) n"


def numbers(owner: psycopg.Connection[Any], upto: int, at_once: int) -> Iterator[list[int]]:
    return stream(owner, NUMBERS, [str(upto).encode()], lambda values: int(values[0]), at_once=at_once)


def test_rows_come_in_pieces_and_in_order(owner: psycopg.Connection[Any]) -> None:
    pieces = list(numbers(owner, 25, at_once=10))
    assert [len(piece) for piece in pieces] == [10, 10, 5]
    assert [number for piece in pieces for number in piece] == list(range(1, 26))


def test_no_rows_are_no_pieces(owner: psycopg.Connection[Any]) -> None:
    assert list(numbers(owner, 0, at_once=10)) == []


def test_a_reader_that_stops_early_leaves_a_good_connection(owner: psycopg.Connection[Any]) -> None:
    pieces = numbers(owner, 50_000_000, at_once=10)
    assert next(pieces)[0] == 1
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert list(numbers(owner, 3, at_once=10)) == [[1, 2, 3]]


def test_what_the_server_refuses_is_raised_and_the_connection_stays_good(owner: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        list(stream(owner, "SELECT 1 / (n - 15) FROM generate_series(1, 20) n", [], tuple, at_once=10))
    assert list(numbers(owner, 1, at_once=10)) == [[1]]
