"""The description before other people's rules: Redocly's, and Spectral's for OpenAPI. Neither errors nor warnings."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.npm_packages import node_modules

HERE = Path(__file__).parent
RULES = HERE / "spectral.yaml"


def complaints(*command: str | Path, folder: Path) -> str:
    """What a linter has to say; nothing where all is well."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def without_examples(described: Path) -> Path:
    """The description without its examples, which Spectral takes long over and another test holds against it."""
    document: Any = json.loads(described.read_text(encoding="utf-8"))
    answers = [
        *(
            response
            for found in document["paths"].values()
            for each in found.values()
            for response in each["responses"].values()
        ),
        *document["components"]["responses"].values(),
    ]
    for media in (media for answer in answers for media in answer.get("content", {}).values()):
        media.pop("examples", None)
    path = described.with_name("without-examples.json")
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_redocly_has_nothing_to_say(described: Path) -> None:
    program = node_modules(HERE) / ".bin" / "redocly"
    assert not complaints(program, "lint", described, "--extends=recommended-strict", folder=described.parent)


def test_spectral_has_nothing_to_say(described: Path) -> None:
    program = node_modules(HERE) / ".bin" / "spectral"
    given = ("--ruleset", RULES, "--fail-severity", "hint")
    assert not complaints(program, "lint", without_examples(described), *given, folder=described.parent)
