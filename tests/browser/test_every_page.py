"""Every page can be used by everybody: axe finds nothing serious on it, light and dark, on a desk and on a phone."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import pages
from tests.browser.conftest import ADDRESS, Visit, place
from tests.support.running import Running

ON_DELIVERY = {"payment": {"method": "cash_on_delivery"}}
FROM_RIGHT = {"name": "ليلى العتيبي", "street": ["شارع الخليج العربي 5"], "city": "الكويت", "country": "KW"}
LONG = "Wolfeschlegelsteinhausenbergerdorff"
CUSTOMER = {
    "id": "c-long",
    "name": f"{LONG} GmbH & Co. KG",
    "email": f"einkauf.international@{LONG.lower()}.example.com",
}
NOTHING = "00000000-0000-7000-8000-000000000000"


def look(visit: Visit, address: str) -> None:
    """Look at a page in each way in which people do."""
    page = visit.go(address)
    for scheme, width in product(("light", "dark"), (1280, 390)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        assert visit.axe() == [], (address, scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (address, width)


@pytest.fixture(scope="module")
def made(running: Running) -> dict[str, str]:
    """Something of everything that has a page, by the names that addresses have for it."""

    def done(path: str, role: str = "integrator", **body: Any) -> dict[str, Any]:
        status, answer = running.ask(f"/commands/{path}", role, body)
        assert status < 300, answer
        return answer  # type: ignore[no-any-return]

    goods = {"lines": "all_remaining"}
    order = place(running, **ON_DELIVERY, billing_address=FROM_RIGHT, shipping_address=ADDRESS | FROM_RIGHT)["order_id"]
    invoice = done(f"orders/{order}/invoices", **goods)["invoice_id"]
    shipment = done(f"orders/{order}/shipments", **goods, carrier="ups")["shipment_id"]
    ready_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    pickup: dict[str, Any] = {"carrier": "ups", "location": "main", "ready_at": ready_at, "shipments": [shipment]}
    lines = [
        {"line_id": str(n), "sku": f"SKU-{n}", "name": f"{LONG} {n}", "quantity": n, "unit_price": "1.99"}
        for n in range(1, 61)
    ]
    long_order = place(running, **ON_DELIVERY, customer=CUSTOMER, lines=lines)["order_id"]
    paid = place(running)["order_id"]
    done(f"orders/{paid}/capture-payment", amount="29.97", provider_reference="transfer-1")
    paid_invoice = done(f"orders/{paid}/invoices", **goods)["invoice_id"]
    orders = [place(running)["order_id"]]
    batch: dict[str, Any] = {"origin": "main", "carrier": "ups", "service": "Standard", "orders": orders}
    webhook: dict[str, Any] = {"url": "https://erp.example.com/daybook", "events": ["order.*"], "description": "ERP"}
    found = {
        "order": order,
        "invoice": invoice,
        "shipment": shipment,
        "dispatch": done("dispatches", **pickup)["dispatch_id"],
        "long_order": long_order,
        "nothing": NOTHING,
        "memo": done(f"invoices/{paid_invoice}/refund", amount="5.00")["credit_memo_id"],
        "batch": done("batches", **batch)["batch_id"],
        "webhook": done("webhooks", "admin", **webhook)["webhook_id"],
        "token": running.ask(f"/queries/orders/{order}", "admin")[1]["tracking_token"],
    }
    last = done(f"orders/{order}/comment", text="looked at")["position"]
    running.ask(f"/queries/dispatches?limit=1&min_position={last}", "admin")
    return found


@pytest.fixture(scope="module")
def key_of_a_customer(running: Running) -> str:
    create = ["keys", "create", "--role", "customer", "--name", "Ana Silva", "--customer", "c-1001"]
    done = subprocess.run(
        [sys.executable, "-m", "daybook", *create],
        env=os.environ | {"DAYBOOK_HOME": str(running.home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(word for word in done.stdout.split() if word.startswith("dbk_"))


def found_on_pages(visit: Visit, order_id: str) -> dict[str, str]:
    """Addresses that only links and buttons of other pages lead to."""
    causes, proof = (
        visit.go(f"/audit/history/{order_id}").locator(f"a[href^='/audit/{what}/']").first.get_attribute("href") or ""
        for what in ("causes", "proof")
    )
    key = visit.go("/settings/keys").get_by_role("table").first.get_by_role("link").first.get_attribute("href") or ""
    page = visit.go(f"/?q={order_id}")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Do it").click()
    results = page.get_by_role("link", name="Download the results").get_attribute("href") or ""
    return {"causes": causes, "proof": proof, "key": key, "mass_action": results.removesuffix(".csv")}


def addresses(looked: pages.Looked, names: Mapping[str, str]) -> Iterator[str]:
    for each in looked.values():
        yield from (address.format(**names) for address in each)


def test_every_page_of_the_desk_can_be_used_by_everybody(visit: Visit, made: dict[str, str]) -> None:
    names = made | found_on_pages(visit, made["long_order"])
    for address in addresses(pages.OF_THE_DESK, names):
        look(visit, address)


def test_what_customers_and_strangers_see_can_be_used_by_everybody(
    chromium: Browser, running: Running, made: dict[str, str], key_of_a_customer: str
) -> None:
    context = chromium.new_context(locale="en-GB")
    visit = Visit(context, running)
    for address in addresses(pages.OF_STRANGERS, made):
        look(visit, address)
    page = visit.go("/sign-in")
    page.get_by_label("Your key").fill(key_of_a_customer)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account")
    for address in addresses(pages.OF_CUSTOMERS, made):
        look(visit, address)
    context.close()
    assert visit.complaints == []


def test_on_a_phone_the_navigation_shows_where_one_is(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/credit-memos", "/audit"):
        here = visit.go(path).locator(".nav a[aria-current]").bounding_box()
        assert here is not None
        assert here["x"] >= 0
        assert here["x"] + here["width"] <= 390


def test_on_a_phone_each_value_of_a_list_says_what_it_is(visit: Visit, made: dict[str, str]) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    cell = visit.go(f"/?q={made['long_order']}").locator("tbody td.number").last
    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") == '"Total "'
