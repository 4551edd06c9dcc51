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

from tests.support.running import Running, free_port

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SCRIPT = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[0]

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the README's example uses curl")


def folder_of_a_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where `.venv/bin/python` is what it is in a clone."""
    folder = tmp_path_factory.mktemp("clone of a reader")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return folder


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


def export(running: Running) -> str:
    """The line that the run prints to be pasted."""
    lines: list[str] = re.findall(r"^  (export .*)$", running.said(), re.MULTILINE)
    return lines[-1]


def type_in(running: Running, script: str) -> list[str]:
    """What a shell answers to the commands after the line that the run has printed, one line per answer."""
    script = f"{export(running)}\n{script}"
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


def test_with_the_usual_port_and_folder_nothing_has_to_be_pasted() -> None:
    assert "DAYBOOK=${DAYBOOK:-http://127.0.0.1:8080}\n" in SCRIPT
    assert "KEY=${KEY:-$(.venv/bin/python" in SCRIPT
    assert "var/dev-keys.json" in SCRIPT


def test_the_key_is_found_in_the_folder_of_the_run(running: Running) -> None:
    finding = SCRIPT.partition("\n\n")[0] + '\necho "$DAYBOOK $KEY"'
    environ = {name: value for name, value in os.environ.items() if name not in {"DAYBOOK", "KEY"}}
    folder = running.home.parent
    done = subprocess.run(["sh", "-ec", finding], cwd=folder, capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.strip() == f"http://127.0.0.1:8080 {running.key('admin')}"


def test_the_examples_of_the_pages_do_not_collide() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "import.md").read_text(encoding="utf-8")
    assert set(re.findall(r'"external_reference": "([^"]+)"', page)).isdisjoint(
        re.findall(r'"external_reference": "([^"]+)"', README)
    )


def test_the_sample_without_a_server_says_so_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "daybook.demo", "--port", str(free_port())]
    environ = os.environ | {"DAYBOOK_HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=20)
    assert done.returncode == 1
    assert "Start the server first, with `make run`." in done.stderr
    assert done.stderr.count("\n") == 1
