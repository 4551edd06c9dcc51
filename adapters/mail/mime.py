"""Messages from their parts: text and HTML side by side, attachments, a Message-ID that stays the same.

A message must come out equal each time it is made, byte for byte, and no header may hold a line break,
whatever stood in a name or a template.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

from application.mailer import Attachment, Unwritable

SUBJECT_MAX = 200
NAME_MAX = 100
# Control characters, line and paragraph separators, and what turns the direction of writing around.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def one_line(text: str, longest: int) -> str:
    """Text fit for a header."""
    line = " ".join(_UNFIT.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def mailbox_of(address: str, name: str | None = None) -> Address:
    """A mailbox as it stands in a header; raises ``Unwritable`` for what is not exactly one address."""
    mistake = Unwritable(f"{address!r} is not an address that mail can be sent to")
    local, at, domain = address.rpartition("@")
    if not at or not local.isascii() or _UNFIT.search(address):
        raise mistake
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        return Address(one_line(name or "", NAME_MAX), addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, IndexError, MessageError):
        raise mistake from None


def sender_of(text: str) -> Address:
    """The sender as set: ``shop@example.com`` or ``Shop <shop@example.com>``; raises ``Unwritable``."""
    name, address = parseaddr(text)
    return mailbox_of(address, name)


def build(
    *,
    message_id: UUID,
    sender: Address,
    recipient: Address,
    subject: str,
    date: datetime,
    language: str,
    text: str,
    html: str,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The whole message, as it goes over the wire."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(subject, SUBJECT_MAX)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for attachment in attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    message["Content-Language"] = language  # last: setting content takes the headers about content away
    _set_boundaries(message, message_id)
    return message.as_bytes()


def _set_boundaries(message: EmailMessage, message_id: UUID) -> None:
    """Boundaries that do not change: chance would make other bytes of the same message."""
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for place, part in enumerate(multiparts):
        part.set_boundary(f"=_{place}_{message_id.hex}")
