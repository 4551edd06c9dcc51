"""Log lines: nothing is lost, nothing changes places, and what is urgent does not wait."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from daybook.run import log_lines
from daybook.run.log_lines import LineBuffer, LineLogger

ENDINGS = {
    "returns": "pass",
    "raises": "raise SystemExit(3)",
    "is a process of multiprocessing": "pass",
}
PROGRAM = """
import multiprocessing, structlog
from daybook.run import logs

def main():
    logs.configure("test")
    for number in range(1000):
        structlog.get_logger().info("line", number=number)
    {ending}

if __name__ == "__main__":
    {start}
"""


def test_information_is_written_within_moments() -> None:
    stream = io.StringIO()
    LineLogger(LineBuffer(stream)).info("one")
    deadline = time.monotonic() + 5
    while not stream.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stream.getvalue() == "one\n"


def test_a_warning_is_written_at_once_behind_what_was_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "WRITE_SECONDS", 3600)
    stream = io.StringIO()
    logger = LineLogger(LineBuffer(stream))
    logger.info("one")
    assert not stream.getvalue()
    logger.warning("two")
    logger.info("three")
    assert stream.getvalue() == "one\ntwo\n"


def test_a_thread_waits_when_too_many_lines_are_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "WRITE_SECONDS", 3600)
    stream = io.StringIO()
    logger = LineLogger(LineBuffer(stream))
    for number in range(log_lines.LINES_MAX + 1):
        logger.info(str(number))
    assert stream.getvalue().count("\n") == log_lines.LINES_MAX + 1


def test_nobody_who_reads_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", buffering=1) as stream:
        logger = LineLogger(LineBuffer(stream))
        for _ in range(3):
            logger.warning("Is anybody there?")
        with contextlib.suppress(BrokenPipeError):
            stream.close()


def test_lines_of_many_threads_stay_whole() -> None:
    stream = io.StringIO()
    buffer = LineBuffer(stream)
    logger = LineLogger(buffer)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: logger.info(f"line {number}"), range(5000)))
    buffer.flush()
    assert sorted(stream.getvalue().splitlines()) == sorted(f"line {number}" for number in range(5000))


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_line_is_written_when_the_process(ending: str, tmp_path: object) -> None:
    child = "process = multiprocessing.Process(target=main); process.start(); process.join()"
    start = child if "multiprocessing" in ending else "main()"
    program = PROGRAM.format(ending=ENDINGS[ending], start=start)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert [json.loads(line)["number"] for line in done.stderr.splitlines()] == list(range(1000))
