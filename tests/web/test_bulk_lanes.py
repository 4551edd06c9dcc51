"""Whose turn it is among the lines of a bulk request."""

from threading import Thread

from web.commands.lanes import Lanes

SECONDS = 10.0


def test_of_each_order_one_line_is_taken_at_a_time_in_the_order_they_came() -> None:
    lanes: Lanes[int, str] = Lanes(9)
    for name, line in ((1, "1a"), (1, "1b"), (2, "2a"), (3, "3a"), (2, "2b")):
        lanes.put(name, line)
    assert lanes.take(2) == [(1, "1a"), (2, "2a")]
    assert lanes.take(9) == [(3, "3a")]
    lanes.done([2, 3])
    assert lanes.take(9) == [(2, "2b")]
    lanes.done([1])
    assert lanes.take(9) == [(1, "1b")]


def test_who_drains_waits_until_everything_is_done() -> None:
    lanes: Lanes[int, str] = Lanes(9)
    lanes.put(1, "a")
    (taken,) = lanes.take(9)
    waiting = Thread(target=lanes.drain, daemon=True)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    lanes.done([taken[0]])
    waiting.join(SECONDS)
    assert not waiting.is_alive()


def test_too_much_waits_before_it_is_put_in() -> None:
    lanes: Lanes[int, int] = Lanes(2)

    def put() -> None:
        for number in range(3):
            lanes.put(number, number)

    putting = Thread(target=put, daemon=True)
    putting.start()
    putting.join(0.1)
    assert putting.is_alive()
    assert [name for name, _ in lanes.take(9)] == [0, 1]
    lanes.done([0])
    putting.join(SECONDS)
    assert lanes.take(9) == [(2, 2)]


def test_when_it_is_over_nobody_waits_and_nothing_is_taken() -> None:
    lanes: Lanes[int, str] = Lanes(9)
    taken: list[object] = []
    waiting = Thread(target=lambda: taken.append(lanes.take(9)), daemon=True)
    waiting.start()
    lanes.end()
    waiting.join(SECONDS)
    lanes.put(1, "a")
    lanes.drain()
    assert taken == [[]]
    assert lanes.take(9) == []
