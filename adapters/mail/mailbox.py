"""The mailbox of development: an SMTP server on this machine that keeps what it gets, and sends nothing on.

Messages are files, ``0001.eml`` and so on, the oldest of too many removed. It listens on 127.0.0.1 only.
"""

import asyncio
import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.mail.smtp import SmtpServer
from adapters.private_files import make_folder, write_private

KEPT_MAX = 1000
MESSAGE_BYTES_MAX = 33_554_432
THIS_MACHINE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the mailbox."""

    number: int
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML, as it came: never show it outside of a sandbox."""
        return self._body("html")

    @property
    def attachments(self) -> list[tuple[str, bytes]]:
        """Names and contents."""
        parts = list(enumerate(self.message.iter_attachments()))
        return [(part.get_filename() or f"part-{n}", _content(part)) for n, part in parts]

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


def _content(part: Any) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


class Mailbox:
    """The folder with the messages; the newest has the highest number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def keep(self, content: bytes) -> int:
        """Add a message; returns its number."""
        with self._lock:
            make_folder(self._folder, 0o700)
            numbers = self.numbers()
            number = max(numbers, default=0) + 1
            write_private(self._path(number), content.decode("utf-8", "surrogateescape"))
            for old in numbers[: max(0, len(numbers) + 1 - KEPT_MAX)]:
                self._path(old).unlink(missing_ok=True)
        return number

    def numbers(self) -> list[int]:
        """All numbers, the oldest first."""
        return sorted(int(path.stem) for path in self._folder.glob("*.eml") if path.stem.isdigit())

    def read(self, number: int) -> Kept | None:
        """A message, if it is there."""
        try:
            content = self._path(number).read_bytes()
        except FileNotFoundError:
            return None
        return Kept(number, message_from_bytes(content, EmailMessage, policy=default))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04d}.eml"


class MailboxServer:
    """Takes mail over SMTP on a free port of this machine until it is closed."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._listener = socket.create_server((THIS_MACHINE, 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="mailbox", daemon=True)
        self._thread.start()

    @property
    def address(self) -> SmtpServer:
        """How to reach it."""
        return SmtpServer(THIS_MACHINE, self._listener.getsockname()[1], "never")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep a message: called by aiosmtpd."""
        content = envelope.content
        await asyncio.to_thread(self._mailbox.keep, content if isinstance(content, bytes) else str(content).encode())
        return "250 Kept"

    def close(self) -> None:
        """Stop listening; what was kept stays."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)

        def conversation() -> Any:
            return SMTP(self, data_size_limit=MESSAGE_BYTES_MAX, hostname="mailbox", loop=self._loop)

        server = self._loop.run_until_complete(self._loop.create_server(conversation, sock=self._listener))
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.close()
