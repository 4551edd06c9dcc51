"""Waiting for a position: short, bounded in number, and never for what the log does not have."""

import time
from threading import Event, Thread

import psycopg
import pytest

from projections.engine import positions
from projections.engine.positions import Behind, PositionUnknown, TooManyWaiting, Waiters, wait_for
from tests.projections.shop import Shop

TRACKING = "tracking"


def wait(shop: Shop, position: int | None, timeout_seconds: float = 0.2) -> int:
    with psycopg.connect(shop.database.app_url, autocommit=True) as connection:
        return wait_for(connection, TRACKING, position, timeout_seconds)


def test_a_position_that_is_shown_is_not_waited_for(shop: Shop) -> None:
    shop.place()
    shop.follow()
    assert wait(shop, shop.events(), timeout_seconds=0) == shop.events()


def test_a_position_that_is_recorded_but_not_shown_is_waited_for_a_while(shop: Shop) -> None:
    shop.place()
    began = time.monotonic()
    with pytest.raises(Behind) as behind:
        wait(shop, 1)
    assert time.monotonic() - began >= 0.2
    assert behind.value.position == 0


def test_a_position_above_the_logs_last_one_is_answered_at_once(shop: Shop) -> None:
    shop.place()
    began = time.monotonic()
    with pytest.raises(PositionUnknown) as unknown:
        wait(shop, 2, timeout_seconds=5)
    assert time.monotonic() - began < 1
    assert unknown.value.position == 1


def test_no_more_wait_than_may_wait(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.place()
    waiters = Waiters(1)
    monkeypatch.setattr(positions, "WAITERS", waiters)
    ended = Event()

    def first() -> None:
        with pytest.raises(Behind):
            wait(shop, 1, timeout_seconds=1)
        ended.set()

    waiting = Thread(target=first)
    waiting.start()
    while not waiters.waiting:
        time.sleep(0.01)
    with pytest.raises(TooManyWaiting) as refused:
        wait(shop, 1)
    assert (refused.value.position, ended.is_set()) == (0, False)
    waiting.join()
    assert waiters.waiting == 0
