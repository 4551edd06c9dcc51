"""Handing mail over: what is certain, what is not, and what a message looks like when it arrives."""

import time

import pytest

from adapters.mail.smtp import SmtpServer, deliver
from application.mailer import Delivered, NotDelivered, Outcome, Uncertain
from tests.adapters.mail.unkind_server import UnkindServer, unkind_server

MESSAGE = b"Subject: Hello\r\n\r\nFirst line\r\n.a line with a dot\r\n..two\r\n"


def send(server: UnkindServer, timeout: float = 5.0) -> Outcome:
    return deliver(server.address, "shop@example.com", "ana@example.com", MESSAGE, timeout)


def test_a_message_arrives_as_it_was_written() -> None:
    with unkind_server() as server:
        assert send(server) == Delivered()
    assert server.received == [MESSAGE]
    assert server.recipients == ["ana@example.com"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "after_DATA"])
@pytest.mark.parametrize(("answer", "final"), [("451 Try later", False), ("550 No such user", True)])
def test_a_refusal_is_certain_and_final_when_the_server_says_so(step: str, answer: str, *, final: bool) -> None:
    with unkind_server(**{step: answer}) as server:
        assert send(server) == NotDelivered("refused", answer, final=final)


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
def test_a_connection_lost_before_the_content_sent_nothing(step: str) -> None:
    with unkind_server(**{step: "drop"}) as server:
        outcome = send(server)
    assert isinstance(outcome, NotDelivered)
    assert (outcome.code, outcome.final) == ("unreachable", False)


@pytest.mark.parametrize("step", ["DATA", "after_DATA"])
@pytest.mark.parametrize("answer", ["drop", "hang", "nonsense"])
def test_a_connection_lost_after_the_content_is_uncertain(step: str, answer: str) -> None:
    with unkind_server(**{step: answer}) as server:
        assert isinstance(send(server, timeout=0.5), Uncertain)


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
def test_a_server_that_hangs_is_waited_for_a_bounded_time(step: str) -> None:
    with unkind_server(**{step: "hang"}) as server:
        started = time.monotonic()
        outcome = send(server, timeout=0.3)
        assert time.monotonic() - started < 5
    assert isinstance(outcome, NotDelivered)
    assert outcome.code == "unreachable"


def test_no_server_is_unreachable() -> None:
    with unkind_server() as server:
        port = server.port
    outcome = deliver(SmtpServer("127.0.0.1", port, "never"), "a@example.com", "b@example.com", MESSAGE)
    assert isinstance(outcome, NotDelivered)
    assert outcome.code == "unreachable"


def test_a_login_is_not_sent_to_a_server_without_tls() -> None:
    with unkind_server() as server:
        secured = SmtpServer("127.0.0.1", server.port, "required", "orders", "secret")
        outcome = deliver(secured, "a@example.com", "b@example.com", MESSAGE)
    assert isinstance(outcome, NotDelivered)
    assert "STARTTLS" in outcome.detail
    assert server.asked == 0


@pytest.mark.parametrize("recipient", ["ana@example.com>\r\nRCPT TO:<eve@example.com", "a\nb@example.com"])
def test_an_address_cannot_bring_another_command(recipient: str) -> None:
    with unkind_server() as server:
        assert isinstance(deliver(server.address, "shop@example.com", recipient, MESSAGE), NotDelivered)
    assert server.received == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, "offered")),
        ("smtp://o%40x:p%2F@mail.example:25", SmtpServer("mail.example", 25, "required", "o@x", "p/")),
        ("smtps://mail.example", SmtpServer("mail.example", 465, "implicit")),
        ("smtp://localhost:25?starttls=never", SmtpServer("localhost", 25, "never")),
    ],
)
def test_an_url_says_where_and_how(url: str, server: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == server
    assert "p/" not in repr(server)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://h:x", "smtp://h?tls=no"])
def test_an_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|starttls"):
        SmtpServer.from_url(url)
