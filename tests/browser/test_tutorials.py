"""Every step of the tutorials, done as it is written: a line that begins with one of a few verbs is one action."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.support.running import Running

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "docs" / "tutorial"


@pytest.fixture(scope="session")
def sample(running: Running) -> None:
    """The sample of `make demo`, in the running Daybook."""
    environment = os.environ | {"DAYBOOK_HOME": str(running.home), "PORT": str(running.port)}
    subprocess.run([sys.executable, "-m", "daybook.demo"], env=environment, check=True, capture_output=True, cwd=ROOT)


def field(page: Page, label: str) -> Locator:
    if label == "Find, everywhere":
        return page.locator("#find")
    return page.get_by_label(label, exact=False).locator("visible=true").first


def unfold(page: Page, name: str) -> None:
    page.locator("details:not([open]) > summary", has_text=re.compile(rf"^\s*{re.escape(name)}\s*$")).locator(
        "visible=true"
    ).first.click()


def send(page: Page, name: str) -> None:
    page.locator("form.command button[type=submit]", has_text=re.compile(rf"^{re.escape(name)}$")).locator(
        "visible=true"
    ).first.click()


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True)).first.click()


STEPS: dict[str, Callable[..., object]] = {
    r"Type `(.+)` into \*\*(.+)\*\*": lambda page, text, label: field(page, label).fill(text),
    r"Choose `(.+)` under \*\*(.+)\*\*": lambda page, value, label: field(page, label).select_option(value),
    r"Press \*\*(.+)\*\*": lambda page, key: page.keyboard.press(key),
    r"Unfold \*\*(.+)\*\*": unfold,
    r"Send \*\*(.+)\*\*": send,
    r"Tick \*\*(.+)\*\*": lambda page, label: page.get_by_label(label).check(),
    r"Click \*\*(.+)\*\*": click,
    r"See \*\*(.+)\*\*": lambda page, text: expect(page.get_by_text(text).locator("visible=true").first).to_be_visible(
        timeout=30_000
    ),
}


def do(visit: Visit, step: str) -> None:
    opened = re.fullmatch(r"Open `(.+)`", step)
    if opened:
        visit.go(opened[1])
        return
    for pattern, act in STEPS.items():
        told = re.fullmatch(pattern, step)
        if told:
            act(visit.page, *told.groups())
            return
    raise AssertionError(f"nobody knows how to: {step}")


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("name", ["orders-desk", "warehouse"])
def test_every_step_of_the_tutorial_works_as_written(visit: Visit, name: str) -> None:
    page = (TUTORIALS / f"{name}.md").read_text(encoding="utf-8")
    steps = re.findall(r"^- (.+)\.$", page, re.MULTILINE)
    assert len(steps) > 8
    for step in steps:
        try:
            do(visit, step)
        except AssertionError as error:
            raise AssertionError(f"{step}: {error}") from error
