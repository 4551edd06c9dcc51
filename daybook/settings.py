"""What can be set, and where it comes from: environment variables, and the files of Daybook's home.

Everything has a default that works on a developer's machine. A value that cannot be used is refused in one sentence
that says what to do. This module must never write a file nor start anything.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from access.oidc.configuration import Configuration
from adapters.mail.mime import sender_of
from adapters.mail.smtp import SmtpServer
from adapters.postgres.roles import OWNER, PROJECT, WEB, read_logins
from application.mailer import Unwritable
from daybook.oidc_settings import read_oidc
from eventstore.master_key import MasterKey
from eventstore.seals.note import NoteError, checked_name
from web.clients import NO_PROXIES, Proxies
from webhooks.addresses import Allowance
from webhooks.retrying import PAUSES, Pauses

DOCUMENTED = {
    "ACCESSES_DAYS": "365",
    "CHECKPOINT_FILE": "",
    "CHECKPOINT_URL": "",
    "DATABASE_URL": "",
    "DATABASE_APP_URL": "",
    "DATABASE_PROJECTOR_URL": "",
    "DAYBOOK_CONFIG": "",
    "DAYBOOK_HOME": "var",
    "DAYBOOK_MASTER_KEY": "",
    "DAYBOOK_WEBHOOK_ALLOW": "",
    "DAYBOOK_WEBHOOK_RETRY_SECONDS": "5,30,120,600,1800,3600,7200,14400,28800,43200,72000,86400",
    "DISK_STOP_MB": "256",
    "DISK_WARN_MB": "2048",
    "EASYPOST_API_KEY": "",
    "EASYPOST_URL": "",
    "EASYPOST_WEBHOOK_SECRET": "",
    "HOST": "127.0.0.1",
    "MAILBOX_PORT": "",
    "LAG_LIMIT_SECONDS": "60",
    "MAIL_FROM": "",
    "MAIL_MAX_AGE_HOURS": "168",
    "MAIL_TEMPLATES": "",
    "OIDC_ALGORITHMS": "RS256,PS256,ES256,EdDSA",
    "OIDC_AUDIENCE": "",
    "OIDC_CLIENTS": "",
    "OIDC_CLIENT_ID": "",
    "OIDC_CLIENT_SECRET": "",
    "OIDC_CUSTOMER_CLAIM": "customer_id",
    "OIDC_ISSUER": "",
    "OIDC_LABEL": "",
    "OIDC_ROLES": "",
    "OIDC_ROLE_CLAIM": "roles",
    "OIDC_SCOPES": "openid profile",
    "PAYMENT_GATEWAY": "",
    "PORT": "8080",
    "PUBLIC_URL": "",
    "REFUSALS_DAYS": "90",
    "RATE_LIMIT": "",
    "SEAL_KEY_FILE": "",
    "SEAL_ORIGIN": "",
    "SMTP_URL": "",
    "STRIPE_API_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "",
    "TRUSTED_PROXIES": "",
    "WEB_CPU_AFFINITY": "on",
    "WEB_THREADS": "16",
    "WEB_WORKERS": "2",
}
"""Every environment variable Daybook reads, with its default; docs/reference/settings.md explains each."""


PAYMENT_GATEWAYS = ("none", "simulated", "stripe")


class SettingsError(Exception):
    """A setting that cannot be used; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. Passwords and keys are read when asked for and never shown.

    ``home`` is absolute. ``database_url``, ``database_app_url`` and ``database_projector_url`` are empty when the
    embedded PostgreSQL is used; ``app_login`` is then who appends there.
    """

    home: Path
    host: str
    port: int
    web_workers: int
    web_threads: int
    web_cpu_affinity: bool = True
    database_url: str = field(default="", repr=False)
    database_app_url: str = field(default="", repr=False)
    database_projector_url: str = field(default="", repr=False)
    app_login: str = WEB
    master_key_hex: str = field(default="", repr=False)
    payment_gateway: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_templates: Path | None = None
    mail_max_age_hours: int = 168
    mailbox_port: int = 0
    easypost_api_key: str = field(default="", repr=False)
    easypost_url: str = ""
    easypost_webhook_secret: str = field(default="", repr=False)
    stripe_api_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    config: Path | None = None
    public_url: str | None = None
    lag_limit_seconds: int = 60
    rate_limit: str = ""
    disk_warn_mb: int = 2048
    disk_stop_mb: int = 256
    seal_key: Path | None = None
    seal_origin: str = ""
    checkpoints: Path | None = None
    checkpoint_url: str = ""
    webhook_allowance: Allowance = field(default_factory=Allowance)
    webhook_pauses: Pauses = PAUSES
    refusals_days: int = 90
    accesses_days: int = 365
    oidc: Configuration | None = None
    proxies: Proxies = NO_PROXIES

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; an empty variable counts as not set."""
        value = {name: environ.get(name, "").strip() or default for name, default in DOCUMENTED.items()}
        _require_stripe(value)
        return cls(
            home=Path(value["DAYBOOK_HOME"]).expanduser().resolve(),
            host=value["HOST"],
            port=_number("PORT", value["PORT"], 1, 65535),
            web_workers=_number("WEB_WORKERS", value["WEB_WORKERS"], 1, 64),
            web_threads=_number("WEB_THREADS", value["WEB_THREADS"], 1, 256),
            web_cpu_affinity=_choice("WEB_CPU_AFFINITY", value["WEB_CPU_AFFINITY"], ("on", "off")) == "on",
            database_url=_conninfo("DATABASE_URL", value["DATABASE_URL"]),
            database_app_url=_conninfo("DATABASE_APP_URL", value["DATABASE_APP_URL"]),
            database_projector_url=_conninfo("DATABASE_PROJECTOR_URL", value["DATABASE_PROJECTOR_URL"]),
            master_key_hex=value["DAYBOOK_MASTER_KEY"],
            easypost_api_key=value["EASYPOST_API_KEY"],
            easypost_url=_http_url("EASYPOST_URL", value["EASYPOST_URL"]),
            easypost_webhook_secret=_easypost_secret(value["EASYPOST_WEBHOOK_SECRET"]),
            stripe_api_key=value["STRIPE_API_KEY"],
            stripe_webhook_secret=value["STRIPE_WEBHOOK_SECRET"],
            public_url=_public_url(value["PUBLIC_URL"]),
            config=Path(value["DAYBOOK_CONFIG"]).expanduser() if value["DAYBOOK_CONFIG"] else None,
            rate_limit=_rate_limit(value["RATE_LIMIT"]),
            lag_limit_seconds=_number("LAG_LIMIT_SECONDS", value["LAG_LIMIT_SECONDS"], 1, 86_400),
            disk_warn_mb=_number("DISK_WARN_MB", value["DISK_WARN_MB"], 0, 10**7),
            disk_stop_mb=_number("DISK_STOP_MB", value["DISK_STOP_MB"], 0, 10**7),
            payment_gateway=_choice("PAYMENT_GATEWAY", value["PAYMENT_GATEWAY"], PAYMENT_GATEWAYS),
            smtp_url=_smtp_url(value["SMTP_URL"]),
            mail_from=_sender(value["MAIL_FROM"]),
            mail_templates=_folder("MAIL_TEMPLATES", value["MAIL_TEMPLATES"]),
            mail_max_age_hours=_number("MAIL_MAX_AGE_HOURS", value["MAIL_MAX_AGE_HOURS"], 1, 8760),
            seal_key=_path(value["SEAL_KEY_FILE"]),
            seal_origin=_origin(value["SEAL_ORIGIN"], value["PUBLIC_URL"]),
            checkpoints=_path(value["CHECKPOINT_FILE"]),
            checkpoint_url=_http_url("CHECKPOINT_URL", value["CHECKPOINT_URL"]),
            webhook_allowance=_allowance(value["DAYBOOK_WEBHOOK_ALLOW"]),
            webhook_pauses=_pauses(value["DAYBOOK_WEBHOOK_RETRY_SECONDS"]),
            refusals_days=_number("REFUSALS_DAYS", value["REFUSALS_DAYS"], 1, 36_500),
            accesses_days=_number("ACCESSES_DAYS", value["ACCESSES_DAYS"], 1, 36_500),
            oidc=_oidc(value),
            proxies=_proxies(value["TRUSTED_PROXIES"]),
            mailbox_port=_number("MAILBOX_PORT", value["MAILBOX_PORT"] or "0", 0, 65535),
        )

    @property
    def embedded(self) -> bool:
        """Whether Daybook runs a PostgreSQL of its own."""
        return not self.database_url

    @property
    def seal_key_file(self) -> Path:
        """Where the keys that sign checkpoints are kept."""
        return self.seal_key or self.home / "seals" / "signing.key"

    @property
    def checkpoint_file(self) -> Path:
        """Where checkpoints are written outside the database."""
        return self.checkpoints or self.home / "seals" / "checkpoints.txt"

    @property
    def served_by_tls(self) -> bool:
        """Whether browsers come by TLS, so that their cookies go no other way."""
        return (self.public_url or "").startswith("https://")

    @property
    def owner_conninfo(self) -> str:
        """How the owner of the database connects: for migrations and for keeping API keys, nothing else."""
        return self.database_url or self._embedded_url(OWNER)

    @property
    def app_conninfo(self) -> str:
        """How web server and worker connect: every session acts as ``daybook_app``."""
        return self._acting_as("daybook_app", self.database_app_url, self.app_login)

    @property
    def projector_conninfo(self) -> str:
        """How the projections connect: every session acts as ``daybook_projector``."""
        url = self.database_projector_url or self.database_app_url
        return self._acting_as("daybook_projector", url, PROJECT)

    @property
    def master_key(self) -> MasterKey:
        """The key under which the keys of personal data are wrapped, with those that still open some."""
        text, source = self.master_key_hex, "DAYBOOK_MASTER_KEY"
        if not text:
            source = str(self.home / "master.key")
            try:
                text = Path(source).read_text().strip()
            except OSError:
                raise SettingsError(
                    f"There is no master key: set DAYBOOK_MASTER_KEY, or start `daybook run`, which makes {source}."
                ) from None
        try:
            return MasterKey.parse(text)
        except ValueError:
            raise SettingsError(
                f"{source} must be 64 hexadecimal digits (32 bytes), such as `openssl rand -hex 32` prints."
            ) from None

    def _acting_as(self, role: str, given_url: str, embedded_login: str) -> str:
        url = given_url or self.database_url or self._embedded_url(embedded_login)
        options = f"{conninfo_to_dict(url).get('options') or ''} -c role={role}".strip()
        return make_conninfo(url, options=options, application_name=role.replace("_", "-"), connect_timeout=5)

    def _embedded_url(self, login: str) -> str:
        logins = read_logins(self.home)
        if logins is None:
            raise SettingsError(
                f"There is no database: set DATABASE_URL, or start with `daybook run`, which makes one in {self.home}."
            )
        return logins.url(login)


