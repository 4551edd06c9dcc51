"""The port to whoever sends mail: a message as the workflow has it, and what can become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one recipient; ``facts`` are what its template may say, amounts as decimal text.

    ``id`` is the same each time that the message is written, and so is ``requested_at``.
    """

    id: UUID
    template: str
    language: str
    recipient: str
    recipient_name: str | None
    requested_at: datetime
    facts: Mapping[str, Any]
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """The mail server took responsibility."""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """Certainly not sent. ``code`` is "refused" or "unreachable"; ``final`` when asking again is pointless."""

    code: str
    detail: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The connection was lost while the message was handed over: sent or not, nobody knows."""

    detail: str


Outcome = Delivered | NotDelivered | Uncertain


class Unwritable(Exception):
    """A message that cannot be written: a template's mistake, an impossible address."""


class Mailer(Protocol):
    """Writes and sends messages. Thread-safe."""

    def write(self, message: Message) -> bytes:
        """The whole message, ready to be sent, equal each time; raises ``Unwritable``."""

    def deliver(self, recipient: str, message: bytes) -> Outcome:
        """Hand a written message to the mail server, once; never raises because of the server."""


class Attachments(Protocol):
    """Prints the documents that are attached to messages."""

    def print_issued(self, form: str, document_id: UUID) -> bytes:
        """An "invoice" or a "credit-memo" as PDF, as it was issued."""
