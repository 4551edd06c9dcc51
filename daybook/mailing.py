"""Notifications put together: the processes that record and send them, and the mailbox of development.

With SMTP_URL mail goes out. Without it, on a database of our own, a mailbox on this machine takes it; on
DATABASE_URL nothing is sent, and what happens meanwhile is not sent later either.
"""

from collections.abc import Callable
from datetime import timedelta
from email.headerregistry import Address

import structlog

from adapters.identifiers import new_id, now
from adapters.mail.mailbox import MailboxServer
from adapters.mail.mailbox_page import MailboxPage
from adapters.mail.mailer import SmtpMailer
from adapters.mail.mime import mailbox_of, sender_of
from adapters.mail.smtp import SmtpServer
from adapters.mail.templates import CarrierLink, Shop, Templates
from adapters.merchant.config import MerchantConfig
from application.mailer import Attachments, Unwritable
from application.order_log import OrderLog
from application.processes.attempts import Attempts
from application.processes.forgetting import Forgetting
from application.processes.mailing import Deliveries, Mailing
from application.processes.notifications import NoNotifications, Notifications
from application.processes.process import Origin, Process
from daybook.development_mail import development_mailbox, has_mailbox, mailbox_page_port
from daybook.settings import Settings, SettingsError
from eventstore.codec import Codec
from eventstore.cursors import Cursor
from eventstore.reader import LogReader

DEVELOPMENT_SENDER = "orders@daybook.invalid"

log = structlog.get_logger()


def mail_processes(
    settings: Settings,
    merchant: MerchantConfig,
    order_log: OrderLog,
    reader: LogReader,
    codec: Codec,
    *,
    attempts: Callable[[str], Attempts],
    attachments: Attachments | None = None,
) -> list[Process]:
    """What ``daybook work`` runs for notifications; starts the mailbox of development when that is to be used."""
    cursor = Cursor(settings.app_conninfo, Notifications.name)
    if not settings.smtp_url and not settings.embedded:
        log.info("notifications_off", why="SMTP_URL is not set")
        return [NoNotifications(reader, cursor, now)]
    sender, templates = mail_sender(settings, merchant), _templates(settings, merchant)
    server = SmtpServer.from_url(settings.smtp_url) if settings.smtp_url else _development_mailbox(settings)
    origin = Origin("notifications", new_id, now)
    max_age = timedelta(hours=settings.mail_max_age_hours)
    mailer = SmtpMailer(templates, sender, server)
    forgetting = Forgetting(reader, Cursor(settings.app_conninfo, Forgetting.name), development_mailbox(settings))
    return [
        *([forgetting] if has_mailbox(settings) else []),
        Notifications(order_log, reader, codec, cursor, origin, attempts=attempts("notifications"), max_age=max_age),
        Mailing(Deliveries(order_log, mailer, origin, merchant.language_of, attachments), attempts("mailing")),
    ]


def _development_mailbox(settings: Settings) -> SmtpServer:
    mailbox = development_mailbox(settings)
    try:
        page = MailboxPage(mailbox, mailbox_page_port(settings))
        mailbox.note_page(page.url)
        log.info("mailbox", page=page.url)
    except (OSError, SystemExit) as error:
        log.warning("mailbox_without_page", why=str(error), advice="set MAILBOX_PORT; `daybook mailbox list` works")
    return MailboxServer(mailbox).address


def mail_sender(settings: Settings, merchant: MerchantConfig) -> Address:
    """Who mails are from."""
    if settings.mail_from:
        return sender_of(settings.mail_from)
    address = merchant.seller.email or (None if settings.smtp_url else DEVELOPMENT_SENDER)
    if address is None:
        raise SettingsError("MAIL_FROM is missing; set it to the sender of mails, such as Shop <orders@example.com>.")
    try:
        return mailbox_of(address, merchant.seller.name)
    except Unwritable as mistake:
        raise SettingsError(f"seller.email: {mistake}.") from None


def _templates(settings: Settings, merchant: MerchantConfig) -> Templates:
    carriers = {code: CarrierLink(each.name, each.tracking_url) for code, each in merchant.carriers.items()}
    seller = merchant.seller
    shop = Shop(seller.name, seller.email, seller.website, carriers, seller.bank, merchant.payment_names)
    templates = Templates(shop, settings.mail_templates)
    try:
        templates.check()
    except Unwritable as mistake:
        raise SettingsError(f"MAIL_TEMPLATES: {mistake}.") from None
    return templates
