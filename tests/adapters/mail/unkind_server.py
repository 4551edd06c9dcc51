"""A real SMTP server that can be told to refuse, to hang and to drop the connection at any step."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.mail.listener import SmtpListener
from adapters.mail.smtp import SmtpServer

HANGS_SECONDS = 30.0


@dataclass
class UnkindServer:
    """``answers`` by step: an SMTP answer, "drop", or "hang"; of "after DATA" the mail is kept first.

    Steps are "connect", "EHLO", "MAIL", "RCPT", "DATA" (when the content came) and "after DATA".
    """

    answers: dict[str, str] = field(default_factory=dict)
    received: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    asked: int = 0
    port: int = 0

    @property
    def address(self) -> SmtpServer:
        return SmtpServer("127.0.0.1", self.port, "never")

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, EmailMessage, policy=default) for content in self.received]

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's names)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = await self._step(server, "EHLO")
        return [answer] if answer else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        envelope.mail_from = address
        return await self._step(server, "MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._step(server, "RCPT")
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._step(server, "DATA")
        if answer:
            return answer
        assert isinstance(envelope.content, bytes)
        self.received.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        return await self._step(server, "after DATA") or "250 Taken"

    async def _step(self, server: SMTP, step: str) -> str | None:
        answer = self.answers.get(step)
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 gone"
        if answer == "hang":
            await asyncio.sleep(HANGS_SECONDS)
        return None if answer == "hang" else answer


@contextmanager
def unkind_server(**answers: str) -> Iterator[UnkindServer]:
    """A server on a free port, for as long as the block lasts."""
    unkind = UnkindServer({step.replace("_", " "): answer for step, answer in answers.items()})
    listener = SmtpListener(unkind)
    unkind.port = listener.address.port
    try:
        yield unkind
    finally:
        listener.close()
