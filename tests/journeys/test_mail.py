"""Mail during development: an order is placed, and its message with the printed invoice lies in the mailbox."""

import http.client
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from adapters.mail.mailbox import Kept, Mailbox
from tests.support.running import Running, free_port

WAIT_SECONDS = 30.0
ADDRESS = {"name": "Ελένη Δήμου", "street": ["Ερμού 12"], "city": "Αθήνα", "postcode": "105 63", "country": "GR"}
ORDER: dict[str, Any] = {
    "store": "main",
    "currency": "EUR",
    "customer": {"id": "c-1", "email": "eleni@example.com", "name": "Ελένη Δήμου"},
    "billing_address": ADDRESS,
    "shipping_address": ADDRESS,
    "payment": {"method": "bank_transfer"},
    "lines": [{"line_id": "1", "sku": "MUG-01", "name": "Mug", "quantity": 3, "unit_price": "9.99"}],
}


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    for name in ("DATABASE_URL", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    run = Running(tmp_path / "home", MAILBOX_PORT=str(free_port()))
    yield run
    run.close()


def test_messages_lie_in_the_mailbox_with_the_printed_invoice(running: Running) -> None:
    running.wait_until_ready()
    placed = running.ask("/commands/orders", "integrator", ORDER)[1]["order_id"]
    body = {"lines": "all_remaining", "capture": "offline", "notify": True}
    invoice = running.ask(f"/commands/orders/{placed}/invoices", "integrator", body)[1]
    messages = {kept.message["Subject"]: kept for kept in letters_in(running.home / "mailbox", 3)}
    assert set(messages) == {
        "Your order 000000001",
        "We have received your payment for order 000000001",
        "Invoice 000000001 for your order 000000001",
    }
    [(name, pdf)] = messages["Invoice 000000001 for your order 000000001"].attachments
    assert name == f"invoice-{invoice['invoice_number']}.pdf"
    assert "Ελένη Δήμου" in pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text()
    [page] = [line.split()[5] for line in running.said().splitlines() if line.startswith("Mails are kept, not sent:")]
    assert "Your order 000000001" in seen(page)
    assert running.ask(f"/queries/orders/{placed}", "auditor")[1]["version"] == invoice["version"]


def letters_in(folder: Path, number: int) -> list[Kept]:
    mailbox = Mailbox(folder)
    deadline = time.monotonic() + WAIT_SECONDS
    while len(mailbox.numbers()) < number and time.monotonic() < deadline:
        time.sleep(0.1)
    return [kept for each in mailbox.numbers() if (kept := mailbox.read(each))]


def seen(url: str) -> str:
    host = url.removeprefix("http://").removesuffix("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()
