"""What the text of a setting means: each reader takes it as the environment has it, and gives what it stands for.

What cannot be used is refused in one sentence that says what to do. This module must never read the environment.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from adapters.mail.mime import sender_of
from adapters.mail.smtp import SmtpServer
from application.mailer import Unwritable
from eventstore.seals.note import NoteError, checked_name
from web.clients import Proxies
from webhooks.addresses import Allowance
from webhooks.retrying import Pauses


class SettingsError(Exception):
    """A setting that cannot be used; the message is one sentence that says what to do."""


def number(name: str, text: str, lowest: int, highest: int) -> int:
    """A whole number within its limits."""
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise SettingsError(f"{name}={text} is not a whole number from {lowest} to {highest}.")
    return int(text)


def require_stripe(value: Mapping[str, str]) -> None:
    """Refuse settings of Stripe that cannot work: its library is an extra."""
    gateway = "PAYMENT_GATEWAY=stripe" if value["PAYMENT_GATEWAY"] == "stripe" else ""
    needing = gateway or ("STRIPE_WEBHOOK_SECRET" if value["STRIPE_WEBHOOK_SECRET"] else "")
    if needing and find_spec("stripe") is None:
        raise SettingsError(f"{needing} needs Stripe's library; install it: .venv/bin/pip install -e '.[stripe]'.")
    if gateway and not value["STRIPE_API_KEY"]:
        raise SettingsError(f"{gateway} needs Stripe's secret key; set STRIPE_API_KEY.")


def require_easypost(needing: str) -> None:
    """Refuse what needs EasyPost's library where that is not installed: it is an extra."""
    if find_spec("easypost") is None:
        install = ".venv/bin/pip install -e '.[easypost]'"
        raise SettingsError(f"{needing} needs EasyPost's library; install it: {install}.")


def easypost_secret(text: str) -> str:
    """The secret, whose use needs EasyPost's library."""
    if text:
        require_easypost("EASYPOST_WEBHOOK_SECRET")
    return text


def rate_limit(text: str) -> str:
    """Requests and seconds with a slash between, or "off"."""
    requests, _, seconds = text.partition("/")
    if text in {"", "off"}:
        return text
    if not (requests.isascii() and requests.isdigit() and seconds.isascii() and seconds.isdigit()):
        raise SettingsError(f"RATE_LIMIT={text} must be off, or requests and seconds of a key, such as 60000/60.")
    number("RATE_LIMIT", requests, 1, 10**7)
    number("RATE_LIMIT", seconds, 1, 3600)
    return text


def public_url(text: str) -> str | None:
    """Where customers find Daybook, without a slash at the end; None where that is not said."""
    if text and not _is_address(text):
        raise SettingsError(
            "PUBLIC_URL must be the address of Daybook for customers, such as https://orders.example.com."
        )
    return text.rstrip("/") or None


def path(text: str) -> Path | None:
    """A file that need not be there yet."""
    return Path(text).expanduser().resolve() if text else None


def http_url(name: str, text: str) -> str:
    """An address of somebody else."""
    if text and not _is_address(text):
        raise SettingsError(f"{name} must be an address such as https://archive.example.com/checkpoints.")
    return text


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and " " not in text


def allowance(text: str) -> Allowance:
    """To which networks of our own webhooks may go."""
    try:
        return Allowance.of(text)
    except ValueError as error:
        raise SettingsError(
            f"DAYBOOK_WEBHOOK_ALLOW={text} is no list of networks ({error}); write 10.1.0.0/16,192.168.7.5."
        ) from None


def proxies(text: str) -> Proxies:
    """Whose word on where a request comes from is taken."""
    try:
        return Proxies.of(text)
    except ValueError as error:
        raise SettingsError(
            f"TRUSTED_PROXIES={text} is no list of addresses ({error}); write 127.0.0.1,10.1.0.0/16."
        ) from None


def pauses(text: str) -> Pauses:
    """How long a webhook waits after each attempt that failed."""
    try:
        return Pauses.of(text)
    except ValueError:
        raise SettingsError(
            f"DAYBOOK_WEBHOOK_RETRY_SECONDS={text} is no list of seconds; write pauses that grow, such as 5,30,120."
        ) from None


def seal_origin(text: str, public_url: str) -> str:
    """The log's name in checkpoints: as it is set, else from PUBLIC_URL; empty when one is to be made up."""
    name = text or (f"{public_url.rstrip('/').partition('://')[2]}/audit" if public_url else "")
    try:
        return checked_name(name) if name else ""
    except NoteError:
        raise SettingsError(
            f"SEAL_ORIGIN={name} cannot name a log; write it without spaces and +, such as shop.example.com/audit."
        ) from None


def choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    """One of several words, or nothing."""
    if text and text not in choices:
        raise SettingsError(f"{name}={text} is none of {', '.join(choices)}.")
    return text


def folder(name: str, text: str) -> Path | None:
    """A folder that is there."""
    found = path(text)
    if found is not None and not found.is_dir():
        raise SettingsError(f"{name}={text} is not a folder.")
    return found


def smtp_url(text: str) -> str:
    """The address of a mail server."""
    if text:
        try:
            SmtpServer.from_url(text)
        except ValueError as error:
            raise SettingsError(f"SMTP_URL is not the address of a mail server; {error}.") from None
    return text


def sender(text: str) -> str:
    """Who mails are from, as a header has it."""
    if text:
        try:
            sender_of(text)
        except Unwritable as mistake:
            raise SettingsError(f"MAIL_FROM={text}: {mistake}; write it as Shop <orders@example.com>.") from None
    return text


def conninfo(name: str, text: str) -> str:
    """A connection string of PostgreSQL."""
    try:
        conninfo_to_dict(text)
    except ProgrammingError:
        raise SettingsError(
            f"{name} is not a PostgreSQL connection string; write it as postgresql://user:password@host:5432/database."
        ) from None
    return text
