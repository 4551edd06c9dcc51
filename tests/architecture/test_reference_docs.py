"""What the documentation says in tables is what the product has in its tables."""

from pathlib import Path

import pytest

from application.catalogue import COMMANDS, COMMON_CODES
from tests.support.command_examples import EXAMPLES
from tests.support.reference_docs import BLOCK, BLOCKS, ROOT, filled, pages
from web.commands.routes import ROUTES, Route


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_made_parts_of_a_page_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == filled(text), "run make docs"


def test_every_part_that_can_be_made_stands_on_a_page() -> None:
    found = [made[1] for page in pages() for made in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(BLOCKS)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_example_of_a_command_is_a_body_that_it_takes(route: Route) -> None:
    assert isinstance(route.reader().accept(EXAMPLES.get(route.name, {})).command, route.command.value)


def test_every_example_is_of_a_command() -> None:
    assert EXAMPLES.keys() <= COMMANDS.keys()


def test_the_page_names_the_problems_that_every_command_may_have() -> None:
    page = (ROOT / "docs" / "reference" / "http-commands.md").read_text(encoding="utf-8")
    before = page.partition("<!-- made")[0].partition("Any command may also")[2]
    assert set(before.split("`")[1::2]) == COMMON_CODES
