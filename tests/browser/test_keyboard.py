"""By keyboard alone, and the pages that stand apart from the desk: signing in, finding, the account, results."""

from itertools import product

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ADDRESS, Visit, place
from tests.support.running import Running

WIDTHS = (1920, 1280, 390)


def looked_at(visit: Visit, path: str) -> None:
    """Nothing serious on the page at hand, in light and dark, wide, on a laptop and on a phone."""
    for scheme, width in product(("light", "dark"), WIDTHS):
        visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        visit.page.set_viewport_size({"width": width, "height": 800})
        assert visit.axe() == [], (path, scheme, width)
        fits = visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert fits, (path, scheme, width)


def test_the_pages_apart_from_the_desk_can_be_used_by_everybody(visit: Visit, running: Running) -> None:
    for number in range(2):
        place(running, customer={"id": "c-apart", "name": f"Apart {number}", "email": "apart@example.com"})
    page = visit.go("/find?q=c-apart")
    looked_at(visit, "/find")
    page.set_viewport_size({"width": 1280, "height": 800})
    visit.go("/?q=c-apart")
    page.get_by_label("Select all on this page").check()
    page.locator("#mass-action").select_option("orders/cancel")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("2 done")).to_be_visible(timeout=30_000)
    looked_at(visit, "the results of a mass action")
    visit.context.clear_cookies()
    visit.go("/sign-in")
    looked_at(visit, "/sign-in")
    page.get_by_label("Your key").fill("no key of ours")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at(visit, "/sign-in, refused")


def test_the_keyboard_alone_leads_into_the_page_and_back(visit: Visit, running: Running) -> None:
    order_id = place(running)["order_id"]
    page = visit.go("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("header details.menu > summary").press("Enter")
    expect(page.get_by_role("link", name="Settings").last).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("header details.menu[open]")).to_have_count(0)
    expect(page.locator("header details.menu > summary")).to_be_focused()
    visit.go(f"/orders/{order_id}")
    page.locator("details[data-verb=hold] > summary").press("Enter")
    expect(page.locator("details[data-verb=hold] form")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("details[data-verb=hold][open]")).to_have_count(0)
    expect(page.locator("details[data-verb=hold] > summary")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/orders/{}", "/batches", "/dispatches", "/audit", "/settings/keys"])
def test_whoever_walks_by_tab_sees_where_they_are(visit: Visit, running: Running, path: str) -> None:
    names = {"name": "ليلى العتيبي", "street": ["شارع 5"], "city": "الكويت", "country": "KW"}
    order_id = place(running, billing_address=names, shipping_address=ADDRESS | names)["order_id"]
    ready = place(running, payment={"method": "cash_on_delivery"})["order_id"]  # so that a pickup has its form
    shipment = {"lines": "all_remaining", "carrier": "ups"}
    booked = running.ask(f"/commands/orders/{ready}/shipments", "integrator", shipment)[1]
    running.ask(f"/queries/shipments?limit=1&min_position={booked['position']}", "admin")
    page = visit.go(path.format(order_id))
    for step in range(40):
        page.keyboard.press("Tab")
        unseen = page.evaluate("""() => {
            const at = document.activeElement;
            if (at === document.body || at === null) return "";
            const style = getComputedStyle(at), box = at.getBoundingClientRect();
            const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            const named = (at.textContent || "").trim() || at.getAttribute("aria-label") || at.labels?.length;
            if (!drawn && style.boxShadow === "none") return "no ring: " + at.outerHTML.slice(0, 200);
            if (box.width * box.height === 0) return "no box: " + at.outerHTML.slice(0, 200);
            return named ? "" : "no name: " + at.outerHTML.slice(0, 200);
        }""")
        assert unseen == "", step
