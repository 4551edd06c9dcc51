"""The how-to that generates clients, followed to the letter: each of them runs the integrator's tutorial."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.npm_packages import node_modules
from tests.support.running import Running

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "how-to" / "generate-a-client.md").read_text(encoding="utf-8")
MINUTES = 300.0


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def said(running: Running, folder: Path, command: list[str]) -> str:
    """What a command prints, in a folder of its own, with the address and the key that the page asks for."""
    given = {
        "DAYBOOK": f"http://127.0.0.1:{running.port}",
        "KEY": running.key("integrator"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    environment = {**os.environ, **given}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=MINUTES
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_is_the_first_hour(told: str, folder: Path) -> None:
    steps = {line.partition(" ")[0]: line for line in told.splitlines()}
    assert list(steps) == ["placed", "refused", "paid", "invoiced", "changed", "shipped", "tracked"]
    assert "capture-payment" in steps["placed"]
    assert "payment_required" in steps["refused"]
    assert "Processing" in steps["paid"]
    assert "paid" in steps["invoiced"]
    assert "version_mismatch" in steps["changed"]
    assert "Complete" in steps["shipped"]
    assert "in_transit" in steps["tracked"]
    assert (folder / "invoice.pdf").read_bytes().startswith(b"%PDF")


def test_a_python_client_runs_the_tutorial(running: Running, tmp_path: Path) -> None:
    (tmp_path / "client.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    (tmp_path / "tutorial.py").write_text(blocks("python")[0], encoding="utf-8")
    generated = said(running, tmp_path, ["sh", "-ec", blocks("sh")[0]])
    assert "pieces may be missing" not in generated, generated
    assert_is_the_first_hour(said(running, tmp_path, [sys.executable, "tutorial.py"]), tmp_path)


def test_a_typescript_client_runs_the_tutorial(running: Running, tmp_path: Path) -> None:
    installed = node_modules(HERE)
    (tmp_path / "node_modules").symlink_to(installed)
    (tmp_path / "tutorial.ts").write_text(blocks("ts")[0], encoding="utf-8")
    install, *steps = blocks("sh")[1].splitlines()
    assert install.startswith("npm install")
    *made, run = steps
    said(running, tmp_path, ["sh", "-ec", "\n".join(made)])
    assert_is_the_first_hour(said(running, tmp_path, ["sh", "-ec", run]), tmp_path)
