"""A copy of the tree in which the how-to pages are followed: their blocks change files, and what came out is run."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from daybook.ownership import PACKAGES
from tests.support.postgres import Database

ROOT = Path(__file__).parents[2]
HEAD = """
import json, sys
from uuid import UUID
from pathlib import Path
from tests.projections.shop import open_shop
from tests.support.orders import line, packed
from tests.support.postgres import Database
database = Database(**json.loads(sys.argv[1]))
"""


class Scratch:
    """The copy, in a folder that is thrown away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (*PACKAGES, "tests"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "ruff.toml", folder)
        self.changed: list[str] = []

    def follow(self, page: str) -> str:
        """Make the changes that a page tells in its diffs; its text."""
        text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
        for name, lines in re.findall(r"^```diff\n([^\n]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            self._change(name, lines.splitlines())
        return text

    def write(self, name: str, text: str) -> None:
        """A new file."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self.changed.append(name)

    def _change(self, name: str, lines: Iterable[str]) -> None:
        """Replace the only place that reads like the lines without those to be added."""
        kept = [line for line in lines if line]
        before = "".join(f"{line[1:]}\n" for line in kept if line[0] != "+")
        after = "".join(f"{line[1:]}\n" for line in kept if line[0] != "-")
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{name} has {text.count(before)} places that read\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")
        self.changed.append(name)

    def run(self, script: str, database: Database) -> str:
        """What a program prints in the copy; it has ``database`` and the shop of the tests."""
        command = [sys.executable, "-c", HEAD + script, json.dumps(asdict(database))]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=240)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def block(page: str, language: str) -> str:
    """The page's only block in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(found)
