"""The process that works: every piece of work has a name of its own."""

import pytest

from daybook.run.working import named_apart


class Idle:
    def __init__(self, name: str) -> None:
        self.name = name

    def step(self) -> bool:
        return False


def test_two_processes_of_one_name_are_not_started() -> None:
    with pytest.raises(RuntimeError, match="named mails"):
        named_apart([Idle("mails"), Idle("batches"), Idle("mails")])


def test_processes_with_names_of_their_own_are() -> None:
    processes = [Idle("mails"), Idle("batches")]
    assert named_apart(processes) is processes
