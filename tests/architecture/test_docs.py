"""The prose keeps its promises: every setting, command and make target that exists is documented, and vice versa."""

import re
from pathlib import Path

import pytest
from click import Command, Context, Group

from daybook.cli.main import main
from daybook.ownership import PACKAGES
from daybook.settings import DOCUMENTED
from domain.lifecycle import LIFECYCLE
from domain.status import Status

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_LINE_PAGE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")


def commands(group: Group, prefix: str = "daybook") -> dict[str, Command]:
    found: dict[str, Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, Group):
            found |= commands(command, f"{prefix} {name}")
        else:
            found[f"{prefix} {name}"] = command
    return found


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_setting_is_documented_with_its_default() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)?", page, re.MULTILINE))
    assert rows == DOCUMENTED


@pytest.mark.parametrize("command", commands(main))
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in COMMAND_LINE_PAGE


@pytest.mark.parametrize(("title", "command"), commands(main).items())
def test_every_command_explains_itself(title: str, command: Command) -> None:
    assert command.help
    assert command.help.partition("\n")[0].endswith((".", ":"))
    with Context(command, info_name=title) as context:
        assert "Usage:" in command.get_help(context)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_tells_to_type_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"\bmake ([a-z][a-z-]+)(?=[`\s\\]|$)", code_in(text))) <= make_targets()
    groups = [name for name, command in main.commands.items() if isinstance(command, Group)]
    typed = set(re.findall(rf"\b(daybook (?:(?:{'|'.join(groups)}) )?[a-z]+)", code_in(text)))
    assert typed <= commands(main).keys() | {f"daybook {group}" for group in groups}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_lifecycle_page_is_the_lifecycle() -> None:
    page = (ROOT / "docs" / "reference" / "lifecycle.md").read_text(encoding="utf-8")
    stops = re.search(r"A held order answers (.*) with\n?", page)
    assert stops
    assert set(re.findall(r"`([a-z-]+)`", stops[1])) == {
        name for name, rule in LIFECYCLE.items() if rule.names_the_stop
    }
    assert all(status in page for status in Status)


@pytest.mark.parametrize("folder", PACKAGES)
def test_the_map_of_the_readme_shows_every_package(folder: str) -> None:
    assert f"{folder}/" in README


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)#]+\.md)\)", index)}
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - {ROOT / "docs" / "README.md"} <= linked


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_says_when_it_was_taken_and_whether_it_stands(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").split("\n")
    assert re.fullmatch(r"# [0-9]+\. .+", lines[0])
    assert re.fullmatch(r"Date: [0-9]{4}-[0-9]{2}-[0-9]{2}\. Status: (accepted|replaced by .+)\.", lines[2])


def test_the_places_that_the_glossary_names_exist() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:{})/[^`*]*)`".format("|".join(PACKAGES)), glossary):
        assert (ROOT / name).exists(), name


def code_in(text: str) -> str:
    """What stands in code blocks and between backquotes."""
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join(blocks + re.findall(r"`[^`\n]+`", text))
