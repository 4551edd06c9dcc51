"""An admin makes a key in a real browser, gives it to a program, replaces it and revokes it."""

import time
from http.client import HTTPConnection

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def works(visit: Visit, key: str) -> bool:
    connection = HTTPConnection("127.0.0.1", visit.running.port, timeout=10)
    try:
        connection.request("GET", "/queries/orders?limit=1", headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().status == 200
    finally:
        connection.close()


def test_a_key_is_made_replaced_and_revoked(visit: Visit) -> None:
    page = visit.go("/settings")
    page.get_by_role("link", name="Keys and people").click()
    page.get_by_text("New key").click()
    page.get_by_label("Who holds it").fill("Web shop of Porto")
    page.get_by_role("button", name="Create the key").dblclick()
    shown = page.locator("[data-secret]")
    expect(shown).to_be_visible()
    first = shown.inner_text()
    assert works(visit, first)
    assert visit.axe() == []

    page.get_by_role("link", name="Keys and people").click()
    expect(page.get_by_role("link", name="Web shop of Porto")).to_have_count(1)  # a double click makes one
    assert first not in page.content()
    assert visit.axe() == []
    page.get_by_role("link", name="Web shop of Porto").click()
    page.locator("summary", has_text="Replace").click()
    page.get_by_role("button", name="Replace the key").click()
    second = page.locator("[data-secret]").inner_text()
    assert second != first
    assert works(visit, first)
    assert works(visit, second)

    page = visit.go(f"/settings/keys/{first.split('_')[1]}")
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_text("The key is revoked.")).to_be_visible()
    deadline = time.monotonic() + 2
    while works(visit, first) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not works(visit, first)
    assert works(visit, second)


def test_the_pages_of_keys_fit_a_phone(visit: Visit) -> None:
    page = visit.go("/settings/keys")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("New key").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visit.axe() == []
