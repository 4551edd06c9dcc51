"""What processes do side by side: bounded, one at a time of a holder, and gone on with after an end."""

from threading import Event
from time import monotonic, sleep

from application.processes.side_by_side import SideBySide


def test_of_one_holder_one_thing_is_under_way_at_a_time() -> None:
    going = Event()
    work = SideBySide("test", 2)

    def wait() -> None:
        going.wait(5)

    assert work.start("a", wait)
    assert not work.start("a", going.set)
    assert work.start("b", going.set)
    work.close()
    assert work.under_way == 0


def test_what_was_closed_begins_anew_and_what_never_began_takes_no_place() -> None:
    begun, going, done = Event(), Event(), Event()

    def wait() -> None:
        begun.set()
        going.wait(5)

    work = SideBySide("test", 1)
    assert work.start("first", wait)
    assert work.start("never begun", done.set)
    assert begun.wait(5)
    work.close(0.01)
    going.set()
    until = monotonic() + 5
    while not work.start("never begun", done.set) and monotonic() < until:
        sleep(0.01)
    assert done.wait(5)
    work.close()
    assert work.under_way == 0
