"""What the documentation says in tables is what the product has in its tables."""

from pathlib import Path

import pytest

from tests.support.reference_docs import BLOCK, BLOCKS, ROOT, filled, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_made_parts_of_a_page_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == filled(text), "run make docs"


def test_every_part_that_can_be_made_stands_on_a_page() -> None:
    found = [made[1] for page in pages() for made in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(BLOCKS)