def _number(name: str, text: str, lowest: int, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise SettingsError(f"{name}={text} is not a whole number from {lowest} to {highest}.")
    return int(text)


def _require_stripe(value: Mapping[str, str]) -> None:
    """Refuse settings of Stripe that cannot work: its library is an extra."""
    gateway = "PAYMENT_GATEWAY=stripe" if value["PAYMENT_GATEWAY"] == "stripe" else ""
    needing = gateway or ("STRIPE_WEBHOOK_SECRET" if value["STRIPE_WEBHOOK_SECRET"] else "")
    if needing and find_spec("stripe") is None:
        raise SettingsError(f"{needing} needs Stripe's library; install it: .venv/bin/pip install -e '.[stripe]'.")
    if gateway and not value["STRIPE_API_KEY"]:
        raise SettingsError(f"{gateway} needs Stripe's secret key; set STRIPE_API_KEY.")


def _oidc(value: Mapping[str, str]) -> Configuration | None:
    try:
        return read_oidc(value)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def require_easypost(needing: str) -> None:
    """Refuse what needs EasyPost's library where that is not installed: it is an extra."""
    if find_spec("easypost") is None:
        install = ".venv/bin/pip install -e '.[easypost]'"
        raise SettingsError(f"{needing} needs EasyPost's library; install it: {install}.")


def _easypost_secret(text: str) -> str:
    if text:
        require_easypost("EASYPOST_WEBHOOK_SECRET")
    return text


def _rate_limit(text: str) -> str:
    """Requests and seconds with a slash between, or "off"."""
    requests, _, seconds = text.partition("/")
    if text in {"", "off"}:
        return text
    if not (requests.isascii() and requests.isdigit() and seconds.isascii() and seconds.isdigit()):
        raise SettingsError(f"RATE_LIMIT={text} must be off, or requests and seconds of a key, such as 60000/60.")
    _number("RATE_LIMIT", requests, 1, 10**7)
    _number("RATE_LIMIT", seconds, 1, 3600)
    return text


def _public_url(text: str) -> str | None:
    if text and not (text.startswith(("https://", "http://")) and " " not in text):
        raise SettingsError(
            "PUBLIC_URL must be the address of Daybook for customers, such as https://orders.example.com."
        )
    return text.rstrip("/") or None


def _path(text: str) -> Path | None:
    return Path(text).expanduser().resolve() if text else None


def _http_url(name: str, text: str) -> str:
    if text and not (text.startswith(("https://", "http://")) and " " not in text):
        raise SettingsError(f"{name} must be an address such as https://archive.example.com/checkpoints.")
    return text


def _allowance(text: str) -> Allowance:
    try:
        return Allowance.of(text)
    except ValueError as error:
        raise SettingsError(
            f"DAYBOOK_WEBHOOK_ALLOW={text} is no list of networks ({error}); write 10.1.0.0/16,192.168.7.5."
        ) from None


def _proxies(text: str) -> Proxies:
    try:
        return Proxies.of(text)
    except ValueError as error:
        raise SettingsError(
            f"TRUSTED_PROXIES={text} is no list of addresses ({error}); write 127.0.0.1,10.1.0.0/16."
        ) from None


def _pauses(text: str) -> Pauses:
    try:
        return Pauses.of(text)
    except ValueError:
        raise SettingsError(
            f"DAYBOOK_WEBHOOK_RETRY_SECONDS={text} is no list of seconds; write pauses that grow, such as 5,30,120."
        ) from None


def _origin(text: str, public_url: str) -> str:
    """The log's name in checkpoints: as it is set, else from PUBLIC_URL; empty when one is to be made up."""
    name = text or (f"{public_url.rstrip('/').partition('://')[2]}/audit" if public_url else "")
    try:
        return checked_name(name) if name else ""
    except NoteError:
        raise SettingsError(
            f"SEAL_ORIGIN={name} cannot name a log; write it without spaces and +, such as shop.example.com/audit."
        ) from None


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text and text not in choices:
        raise SettingsError(f"{name}={text} is none of {', '.join(choices)}.")
    return text


def _folder(name: str, text: str) -> Path | None:
    folder = Path(text).expanduser().resolve() if text else None
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"{name}={text} is not a folder.")
    return folder


def _smtp_url(text: str) -> str:
    if text:
        try:
            SmtpServer.from_url(text)
        except ValueError as error:
            raise SettingsError(f"SMTP_URL is not the address of a mail server; {error}.") from None
    return text


def _sender(text: str) -> str:
    if text:
        try:
            sender_of(text)
        except Unwritable as mistake:
            raise SettingsError(f"MAIL_FROM={text}: {mistake}; write it as Shop <orders@example.com>.") from None
    return text


def _conninfo(name: str, text: str) -> str:
    try:
        conninfo_to_dict(text)
    except ProgrammingError:
        raise SettingsError(
            f"{name} is not a PostgreSQL connection string; write it as postgresql://user:password@host:5432/database."
        ) from None
    return text
