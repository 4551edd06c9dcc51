"""Wording messages: Jinja templates per language, each of which a merchant may replace by a file of its own.

``en/shipped.txt`` begins with its subject, ``en/shipped.html`` is the same for mail programs that show HTML.
Facts come from strangers: HTML escapes them, and templates run in a sandbox that reaches nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from adapters.documents.countries import country_name
from adapters.payment_names import payment_name
from application.mailer import Message, Unwritable
from domain.places import place_of

SHIPPED = Path(__file__).with_name("templates")
TEMPLATES = (
    "order_placed",
    "payment_received",
    "invoice",
    "shipped",
    "credit_memo",
    "comment",
    "order_canceled",
    "payment_refunded",
)
LANGUAGES = ("en", "de")
# Thousands separator, decimal separator, how a day is written.
_STYLES = {"en": (",", ".", "%d %B %Y"), "de": (".", ",", "%d.%m.%Y")}
_SUBJECT = "Subject:"


@dataclass(frozen=True, slots=True)
class CarrierLink:
    """How customers know a carrier; ``tracking_url`` has ``{number}`` in it."""

    name: str
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """Who writes, as customers know it: ``bank`` are the lines for a transfer, ``payment_methods`` names of its own."""

    name: str
    email: str | None = None
    website: str | None = None
    carriers: Mapping[str, CarrierLink] = field(default_factory=dict)
    bank: tuple[str, ...] = ()
    payment_methods: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wording:
    """A message in words."""

    subject: str
    text: str
    html: str


class Templates:
    """The shipped templates under those of the merchant's folder. Thread-safe."""

    def __init__(self, shop: Shop, folder: Path | None = None) -> None:
        self._shop = shop
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([path for path in (folder, SHIPPED) if path is not None]),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "amount": amount,
            "day": day,
            "breaks": breaks,
            "country": country_name,
            "payment": self._payment,
            "place_line": place_of,
        }
        self._environment.globals |= {"shop": shop, "track": self._track, "carrier": self._carrier}

    def check(self) -> None:
        """Refuse templates with mistakes in their form; raises ``Unwritable`` naming file and line."""
        for name in self._environment.list_templates(extensions=["txt", "html"]):
            try:
                self._environment.get_template(name)
            except TemplateError as mistake:
                raise Unwritable(_described(name, mistake)) from None

    def word(self, message: Message) -> Wording:
        """Put a message into words; raises ``Unwritable``."""
        language = message.language if message.language in LANGUAGES else LANGUAGES[0]
        facts = {**message.facts, "language": language, "recipient": message.recipient}
        text = self._rendered(f"{language}/{message.template}.txt", facts)
        first, _, body = text.partition("\n")
        if not first.startswith(_SUBJECT) or not first.removeprefix(_SUBJECT).strip():
            raise Unwritable(f"{language}/{message.template}.txt must begin with a line '{_SUBJECT} ...'")
        html = self._rendered(f"{language}/{message.template}.html", facts)
        return Wording(first.removeprefix(_SUBJECT).strip(), body.lstrip("\n"), html)

    def _rendered(self, name: str, facts: Mapping[str, Any]) -> str:
        try:
            return self._environment.get_template(name).render(facts)
        except TemplateError as mistake:
            raise Unwritable(_described(name, mistake)) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as mistake:
            raise Unwritable(f"template {name}: {type(mistake).__name__}: {mistake}") from None

    def _payment(self, code: str, language: str) -> str:
        """A payment method as customers know it."""
        return payment_name(code, language, self._shop.payment_methods)

    def _carrier(self, code: str) -> str:
        """The carrier's name as customers know it."""
        link = self._shop.carriers.get(code)
        return link.name if link else code

    def _track(self, code: str, number: str) -> str | None:
        """Where a parcel can be followed, if the carrier has such a page."""
        link = self._shop.carriers.get(code)
        if link is None or link.tracking_url is None:
            return None
        return link.tracking_url.replace("{number}", quote(number, safe=""))


def amount(text: str, currency: str, language: str) -> str:
    """Decimal text as people write it: ``1,234.50 EUR``, ``1.234,50 EUR``."""
    thousands, decimal, _ = _STYLES[language]
    sign = "-" if text.startswith("-") else ""
    whole, point, fraction = text.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", thousands)
    return f"{sign}{grouped}{decimal if point else ''}{fraction}\N{NO-BREAK SPACE}{currency}"


def day(time: datetime, language: str) -> str:
    """The day of a time: ``1 November 2026``, ``01.11.2026``."""
    return time.strftime(_STYLES[language][2]).removeprefix("0" if language == "en" else "")


def breaks(text: str) -> Markup:
    """Escaped text with its line breaks."""
    return Markup("<br>\n").join(escape(line) for line in text.splitlines())


def _described(name: str, mistake: TemplateError) -> str:
    if isinstance(mistake, TemplateNotFound):
        return f"there is no template {mistake.name}"
    line = getattr(mistake, "lineno", None)
    return f"template {name}{f', line {line}' if line else ''}: {mistake.message or type(mistake).__name__}"
