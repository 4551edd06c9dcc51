"""The post over SMTP: letters worded by templates and handed to one server."""

from dataclasses import dataclass
from email.headerregistry import Address

from adapters.mail.message import build, mailbox_of
from adapters.mail.smtp import TIMEOUT_SECONDS, SmtpServer, deliver
from adapters.mail.templates import Templates
from application.letter import Letter, Outcome


@dataclass(frozen=True, slots=True)
class SmtpPost:
    """Writes as ``sender`` and sends through ``server``."""

    templates: Templates
    sender: Address
    server: SmtpServer
    timeout_seconds: float = TIMEOUT_SECONDS

    def write(self, letter: Letter) -> bytes:
        """The whole message; raises ``Unwritable``."""
        recipient = mailbox_of(letter.recipient, letter.recipient_name)
        wording = self.templates.word(letter)
        return build(
            message_id=letter.id,
            sender=self.sender,
            recipient=recipient,
            subject=wording.subject,
            date=letter.requested_at,
            language=letter.language,
            text=wording.text,
            html=wording.html,
            attachments=letter.attachments,
        )

    def deliver(self, recipient: str, message: bytes) -> Outcome:
        """Hand the message to the server, once."""
        address = mailbox_of(recipient).addr_spec
        return deliver(self.server, self.sender.addr_spec, address, message, self.timeout_seconds)
