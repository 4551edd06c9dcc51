"""Handing a message to an SMTP server, once, and telling apart what became of it.

Until the server has asked for the content nothing can have been sent. From the first byte of the content to
the server's answer nobody can know: a connection lost there is uncertain, never a failure.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from application.mailer import Delivered, NotDelivered, Outcome, Uncertain

# For each step of the conversation, of which there are about ten.
TIMEOUT_SECONDS = 20.0
PORTS = {"smtp": 587, "smtps": 465}
STARTTLS = ("required", "offered", "never")
DETAIL_MAX = 300
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # ASCII without spaces and angle brackets
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes: ``tls`` is "implicit" (smtps), or "required", "offered", "never" for STARTTLS."""

    host: str
    port: int
    tls: str = "offered"
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Read ``smtp[s]://[user:password@]host[:port][?starttls=...]``; raises ValueError that says how to write it.

        With a login, STARTTLS is required unless the URL says otherwise: a password is not sent in the clear.
        """
        advice = "write it as smtp://user:password@mail.example.com:587 or smtps://user:password@mail.example.com"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(advice) from None
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
            raise ValueError(advice)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        tls = "implicit" if parts.scheme == "smtps" else _starttls(parts.query, "required" if user else "offered")
        return cls(parts.hostname, port or PORTS[parts.scheme], tls, user, password)


def _starttls(query: str, usual: str) -> str:
    if not query:
        return usual
    name, _, value = query.partition("=")
    if name != "starttls" or value not in STARTTLS:
        raise ValueError(f"after the ? may stand starttls={', starttls='.join(STARTTLS)}")
    return value


class _Refused(Exception):
    """The server's own answer was no."""

    def __init__(self, code: int, text: bytes, *, final: bool) -> None:
        super().__init__(f"{code} {text.decode(errors='replace')}")
        self.final = final


class _Lost(Exception):
    """The connection went while the content was under way."""


def deliver(
    server: SmtpServer, sender: str, recipient: str, message: bytes, timeout: float = TIMEOUT_SECONDS
) -> Outcome:
    """Send ``message`` to one recipient; the answer says how certain it is. Addresses are ASCII."""
    if not all(map(_ADDRESS.fullmatch, (sender, recipient))):
        return NotDelivered("refused", "An address has characters in it that no mail server takes.", final=True)
    try:
        with contextlib.closing(_connected(server, timeout)) as smtp:
            _hand_over(smtp, sender, recipient, message)
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
    except _Lost as lost:
        return Uncertain(_short(f"The connection was lost before the server's answer: {lost}"))
    except _Refused as refused:
        return NotDelivered("refused", _short(refused), final=refused.final)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return NotDelivered("unreachable", _short(f"{type(error).__name__}: {error}"))
    return Delivered()


def _connected(server: SmtpServer, timeout: float) -> smtplib.SMTP:
    """A connection over which mail may be sent; any failure here is the server's, not the message's."""
    context = ssl.create_default_context()
    name = socket.gethostname() or "localhost"
    smtp: smtplib.SMTP
    if server.tls == "implicit":
        smtp = smtplib.SMTP_SSL(server.host, server.port, local_hostname=name, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "required" or (server.tls == "offered" and smtp.has_extn("starttls")):
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _hand_over(smtp: smtplib.SMTP, sender: str, recipient: str, message: bytes) -> None:
    smtp.ehlo_or_helo_if_needed()
    _require(smtp.mail(sender), {250})
    _require(smtp.rcpt(recipient), {250, 251})
    _require(smtp.docmd("DATA"), {354})
    try:
        smtp.send(_LEADING_DOT.sub(b"..", message.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        answer = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise _Lost(f"{type(error).__name__}: {error}") from error
    if not 200 <= answer[0] < 600:
        raise _Lost(f"it answered {answer[1].decode(errors='replace')!r}, which is no answer")
    _require(answer, {250})


def _require(answer: tuple[int, bytes], wanted: set[int]) -> None:
    """Refuse another answer; a 5xx is final (RFC 5321, 4.2.1), everything else may pass."""
    code, text = answer
    if code not in wanted:
        raise _Refused(code, text, final=500 <= code < 600)


def _short(error: object) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= DETAIL_MAX else f"{text[: DETAIL_MAX - 1]}…"
