"""A running Daybook and a Chromium that looks at it; without a Chromium these tests say what to install."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.support.running import Running

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "no Chromium on this machine; install one (Debian, Ubuntu: apt install chromium)"
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
ADDRESS = {"name": "Ana Silva", "street": ["Rua Nova 1"], "city": "Porto", "postcode": "4000-001", "country": "PT"}
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        run = Running(tmp_path_factory.mktemp("browser") / "home")
        try:
            yield run.wait_until_ready()
        finally:
            run.close()


class Visit:
    """One person's browser: what it said on its console, and whom it asked, is looked at in the end."""

    def __init__(self, context: BrowserContext, running: Running) -> None:
        self.context = context
        self.running = running
        self.complaints: list[str] = []
        self.base = f"http://127.0.0.1:{running.port}"
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)
        return page

    def _hear(self, kind: str, text: str) -> None:
        # Chromium tells every answer that is no success: a refusal in a form is one, and looked at as such.
        if kind != "verbose" and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _see(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.base).netloc:
            self.complaints.append(f"asked {request.url}")

    def sign_in(self, role: str = "admin", *, key: str | None = None) -> "Visit":
        self.page.goto(f"{self.base}/sign-in")
        self.page.get_by_label("Your key").fill(key or self.running.key(role))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.base}/")
        return self

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.base}{path}")
        return self.page

    def axe(self) -> list[str]:
        """What axe finds serious on the page at hand."""
        self.page.evaluate(AXE)
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then(found => found.violations)")
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in SERIOUS]


@pytest.fixture
def visit(chromium: Browser, running: Running) -> Iterator[Visit]:
    """A browser in which an admin is signed in; it must not have complained in the end."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="Europe/Lisbon")
    one = Visit(context, running).sign_in()
    yield one
    context.close()
    assert one.complaints == []


def place(running: Running, **changes: Any) -> dict[str, Any]:
    """Place an order over the API; its answer."""
    order = {
        "store": "main",
        "currency": "EUR",
        "customer": {"id": "c-1001", "email": "ana@example.com", "name": "Ana Silva"},
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "payment": {"method": "bank_transfer"},
        "lines": [{"line_id": "1", "sku": "MUG-01", "name": "Mug", "quantity": 3, "unit_price": "9.99"}],
    }
    status, placed = running.ask("/commands/orders", "integrator", order | changes)
    assert status == 201, json.dumps(placed)
    running.ask(f"/queries/orders?limit=1&min_position={placed['position']}", "admin")
    return placed  # type: ignore[no-any-return]
