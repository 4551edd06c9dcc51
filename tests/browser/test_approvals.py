"""One person asks for a refund above the limit, another agrees to it in a browser, and nobody agrees to his own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import pages
from tests.browser.conftest import Visit, place
from tests.browser.test_every_page import addresses, look
from tests.browser.test_walks import open_form, send
from tests.support.running import Running

RULES = """
[approvals]
always = ["orders/cancel"]

[approvals.refunds_above]
EUR = "20.00"
"""


@pytest.fixture(scope="module")
def ruled(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Daybook that wants a second person for canceling, and for refunds above 20.00 EUR."""
    home: Path = tmp_path_factory.mktemp("ruled") / "home"
    rules = home.parent / "merchant.toml"
    rules.write_text(RULES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        run = Running(home, DAYBOOK_CONFIG=str(rules))
        try:
            yield run.wait_until_ready()
        finally:
            run.close()


@pytest.fixture
def desk(chromium: Browser, ruled: Running) -> Iterator[Visit]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    one = Visit(context, ruled).sign_in()
    yield one
    context.close()
    assert one.complaints == []


@pytest.fixture(scope="module")
def key_of_ana(ruled: Running) -> str:
    """An admin's key that nobody at the pages has made: whoever saw a key made may not control with it."""
    create = ["keys", "create", "--role", "admin", "--name", "Ana Silva"]
    done = subprocess.run(
        [sys.executable, "-m", "daybook", *create],
        env=os.environ | {"DAYBOOK_HOME": str(ruled.home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(word for word in done.stdout.split() if word.startswith("dbk_"))


@pytest.fixture
def ana(chromium: Browser, ruled: Running, key_of_ana: str) -> Iterator[Visit]:
    """The second person, in a browser of her own."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    one = Visit(context, ruled).sign_in(key=key_of_ana)
    yield one
    context.close()
    assert one.complaints == []


def asked(running: Running) -> tuple[str, str]:
    """An order, and the id of a refund of it that waits for somebody."""
    order_id = str(place(running)["order_id"])
    status, invoice = running.ask(f"/commands/orders/{order_id}/invoices", "integrator", {"lines": "all_remaining"})
    assert status == 201, invoice
    body = {"amount": "25.00", "reason": "came back broken"}
    status, waits = running.ask(f"/commands/invoices/{invoice['invoice_id']}/refund", "integrator", body)
    assert status == 202, waits
    running.ask(f"/queries/approvals?limit=1&min_position={waits['position']}", "admin")
    return order_id, str(waits["approval_id"])


def test_what_a_program_asked_for_is_approved_as_it_was_seen(desk: Visit, ruled: Running) -> None:
    order_id, approval_id = asked(ruled)
    page = desk.go(f"/orders/{order_id}")
    page.get_by_role("link", name="waits for a second person").click()
    expect(page.get_by_text("came back broken").first).to_be_visible()
    expect(page.get_by_text("€25.00").first).to_be_visible()
    for address in addresses(pages.WITH_APPROVALS, {"approval": approval_id}):
        look(desk, address)
    ruled.ask(f"/commands/orders/{order_id}/comment", "integrator", {"text": "called", "visible": False})
    page.get_by_role("button", name="Approve and do it").click()  # the page still shows the order as it was
    expect(page.get_by_text("somebody changed it")).to_be_visible()
    page = desk.go(f"/approvals/{approval_id}")
    expect(page.get_by_text("The order has changed since this was asked for")).to_be_visible()
    page.get_by_label("Reason").fill("saw the photo")
    page.get_by_role("button", name="Approve and do it").click()
    expect(page.get_by_text("Approved, and done.")).to_be_visible()
    page = desk.go(f"/orders/{order_id}")
    expect(page.get_by_role("link", name="waits for a second person")).to_have_count(0)
    expect(page.get_by_text("€25.00").first).to_be_visible()


def test_a_refund_on_the_page_of_an_order_waits_until_a_second_person_agrees(
    desk: Visit, ana: Visit, ruled: Running
) -> None:
    order_id = str(place(ruled)["order_id"])
    for verb, body in (
        ("capture-payment", {"amount": "29.97", "provider_reference": "transfer-1"}),
        ("invoices", {"lines": "all_remaining"}),
    ):
        status, answer = ruled.ask(f"/commands/orders/{order_id}/{verb}", "integrator", body)
        assert status < 300, answer
    page = desk.go(f"/orders/{order_id}?min_position={answer['position']}")
    page.get_by_text("What can be done with it").click()
    open_form(page, "refund")
    page.locator("details[data-verb=refund] form input[name=amount]").fill("25.00")
    send(page, "refund")
    expect(page.get_by_text("a second person has to agree first")).to_be_visible()
    page.get_by_role("link", name="waits for a second person").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and do it")).to_have_count(0)
    assert desk.axe() == []

    hers = ana.go(f"/orders/{order_id}")
    hers.get_by_role("link", name="waits for a second person").click()
    assert hers.url == page.url
    hers.get_by_role("button", name="Approve and do it").dblclick()
    expect(hers.get_by_text("Approved, and done.")).to_be_visible()
    page = desk.go(f"/orders/{order_id}")
    expect(page.get_by_role("link", name="waits for a second person")).to_have_count(0)
    order = ruled.ask(f"/queries/orders/{order_id}", "admin")[1]
    assert (order["totals"]["refunded"], len(order["credit_memos"])) == ("25.00", 1)  # a double click acts once


def test_ones_own_request_can_be_withdrawn_and_not_approved(desk: Visit, ruled: Running) -> None:
    order_id = str(place(ruled)["order_id"])
    page = desk.go(f"/act/orders/{order_id}/cancel")
    page.locator("form button[type=submit]").last.click()
    expect(page.get_by_text("a second person has to agree first")).to_be_visible()
    page.get_by_role("link", name="waits for a second person").click()
    expect(page.get_by_role("button", name="Approve and do it")).to_have_count(0)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Withdrawn. Nothing was done.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_can_be_used_by_everybody(desk: Visit, ruled: Running, scheme: str) -> None:
    _, approval_id = asked(ruled)
    desk.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (1280, 390):
        desk.page.set_viewport_size({"width": width, "height": 800})
        for path in ("/approvals", "/approvals?status=expired", f"/approvals/{approval_id}"):
            page = desk.go(path)
            assert desk.axe() == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
