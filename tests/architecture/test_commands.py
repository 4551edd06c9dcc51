"""Between the edge and the event everything is typed: no body is taken apart by the names of its fields."""

import re
from pathlib import Path

import pytest

from application.catalogue import AREAS, COMMANDS
from domain.document_kinds import KIND_OF_COLLECTION
from web.commands.routes import BODIES

ROOT = Path(__file__).parents[2]
MODULES = [path for package in ("application", "domain") for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_takes_a_body_apart(path: Path) -> None:
    assert not re.search(r"body\[|body\.get\(|\*\*facts: Any", path.read_text(encoding="utf-8"))


def test_a_name_stands_in_the_catalogue_once() -> None:
    assert len(COMMANDS) == sum(len(area.COMMANDS) for area in AREAS)


def test_every_command_is_sent_to_a_kind_of_document_or_by_a_number() -> None:
    assert {row.area for row in COMMANDS.values()} - {"tracking-events"} <= KIND_OF_COLLECTION.keys()


def test_every_schema_makes_commands_that_exist() -> None:
    assert BODIES.keys() <= {row.value for row in COMMANDS.values()}
