"""Telling the merchant by mail that a webhook paused itself: once for each pause, in a few words of what to do.

Where no mail is sent at all, the log line, the page, /readyz and the metrics have to do.
"""

from datetime import datetime
from html import escape
from uuid import UUID, uuid5

from adapters.mail.mime import build, mailbox_of
from adapters.mail.smtp import SmtpServer, deliver
from adapters.merchant.config import MerchantConfig
from application.mailer import NotDelivered
from daybook.development_mail import development_mailbox
from daybook.mailing import mail_sender
from daybook.settings import Settings
from webhooks.endpoints import GONE
from webhooks.process import Tell

_GONE = "Its receiver answered 410 Gone, which means: send no more."
_FAILING = "Nothing it was sent has arrived for days."


def telling_merchant(settings: Settings, merchant: MerchantConfig) -> Tell:
    """Mails ``seller.email`` of the merchant's file, or else the sender of mails."""
    if not settings.smtp_url and not settings.embedded:
        return lambda *_: True
    sender = mail_sender(settings, merchant)
    recipient = mailbox_of(merchant.seller.email or sender.addr_spec, merchant.seller.name)

    def tell(webhook_id: UUID, origin: str, why: str, paused_at: datetime) -> bool:
        text = pause_text(webhook_id, origin, why, settings.public_url)
        message = build(
            message_id=uuid5(webhook_id, paused_at.isoformat()),
            sender=sender,
            recipient=recipient,
            subject=f"Webhook to {origin} is paused",
            date=paused_at,
            language="en",
            text=text,
            html="".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n")),
        )
        if not settings.smtp_url:
            development_mailbox(settings).keep(message)
            return True
        server = SmtpServer.from_url(settings.smtp_url)
        outcome = deliver(server, sender.addr_spec, recipient.addr_spec, message)
        return not isinstance(outcome, NotDelivered) or outcome.final

    return tell


def pause_text(webhook_id: UUID, origin: str, why: str, public_url: str | None) -> str:
    """What happened, that nothing is lost, and what to do."""
    page = f"{public_url or ''}/settings/webhooks/{webhook_id}"
    return (
        f"Daybook has paused the webhook to {origin}. {_GONE if why == GONE else _FAILING}\n\n"
        "Nothing is lost: what happens meanwhile is kept, and sent in order once the webhook is resumed.\n\n"
        f"Look at what failed, and resume or delete it, at {page}."
    )
