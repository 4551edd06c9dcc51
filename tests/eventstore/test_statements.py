"""Statements straight on libpq: rows as they come, and a connection that stays good whatever the reader does."""

from collections.abc import Iterator, Sequence
from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg
import pytest

from eventstore.statements import Statement, prepare, run, stream

NUMBERS = "SELECT generate_series(1, $1::integer)"  # one by one, as they are asked for


def numbers(owner: psycopg.Connection[Any], upto: int, at_once: int) -> Iterator[list[int]]:
    return stream(owner, NUMBERS, [str(upto).encode()], lambda values: int(values[0]), at_once=at_once)


def test_rows_come_in_pieces_and_in_order(owner: psycopg.Connection[Any]) -> None:
    pieces = list(numbers(owner, 25, at_once=10))
    assert [len(piece) for piece in pieces] == [10, 10, 5]
    assert [number for piece in pieces for number in piece] == list(range(1, 26))


def test_no_rows_are_no_pieces(owner: psycopg.Connection[Any]) -> None:
    assert list(numbers(owner, 0, at_once=10)) == []


def test_a_reader_that_stops_early_stops_the_server_too(owner: psycopg.Connection[Any]) -> None:
    pieces = numbers(owner, 2_000_000_000, at_once=10)
    assert next(pieces)[0] == 1
    began = monotonic()
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert monotonic() - began < 5
    assert list(numbers(owner, 3, at_once=10)) == [[1, 2, 3]]


def test_a_row_that_cannot_be_made_leaves_a_good_connection(owner: psycopg.Connection[Any]) -> None:
    def refuse(values: Sequence[Any]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        list(stream(owner, NUMBERS, [b"2000000000"], refuse, at_once=10))
    assert list(numbers(owner, 3, at_once=10)) == [[1, 2, 3]]


def test_what_the_server_refuses_is_raised_and_the_connection_stays_good(owner: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        list(stream(owner, "SELECT 1 / (n - 15) FROM generate_series(1, 20) n", [], tuple, at_once=10))
    assert list(numbers(owner, 1, at_once=10)) == [[1]]


def test_a_session_that_ends_in_the_middle_is_an_operational_error(owner: psycopg.Connection[Any]) -> None:
    pieces = numbers(owner, 2_000_000_000, at_once=10)
    next(pieces)
    with psycopg.connect(owner.info.dsn, password=owner.info.password, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [owner.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        list(pieces)
    assert owner.closed


def test_other_threads_run_while_the_server_takes_its_time(owner: psycopg.Connection[Any]) -> None:
    turns = 0
    over = Event()

    def count() -> None:
        nonlocal turns
        while not over.wait(0.01):
            turns += 1

    beside = Thread(target=count)
    beside.start()
    list(stream(owner, "SELECT pg_sleep(0.5)", [], tuple, at_once=10))
    over.set()
    beside.join()
    assert turns > 10


def test_what_was_prepared_outlives_a_rollback(owner: psycopg.Connection[Any]) -> None:
    one = Statement(b"one", b"SELECT 1")
    prepare(owner, one)
    for _ in range(10):  # more often than psycopg asks before it prepares by itself
        owner.execute("SELECT %s::integer", [1])
    with owner.transaction(force_rollback=True):
        owner.execute("SELECT 2")
    assert run(owner, one, []).ntuples == 1
