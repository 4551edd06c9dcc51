"""The mailbox of development: an SMTP server on this machine that keeps what it gets, and sends nothing on.

Messages are files, ``0001.eml`` and so on, the oldest of too many removed. It listens on 127.0.0.1 only.
"""

import asyncio
import os
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.mail.listener import SmtpListener
from adapters.private_files import make_folder, write_private

KEPT_MAX = 1000
_PAGE = "page.txt"


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
            unfinished = self._folder / f".{number}"
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            unfinished.rename(self._path(number))
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

    def forget(self, message_ids: Collection[UUID]) -> None:
        """Remove the messages of these ids, as far as they are there."""
        marks = [f"Message-ID: <{each}@".encode() for each in message_ids]
        for number in self.numbers():
            with suppress(FileNotFoundError):
                content = self._path(number).read_bytes()
                if any(mark in content for mark in marks):
                    self._path(number).unlink()

    def note_page(self, url: str) -> None:
        """Remember the address of the page that shows these messages, for who asks from another process."""
        make_folder(self._folder, 0o700)
        write_private(self._folder / _PAGE, url)

    def noted_page(self) -> str | None:
        """The address that the page had when it was last started; None before the first time."""
        try:
            return (self._folder / _PAGE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04d}.eml"


class MailboxServer:
    """Takes mail over SMTP into a mailbox until it is closed."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._listener = SmtpListener(self)
        self.address = self._listener.address

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep a message: called by aiosmtpd."""
        content = envelope.content
        await asyncio.to_thread(self._mailbox.keep, content if isinstance(content, bytes) else str(content).encode())
        return "250 Kept"

    def close(self) -> None:
        """Take no more; what was kept stays."""
        self._listener.close()
