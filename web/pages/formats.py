"""How numbers, money and times are written for a person: in their language's way and their time zone.

A time always carries its exact UTC value as well. What is not understood is shown as it came, never an error.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup, escape

FALLBACK = "en"
LANGUAGES = ("en", "de")
NOTHING = "\N{EN DASH}"


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale | None:
    """The locale of a language tag such as de-AT; None when nobody knows it."""
    try:
        return Locale.parse(tag.strip(), sep="-")
    except (ValueError, UnknownLocaleError, TypeError):
        return None


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Every time zone by name, in the order of the alphabet."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of that name; None when there is none."""
    return ZoneInfo(name) if name in available_timezones() else None


def asked_tags(accept_language: str) -> list[str]:
    """The language tags of an Accept-Language header, the most wanted first."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:400].split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        weighed.append((-weight, place, tag))
    return [tag for _, _, tag in sorted(weighed) if tag]


@dataclass(frozen=True)
class Writing:
    """The way of writing of one person: ``locale`` for numbers and dates, ``zone`` for times."""

    locale: Locale
    zone: ZoneInfo

    @classmethod
    def of(cls, accept_language: str, zone: str | None, tag: str | None = None) -> "Writing":
        """From a wanted language tag, else from the header of a browser."""
        wanted = [tag] if tag else asked_tags(accept_language)
        found = next((locale for each in wanted if (locale := locale_of(each))), None)
        return cls(found or Locale.parse(FALLBACK), (zone and zone_of(zone)) or ZoneInfo("UTC"))

    @cached_property
    def language(self) -> str:
        """In which of our languages texts are shown."""
        return self.locale.language if self.locale.language in LANGUAGES else FALLBACK

    def money(self, amount: str | None, currency: str | None) -> str:
        """An amount (decimal text) of a currency; without one as a number with its decimals, a dash for None."""
        if amount is None:
            return NOTHING
        try:
            if currency is None:
                return format_decimal(Decimal(amount), "#,##0.00##", locale=self.locale)
            return format_currency(Decimal(amount), currency, locale=self.locale)
        except InvalidOperation:
            return f"{amount} {currency or ''}".strip()

    def number(self, value: float | Decimal | None) -> str:
        return NOTHING if value is None else format_decimal(value, locale=self.locale)

    def percent(self, rate: str | None) -> str:
        """A rate such as 0.23."""
        if rate is None:
            return ""
        try:
            return format_percent(Decimal(rate), locale=self.locale, decimal_quantization=False)
        except InvalidOperation:
            return rate

    def moment(self, text: str | None, form: str = "medium") -> Markup:
        """An RFC 3339 time as an element that shows it in the person's zone, and exactly on hover."""
        if not text:
            return Markup("")
        at = parsed(text)
        if at is None:
            return escape(text)
        local = at.astimezone(self.zone)
        shown = self._date_time(local) if form == "medium" else self.exactly(local)
        exact = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(text, exact, shown)

    def _date_time(self, local: datetime) -> str:
        return (
            f"{format_date(local, 'medium', locale=self.locale)} {format_datetime(local, 'HH:mm', locale=self.locale)}"
        )

    def exactly(self, local: datetime) -> str:
        """With seconds and zone."""
        return f"{format_date(local, 'medium', locale=self.locale)} {local:%H:%M:%S} {local.tzname()}"

    def day(self, text: str) -> str:
        """A day or a time, as a day."""
        at = parsed(text if "T" in text else f"{text}T12:00:00Z")
        return text if at is None else format_date(at.astimezone(self.zone), "medium", locale=self.locale)

    def ago(self, text: str | None, now: datetime | None = None) -> str:
        """How long ago a time was, in a word or two."""
        at = parsed(text or "")
        if at is None:
            return ""
        return self.span((now or datetime.now(UTC)) - at)

    def span(self, length: timedelta) -> str:
        return format_timedelta(length, locale=self.locale, threshold=1.2)


def parsed(text: str) -> datetime | None:
    """An RFC 3339 time; None when it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
