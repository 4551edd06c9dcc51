"""Walks through a working day: what people do with orders, from the grid to the customer's page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, place
from tests.support.running import Running

ON_DELIVERY = {"payment": {"method": "cash_on_delivery"}}


def open_form(page: Page, verb: str) -> None:
    """Unfold the form of a command, and wait until it is there."""
    page.locator(f"details[data-verb={verb}] > summary").click()
    expect(page.locator(f"details[data-verb={verb}] form")).to_be_visible()


def send(page: Page, verb: str) -> None:
    page.locator(f"details[data-verb={verb}] form button[type=submit]").click()


def test_an_order_goes_from_the_grid_to_the_customers_page(visit: Visit, running: Running) -> None:
    placed = place(running, customer={"id": "c-7", "name": "Grid Walker", "email": "grid@example.com"})
    page = visit.go("/")
    page.get_by_placeholder("Number, name, email").fill("grid walker")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_contain_text("grid walker")
    page.get_by_role("link", name=placed["order_number"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(placed["order_number"])

    open_form(page, "capture-payment")
    assert page.get_by_label("Amount").input_value() == "29.97"
    page.get_by_label("Payment reference").fill("transfer-1")
    send(page, "capture-payment")
    expect(page.locator(".head .pill").first).to_have_text("Processing")
    open_form(page, "invoices")
    send(page, "invoices")
    expect(page.get_by_role("link", name="Invoice (PDF)")).to_be_visible()
    open_form(page, "shipments")
    page.locator("details[data-verb=shipments] select[name=carrier]").select_option("ups")
    send(page, "shipments")
    expect(page.locator(".head .pill").first).to_have_text("Complete")
    for paper in ("Invoice (PDF)", "Packing slip", "Label"):
        path = page.get_by_role("link", name=paper).get_attribute("href")
        assert page.request.get(f"{visit.base}{path}").body().startswith(b"%PDF")

    page.get_by_role("link", name="As the customer sees it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(placed["order_number"])
    expect(page.get_by_text("Parcel 1")).to_be_visible()
    assert "Grid Walker" not in page.content()


def test_slips_of_ticked_orders_come_as_one_file(visit: Visit, running: Running) -> None:
    for name in ("Print One", "Print Two"):
        order = place(running, **ON_DELIVERY, customer={"id": "c-p", "name": name, "email": "p@example.com"})
        body = {"lines": "all_remaining", "carrier": "ups", "service": "Standard", "packages": []}
        status, booked = running.ask(f"/commands/orders/{order['order_id']}/shipments", "integrator", body)
        assert status == 201, booked
        running.ask(f"/queries/shipments?limit=1&min_position={booked['position']}", "admin")
    page = visit.go("/?q=c-p")
    page.get_by_label("Select all on this page").check()
    page.locator("#mass summary", has_text="Print").click()
    with visit.context.expect_event("response", lambda answer: "/print/" in answer.url) as answered:
        page.get_by_role("button", name="Packing slips").click()
    assert answered.value.status == 200
    assert answered.value.headers["content-type"] == "application/pdf"
    page = visit.go("/shipments")
    page.get_by_label("Select all on this page").check()
    expect(page.get_by_role("button", name="Print labels")).to_be_visible()
    assert visit.axe() == []


def test_a_batch_that_failed_in_part_is_mended(visit: Visit, running: Running) -> None:
    orders = [place(running, **ON_DELIVERY) for _ in range(3)] + [place(running)]
    numbers = [order["order_number"] for order in orders]
    page = visit.go("/batches")
    page.get_by_text("New batch").click()
    page.get_by_label("Order numbers").fill("\n".join(numbers))
    page.get_by_role("button", name="Create the batch").click()
    page.get_by_role("button", name="Process", exact=True).click()
    expect(page.get_by_text("3 booked, 1 failed, of 4")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Payment required")).to_be_visible()
    failed = running.ask(f"/queries/orders/{orders[3]['order_id']}", "admin")[1]
    paid = {"amount": failed["totals"]["due"], "provider_reference": "mended-1"}
    running.ask(f"/commands/orders/{orders[3]['order_id']}/capture-payment", "integrator", paid)
    page.get_by_role("button", name="Try the failed again").click()
    expect(page.get_by_text("4 booked, 0 failed, of 4")).to_be_visible(timeout=30_000)
    path = page.get_by_role("link", name="Labels").get_attribute("href")
    assert page.request.get(f"{visit.base}{path}").body().startswith(b"%PDF")


def test_packages_are_scanned_into_a_pickup_and_the_manifest_is_printed(visit: Visit, running: Running) -> None:
    order = place(running, **ON_DELIVERY)
    shipment = {"lines": "all_remaining", "carrier": "fedex"}
    shipped = running.ask(f"/commands/orders/{order['order_id']}/shipments", "integrator", shipment)[1]
    running.ask(f"/queries/shipments?limit=1&min_position={shipped['position']}", "admin")
    page = visit.go("/dispatches?carrier=fedex&location=main")
    sscc = (page.locator("tr[data-codes]").first.get_attribute("data-codes") or "").split()[0]
    for code in ("123456", sscc, sscc):  # a scanner types and presses Enter
        page.locator("#scan").fill(code)
        page.keyboard.press("Enter")
        expect(page.locator("#scanned")).to_contain_text(code.lstrip("0"))
    expect(page.locator("#scanned")).to_contain_text("ticked already")
    page.get_by_role("button", name="Schedule what is ticked").click()
    page.get_by_role("button", name="Close and issue the manifest").click()
    path = page.get_by_role("link", name=re.compile("Manifest")).get_attribute("href")
    assert page.request.get(f"{visit.base}{path}").body().startswith(b"%PDF")


def test_two_people_at_once_the_second_is_told_what_changed(visit: Visit, running: Running) -> None:
    order = place(running)
    page = visit.go(f"/orders/{order['order_id']}")
    open_form(page, "cancel")
    running.ask(f"/commands/orders/{order['order_id']}/hold", "integrator", {"reason": "odd address"})
    send(page, "cancel")
    told = page.locator("details[data-verb=cancel] [role=alert]")
    expect(told).to_contain_text("This changed while you were at it")
    expect(told).to_contain_text("Order held")
    assert running.ask(f"/queries/orders/{order['order_id']}", "admin")[1]["status"] == "On Hold"


def test_a_double_click_acts_once(visit: Visit, running: Running) -> None:
    order = place(running)
    page = visit.go(f"/orders/{order['order_id']}")
    open_form(page, "comment")
    page.locator("details[data-verb=comment] textarea[name=text]").fill("Called back")
    page.locator("details[data-verb=comment] form button[type=submit]").dblclick()
    expect(page.locator(".said")).to_have_text("Called back")
    assert len(running.ask(f"/queries/orders/{order['order_id']}", "admin")[1]["comments"]) == 1


def test_the_desk_works_by_keyboard_alone(visit: Visit, running: Running) -> None:
    place(running)
    page = visit.go("/")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#mass")).to_be_visible()
    expect(page.locator("[data-picked]")).to_have_text("1 selected")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order")
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(page.get_by_role("heading", level=1)).to_have_text("Batches")


@pytest.mark.browser_long
def test_many_orders_are_canceled_with_a_result_for_each(visit: Visit, running: Running) -> None:
    for number in range(120):
        order = place(running, store="many")
        if number % 10 == 0:
            running.ask(f"/commands/orders/{order['order_id']}/hold", "integrator", {})
    page = visit.go("/?store=many")
    page.locator("input[data-pick-all]").check()
    page.get_by_text("all that match").click()
    page.locator("#mass-action").select_option("orders/cancel")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("108 done, 12 refused")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the results").click()
    assert download.value.path().read_text().count("order_on_hold") == 12
