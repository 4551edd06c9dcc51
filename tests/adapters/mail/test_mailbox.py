"""The mailbox of development: what is sent is kept, shown, and does no harm."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from adapters.mail import mailbox as mailboxes
from adapters.mail.mailbox import Mailbox, MailboxServer
from adapters.mail.mailbox_page import MailboxPage, mailbox_page
from application.mailer import Attachment, Delivered
from tests.adapters.mail.messages import mailer, order_message


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A mailbox with two messages in it, taken over SMTP."""
    mailbox = Mailbox(tmp_path / "mailbox")
    server = MailboxServer(mailbox)
    sender = mailer(server.address)
    evil = "<script>alert(1)</script>"
    pdf = Attachment("invoice-7.pdf", "application/pdf", b"%PDF-1.7")
    for each in (
        order_message("comment", text=evil, recipient_name=evil),
        order_message("invoice", attachments=(pdf,)),
    ):
        assert sender.deliver("ana@example.com", sender.write(each)) == Delivered()
    yield mailbox
    server.close()


def test_a_message_is_kept_as_it_was_sent(mailbox: Mailbox) -> None:
    assert mailbox.numbers() == [1, 2]
    kept = mailbox.read(2)
    assert kept is not None
    assert kept.message["Subject"] == "Invoice 000000007 for your order 000000001"
    assert kept.attachments == [("invoice-7.pdf", b"%PDF-1.7")]
    assert "Hello Ana Silva" in kept.text
    assert mailbox.read(3) is None


def test_the_oldest_messages_make_room(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "KEPT_MAX", 2)
    assert mailbox.keep(b"Subject: third\r\n\r\n\xff") == 3
    assert mailbox.numbers() == [2, 3]


def test_the_page_lists_the_newest_first_and_escapes(mailbox: Mailbox) -> None:
    page = mailbox_page(mailbox).test_client().get("/", base_url="http://127.0.0.1:1")
    assert page.text.index("Invoice 000000007") < page.text.index("News about")
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_message_is_shown_in_a_frame_without_scripts(mailbox: Mailbox) -> None:
    page = mailbox_page(mailbox).test_client().get("/1", base_url="http://127.0.0.1:1")
    assert '<iframe sandbox title="The message as HTML" srcdoc="&lt;!doctype html' in page.text
    assert "<script" not in page.text


def test_an_attachment_is_downloaded_never_shown(mailbox: Mailbox) -> None:
    client = mailbox_page(mailbox).test_client()
    with client.get("/2/0", base_url="http://127.0.0.1:1") as pdf:
        assert pdf.data == b"%PDF-1.7"
        assert pdf.headers["Content-Disposition"] == "attachment; filename=invoice-7.pdf"
        assert pdf.headers["X-Content-Type-Options"] == "nosniff"
    with client.get("/2.eml", base_url="http://127.0.0.1:1") as source:
        assert source.data.startswith(b"From: ")
    for path in ("/3", "/2/1", "/0", "/x", "/../mailbox"):
        assert client.get(path, base_url="http://127.0.0.1:1").status_code == 404


def test_the_page_answers_only_to_its_own_name(mailbox: Mailbox) -> None:
    client = mailbox_page(mailbox).test_client()
    assert client.get("/", base_url="http://evil.example:1").status_code == 404
    assert client.post("/1", base_url="http://127.0.0.1:1").status_code == 405


def test_the_page_is_served_on_this_machine(mailbox: Mailbox) -> None:
    page = MailboxPage(mailbox, 0)
    connection = HTTPConnection(page.url.removeprefix("http://").removesuffix("/"), timeout=5)
    connection.request("GET", "/")
    assert b"<h1>Mailbox</h1>" in connection.getresponse().read()
    connection.close()
    page.close()
