"""A person signs in by a real provider in a real browser: there, back to the page that was wanted, and out again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import AXE, SERIOUS
from tests.support.oidc import Keys, OpenIdProvider
from tests.support.running import Running, free_port


@dataclass
class House:
    """A Daybook that believes a provider."""

    home: str
    provider: OpenIdProvider


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("oidc")
    (folder / "provider").mkdir()
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    provider = OpenIdProvider(folder / "provider", Keys("browser"), f"{home}/sign-in/oidc/callback")
    settings = {
        "PORT": str(port),
        "PUBLIC_URL": home,
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": "daybook",
        "OIDC_CLIENT_SECRET": "a secret of the pages",
        "OIDC_LABEL": "Example account",
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        run = Running(folder / "home", stdout=None, **settings)
    try:
        run.wait_until_ready()
        yield House(home, provider)
    finally:
        run.close()
        provider.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en-GB", timezone_id="Europe/Lisbon")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def sign_in_there(page: Page, login: str) -> None:
    """What the provider asks: who it is, and whether they agree."""
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()


def test_a_person_comes_back_to_the_page_that_was_wanted_and_goes(house: House, page: Page) -> None:
    page.goto(f"{house.home}/invoices?limit=5")
    button = page.get_by_role("link", name="Sign in with Example account")
    expect(button).to_be_visible()
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(found => found.violations)")
    assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
    button.click()
    sign_in_there(page, "ana")
    page.wait_for_url(f"{house.home}/invoices?limit=5")
    cookies = {each["name"]: each for each in page.context.cookies(house.home)}
    assert cookies["daybook_session"]["httpOnly"]
    assert cookies["daybook_zone"]["value"] == "Europe/Lisbon"
    assert "daybook_oidc" not in cookies
    page.goto(f"{house.home}/settings")
    expect(page.get_by_text("Ana Silva").first).to_be_attached()

    page.get_by_label("Signed in as Ana Silva").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out of Daybook.")).to_be_visible()
    page.get_by_role("link", name="Sign out of Example account").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{house.home}/sign-in")


def test_who_has_no_role_or_cancels_is_told_so(house: House, page: Page) -> None:
    page.goto(f"{house.home}/sign-in")
    page.get_by_role("link", name="Sign in with Example account").click()
    sign_in_there(page, "eve")
    expect(page.get_by_role("alert")).to_contain_text("you have no role in Daybook")
    page.get_by_role("link", name="Sign out of Example account").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{house.home}/sign-in")
    page.get_by_role("link", name="Sign in with Example account").click()
    page.get_by_text("Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("did not let you in (access_denied)")
    assert json.dumps(page.context.cookies(house.home)).count("daybook_session") == 0
