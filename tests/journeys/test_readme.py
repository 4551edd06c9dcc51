"""The README's first order, word for word: its commands are run by a shell against a running Daybook."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running import Running

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SCRIPT = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[0]

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the README's example uses curl")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("clone of a reader")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        run = Running(folder / "var")
    try:
        yield run.wait_until_ready()
    finally:
        run.close()


def type_in(running: Running, script: str) -> list[str]:
    """What a shell in the reader's folder answers to the commands, one line per answer."""
    script = script.replace("127.0.0.1:8080", f"127.0.0.1:{running.port}")
    shell = ["sh", "-ec", script]
    done = subprocess.run(shell, cwd=running.home.parent, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (0, "")
    return re.findall(r"\{.*?\}(?=\{\"items\"|$)", done.stdout.replace("\n", ""))


def test_the_first_order_of_the_readme_is_placed_and_answered_as_it_says(running: Running) -> None:
    promised = json.loads(re.findall(r'^    (\{"order_id": .*\})$', README, re.MULTILINE)[0])
    placed, listed = map(json.loads, type_in(running, SCRIPT))
    assert placed | {"order_id": "..."} == promised
    assert listed["items"] == [] or listed["items"][0]["order_id"] == placed["order_id"]
    again, listed = map(json.loads, type_in(running, SCRIPT))
    assert again == placed
    assert [item["order_id"] for item in listed["items"]] == [placed["order_id"]]
