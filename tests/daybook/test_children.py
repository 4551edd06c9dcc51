"""A child that dies starts again at once; only one that keeps failing at its start has to wait."""

import sys
from pathlib import Path

import pytest

from daybook.run import children
from daybook.run.children import Child


def child(tmp_path: Path, program: str) -> Child:
    made = Child("clock", "unused", tmp_path / "clock.log", {})
    made._arguments = [sys.executable, "-c", program]
    return made


def ended(one: Child) -> str:
    assert one._process is not None
    one._process.wait()
    sentence = one.died()
    assert sentence is not None
    return sentence


def test_who_was_killed_starts_again_at_once_and_who_fails_at_its_start_waits_longer_each_time(tmp_path: Path) -> None:
    one = child(tmp_path, "raise SystemExit(3)")
    one.start()
    assert ended(one).endswith("it starts again at once.")
    pauses = []
    for _ in range(8):
        one._restart_at = 0.0
        assert one.restart_when_due() is None
        before = one._started
        ended(one)
        pauses.append(round((one._restart_at or 0) - before, 0))
    assert pauses[1:] == [1, 2, 4, 8, 16, 30, 30]


def test_who_lived_a_while_is_no_failed_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_START_SECONDS", 0.0)
    one = child(tmp_path, "raise SystemExit(3)")
    for _ in range(3):
        one.start()
        assert ended(one).endswith("it starts again at once.")


def test_what_cannot_be_started_is_told_and_tried_again(tmp_path: Path) -> None:
    one = child(tmp_path, "pass")
    one.start()
    ended(one)
    one.log = tmp_path / "no" / "such" / "folder.log"
    one._restart_at = 0.0
    told = one.restart_when_due()
    assert told is not None
    assert told.startswith("The process of the clock cannot be started (No such file or directory); again in ")
    one.log = tmp_path / "clock.log"
    one._restart_at = 0.0
    assert one.restart_when_due() is None
    ended(one)
