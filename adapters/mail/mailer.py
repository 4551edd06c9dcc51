"""The mailer over SMTP: it has messages worded by templates, and hands them to one server."""

from dataclasses import dataclass
from email.headerregistry import Address

from adapters.mail.mime import build, mailbox_of
from adapters.mail.smtp import TIMEOUT_SECONDS, SmtpServer, deliver
from adapters.mail.templates import Templates
from application.mailer import Message, Outcome


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Writes as ``sender`` and sends through ``server``."""

    templates: Templates
    sender: Address
    server: SmtpServer
    timeout_seconds: float = TIMEOUT_SECONDS

    def write(self, message: Message) -> bytes:
        """The whole message; raises ``Unwritable``."""
        recipient = mailbox_of(message.recipient, message.recipient_name)
        wording = self.templates.word(message)
        return build(
            message_id=message.id,
            sender=self.sender,
            recipient=recipient,
            subject=wording.subject,
            date=message.requested_at,
            language=message.language,
            text=wording.text,
            html=wording.html,
            attachments=message.attachments,
        )

    def deliver(self, recipient: str, message: bytes) -> Outcome:
        """Hand the message to the server, once."""
        address = mailbox_of(recipient).addr_spec
        return deliver(self.server, self.sender.addr_spec, address, message, self.timeout_seconds)
