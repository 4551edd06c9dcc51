"""Messages as they are sent: words, languages, scripts, attachments; what customers wrote stays in its place."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from adapters.documents.words import words
from adapters.mail.mime import mailbox_of, one_line, sender_of
from adapters.mail.templates import LANGUAGES, SHIPPED, TEMPLATES, Templates, amount
from application.mailer import Attachment, Message, Unwritable
from tests.adapters.mail.messages import ID, SHOP, mailer, order_message
from tests.adapters.mail.unkind_server import unkind_server

EVIL = '<script>alert(1)</script>"&'


def read(message: Message, templates: Path | None = None) -> EmailMessage:
    return message_from_bytes(mailer(templates=templates).write(message), EmailMessage, policy=default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_message_is_worded_in_every_language(template: str, language: str) -> None:
    message = read(order_message(template, language=language))
    assert "000000001" in message["Subject"]
    for kind in ("plain", "html"):
        words = body(message, kind)
        assert "Ana Silva" in words
        assert {"en": "Hello", "de": "Guten Tag"}[language] in words
        assert "{{" not in words
        assert "None" not in words
    assert "\n\n\n" not in body(message, "plain")


def test_a_message_says_what_was_ordered() -> None:
    text = body(read(order_message()), "plain").replace("\N{NO-BREAK SPACE}", " ")
    assert "  3 \N{MULTIPLICATION SIGN} Mug (MUG-01): 1,234.50 EUR\n" in text
    assert "  1 \N{MULTIPLICATION SIGN} TEA: 0.05 EUR\n" in text
    assert "Delivery: 5.00 EUR\nGift wrap: 3.60 EUR\nTotal: 1,239.55 EUR\n" in text
    assert "  Rua Nova 1\n  3.º Dto\n  4000-001 Porto\n" in text


def test_a_transfer_is_asked_for_with_bank_and_reference_in_the_readers_language() -> None:
    for template in ("order_placed", "invoice"):
        english, german = (read(order_message(template, language=language)) for language in LANGUAGES)
        assert "  IBAN PT50 0002\n  BIC EXAMPTPL\n  Payment reference: 000000001\n" in body(english, "plain")
        assert "Verwendungszweck: 000000001" in body(german, "plain")
        assert "IBAN PT50 0002<br>" in body(german, "html")
        assert "IBAN" not in body(read(order_message(template, to_transfer=False)), "plain")


@pytest.mark.parametrize(
    ("code", "english", "german"),
    [("bank_transfer", "Bank transfer", "Überweisung"), ("gift_card", "Gift card", "Gift card"), ("x-y", "X y", "X y")],
)
def test_payment_methods_have_names(code: str, english: str, german: str) -> None:
    for language, name in (("en", english), ("de", german)):
        label = {"en": "Payment", "de": "Zahlung"}[language]
        assert f"{label}: {name}\n" in body(read(order_message(language=language, payment_method=code)), "plain")


def test_countries_are_names_and_long_words_break() -> None:
    address = {"name": "A" * 200, "city": "Wien", "country": "AT"}
    german = read(order_message(language="de", shipping_address=address))
    assert "Österreich" in body(german, "plain")
    assert "Österreich" in body(german, "html")
    assert "overflow-wrap:anywhere" in body(german, "html")


def test_a_credit_memo_is_called_the_same_in_the_message_and_on_paper() -> None:
    message = read(order_message("credit_memo", language="de"))
    assert "Rechnungskorrektur 000000002" in message["Subject"]
    for kind in ("plain", "html"):
        assert "Gutschrift" not in body(message, kind)
    assert words("de")["credit_memo"] == "Rechnungskorrektur"


def test_a_canceled_part_is_listed_and_a_canceled_order_says_why() -> None:
    whole, part = (
        read(order_message("order_canceled")),
        read(order_message("order_canceled", whole=False, cause="request")),
    )
    assert whole["Subject"] == "Your order 000000001 was canceled"
    assert "because no payment arrived in time" in body(whole, "plain")
    assert part["Subject"] == "Changes to your order 000000001"
    assert "2 \N{MULTIPLICATION SIGN} Mug (MUG-01)" in body(part, "plain")


def test_a_message_says_where_a_parcel_is() -> None:
    message = read(order_message("shipped"))
    assert "UPS: 1Z 999/&\nhttps://ups.example/track?n=1Z%20999%2F%26\n" in body(message, "plain")
    assert 'href="https://ups.example/track?n=1Z%20999%2F%26"' in body(message, "html")
    assert "Package 2 of 2" in body(message, "plain")


@pytest.mark.parametrize(
    ("text", "english", "german"),
    [("1234567.89", "1,234,567.89", "1.234.567,89"), ("-0.50", "-0.50", "-0,50"), ("1000", "1,000", "1.000")],
)
def test_amounts_are_written_as_people_write_them(text: str, english: str, german: str) -> None:
    assert amount(text, "EUR", "en") == f"{english}\N{NO-BREAK SPACE}EUR"
    assert amount(text, "EUR", "de") == f"{german}\N{NO-BREAK SPACE}EUR"


def test_a_message_comes_out_equal_each_time() -> None:
    pdf = Attachment("invoice-1.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff" * 99)
    first, second = (mailer().write(order_message("invoice", attachments=(pdf,))) for _ in range(2))
    assert first == second
    assert message_from_bytes(first)["Message-ID"] == f"<{ID}@example.com>"


def test_an_attachment_is_readable_after_its_journey() -> None:
    pdf = Attachment("invoice-1.pdf", "application/pdf", bytes(range(256)) * 300)
    with unkind_server() as server:
        sender = mailer(server.address)
        sender.deliver("ana@example.com", sender.write(order_message("invoice", attachments=(pdf,))))
    [part] = server.messages[0].iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (pdf.name, pdf.media_type)
    assert part.get_content() == pdf.content


@pytest.mark.parametrize("name", ["Ελένη Παπαδοπούλου", "Иван Петрович Сидоров", "Žofie ﷽ 🎁", "X" * 300])
def test_any_script_survives_in_headers_and_body(name: str, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comment.txt").write_text("Subject: Für {{ customer_name }} Παραγγελία\n\n{{ text }}\n")
    with unkind_server() as server:
        sender = mailer(server.address, templates=tmp_path)
        sender.deliver(
            "ana@example.com", sender.write(order_message("comment", customer_name=name, recipient_name=name))
        )
    message = server.messages[0]
    assert message["Subject"] == one_line(f"Für {name} Παραγγελία", 200)
    # A long name is folded, and the standard library unfolds it with spaces.
    assert message["To"].addresses[0].display_name.replace(" ", "") == one_line(name, 100).replace(" ", "")
    assert all(len(line) <= 998 for line in server.received[0].splitlines())
    assert server.received[0].isascii()
    if len(name) < 100:
        assert name in body(message, "html")


@pytest.mark.parametrize("inside", ["\r\nBcc: eve@example.com", "\nX: y\n\nbody", "\x00", "\u2028Bcc: eve@example.com"])
def test_no_name_brings_a_header_of_its_own(inside: str, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comment.txt").write_text("Subject: For {{ customer_name }}\n\nBody\n")
    name = f"Ana{inside}"
    message = read(order_message("comment", customer_name=name, recipient_name=name), tmp_path)
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"),
        *("MIME-Version", "Content-Type"),
    }
    assert [address.addr_spec for address in message["To"].addresses] == ["ana@example.com"]


def test_what_customers_wrote_stays_text() -> None:
    message = read(order_message("comment", text=f"{EVIL}\n{EVIL}", customer_name=EVIL))
    assert "<script" not in body(message, "html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&amp;<br>" in body(message, "html")
    assert body(message, "plain").count(EVIL) == 3
    lines = [{"name": EVIL, "sku": EVIL, "quantity": 1, "total": "1.00"}]
    assert "<script" not in body(
        read(order_message(lines=lines, shipping_address={"name": EVIL, "city": EVIL})), "html"
    )


@pytest.mark.parametrize(
    "address", ["", "ana", "a@b@c d", "ana@example.com, eve@example.com", "ana@", "@x.de", "ana\r\n@x.de", "é@x.de"]
)
def test_what_is_not_one_address_gets_no_message(address: str) -> None:
    with pytest.raises(Unwritable):
        mailer().write(order_message(recipient=address))


def test_a_domain_of_any_script_is_written_as_the_network_knows_it() -> None:
    assert mailbox_of("ana@bücher.example").addr_spec == "ana@xn--bcher-kva.example"
    assert sender_of("Mug & Co <o@x.example>").display_name == "Mug & Co"


def test_a_merchants_template_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comment.html").write_text("<p>Ours: {{ text }}</p>")
    message = read(order_message("comment"), tmp_path)
    assert body(message, "html").startswith("<p>Ours: Your mug")
    assert body(message, "plain").startswith("Hello Ana Silva")


@pytest.mark.parametrize("mistake", ["{% if %}", "{{ text", "{% extends 'nothing.html' %}{{ 1 +"])
def test_a_mistake_in_a_template_is_named_at_the_start(mistake: str, tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "comment.txt").write_text(f"Subject: x\n{mistake}")
    with pytest.raises(Unwritable, match=r"de/comment\.txt, line 2"):
        Templates(SHOP, tmp_path).check()


@pytest.mark.parametrize(
    "mistake",
    ["{{ nothing }}", "{{ ''.__class__.__mro__ }}", "{{ 1 // 0 }}", "{% include 'none' %}", "{{ amount.x.y }}"],
)
def test_a_template_that_cannot_be_filled_in_makes_no_message(mistake: str, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comment.txt").write_text(f"Subject: x\n{mistake}")
    with pytest.raises(Unwritable):
        mailer(templates=tmp_path).write(order_message("comment"))


def test_a_template_without_a_subject_makes_no_message(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "comment.txt").write_text("Hello\n")
    with pytest.raises(Unwritable, match="must begin with a line 'Subject"):
        mailer(templates=tmp_path).write(order_message("comment"))


def test_the_shipped_templates_are_whole() -> None:
    Templates(SHOP).check()
    shipped = {str(path.relative_to(SHIPPED)) for language in LANGUAGES for path in (SHIPPED / language).iterdir()}
    assert shipped == {
        f"{language}/{name}.{end}" for language in LANGUAGES for name in TEMPLATES for end in ("txt", "html")
    }
