"""What can be set, and where it comes from: environment variables, and the files of Daybook's home.

Everything has a default that works on a developer's machine. A value that cannot be used is refused in one sentence
that says what to do. This module must never write a file nor start anything.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from access.oidc.configuration import Configuration
from adapters.postgres.roles import OWNER, PROJECT, WEB, read_logins
from daybook import setting_values as read
from daybook.oidc_settings import read_oidc
from daybook.setting_values import SettingsError
from eventstore.master_key import MasterKey
from web.clients import NO_PROXIES, Proxies
from webhooks.addresses import Allowance
from webhooks.retrying import PAUSES, Pauses

__all__ = ["DOCUMENTED", "PAYMENT_GATEWAYS", "Settings", "SettingsError"]

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
        read.require_stripe(value)
        return cls(
            home=Path(value["DAYBOOK_HOME"]).expanduser().resolve(),
            host=value["HOST"],
            port=read.number("PORT", value["PORT"], 1, 65535),
            web_workers=read.number("WEB_WORKERS", value["WEB_WORKERS"], 1, 64),
            web_threads=read.number("WEB_THREADS", value["WEB_THREADS"], 1, 256),
            web_cpu_affinity=read.choice("WEB_CPU_AFFINITY", value["WEB_CPU_AFFINITY"], ("on", "off")) == "on",
            database_url=read.conninfo("DATABASE_URL", value["DATABASE_URL"]),
            database_app_url=read.conninfo("DATABASE_APP_URL", value["DATABASE_APP_URL"]),
            database_projector_url=read.conninfo("DATABASE_PROJECTOR_URL", value["DATABASE_PROJECTOR_URL"]),
            master_key_hex=value["DAYBOOK_MASTER_KEY"],
            easypost_api_key=value["EASYPOST_API_KEY"],
            easypost_url=read.http_url("EASYPOST_URL", value["EASYPOST_URL"]),
            easypost_webhook_secret=read.easypost_secret(value["EASYPOST_WEBHOOK_SECRET"]),
            stripe_api_key=value["STRIPE_API_KEY"],
            stripe_webhook_secret=value["STRIPE_WEBHOOK_SECRET"],
            public_url=read.public_url(value["PUBLIC_URL"]),
            config=Path(value["DAYBOOK_CONFIG"]).expanduser() if value["DAYBOOK_CONFIG"] else None,
            rate_limit=read.rate_limit(value["RATE_LIMIT"]),
            lag_limit_seconds=read.number("LAG_LIMIT_SECONDS", value["LAG_LIMIT_SECONDS"], 1, 86_400),
            disk_warn_mb=read.number("DISK_WARN_MB", value["DISK_WARN_MB"], 0, 10**7),
            disk_stop_mb=read.number("DISK_STOP_MB", value["DISK_STOP_MB"], 0, 10**7),
            payment_gateway=read.choice("PAYMENT_GATEWAY", value["PAYMENT_GATEWAY"], PAYMENT_GATEWAYS),
            smtp_url=read.smtp_url(value["SMTP_URL"]),
            mail_from=read.sender(value["MAIL_FROM"]),
            mail_templates=read.folder("MAIL_TEMPLATES", value["MAIL_TEMPLATES"]),
            mail_max_age_hours=read.number("MAIL_MAX_AGE_HOURS", value["MAIL_MAX_AGE_HOURS"], 1, 8760),
            seal_key=read.path(value["SEAL_KEY_FILE"]),
            seal_origin=read.seal_origin(value["SEAL_ORIGIN"], value["PUBLIC_URL"]),
            checkpoints=read.path(value["CHECKPOINT_FILE"]),
            checkpoint_url=read.http_url("CHECKPOINT_URL", value["CHECKPOINT_URL"]),
            webhook_allowance=read.allowance(value["DAYBOOK_WEBHOOK_ALLOW"]),
            webhook_pauses=read.pauses(value["DAYBOOK_WEBHOOK_RETRY_SECONDS"]),
            refusals_days=read.number("REFUSALS_DAYS", value["REFUSALS_DAYS"], 1, 36_500),
            accesses_days=read.number("ACCESSES_DAYS", value["ACCESSES_DAYS"], 1, 36_500),
            oidc=read_oidc(value),
            proxies=read.proxies(value["TRUSTED_PROXIES"]),
            mailbox_port=read.number("MAILBOX_PORT", value["MAILBOX_PORT"] or "0", 0, 65535),
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
