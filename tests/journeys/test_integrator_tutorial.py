"""The integrator's first hour, word for word: a shell types every command of the page, each answer is compared."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_readme import export, folder_of_a_reader
from tests.support.running import Running

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "integrator.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PROMISES = re.findall(r"   # (.+)$", "".join(BLOCKS), re.MULTILINE)

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the page uses curl")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = folder_of_a_reader(tmp_path_factory)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        run = Running(folder / "var")
    try:
        yield run.wait_until_ready()
    finally:
        run.close()


def answers_to(running: Running, script: str) -> list[Any]:
    """What is answered to the commands whose answer the page comments on."""
    shell = ["sh", "-ec", f"{export(running)}\n{script}"]
    done = subprocess.run(shell, cwd=running.home.parent, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    decoder, found, rest = json.JSONDecoder(), [], done.stdout.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        found.append(answer)
        rest = rest[end:].strip()
    return found


def test_every_answer_of_the_first_hour_is_what_the_page_says(running: Running) -> None:
    answers = [answer for answer in answers_to(running, "".join(BLOCKS)) if "invoice.pdf" not in answer]
    assert len(answers) == len(PROMISES)
    for promise, answer in zip(PROMISES, answers, strict=True):
        name, _, value = promise.partition(": ")
        shown = answer["items"][0] if "items" in answer else answer
        assert value in shown[name], (promise, answer)
    assert (running.home.parent / "invoice.pdf").read_bytes().startswith(b"%PDF")
