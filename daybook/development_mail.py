"""Mail of development: whether it is kept instead of sent, where it lies, and at which port it can be looked at.

The command line and the supervisor ask here, so that they need not load what words and sends mails.
"""

from adapters.mail.mailbox import Mailbox
from daybook.settings import Settings

PAGE_PORT_ABOVE = 1000


def development_mailbox(settings: Settings) -> Mailbox:
    """Where mail of development lies."""
    return Mailbox(settings.home / "mailbox")


def mailbox_page_port(settings: Settings) -> int:
    """The port of the page that shows it; 0, any free one, when the usual one would be beyond the last."""
    usual = settings.port + PAGE_PORT_ABOVE
    return settings.mailbox_port or (usual if usual <= 65535 else 0)


def has_mailbox(settings: Settings) -> bool:
    """Whether mail goes to the mailbox of development."""
    return settings.embedded and not settings.smtp_url
