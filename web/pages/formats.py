"""How numbers, money and times are written for a person: in their language's way and their time zone.

A time always carries its exact UTC value as well. What is not understood is shown as it came, never an error.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from markupsafe import Markup, escape

FALLBACK = "en"
LANGUAGES = ("en", "de")
FRAME = re.compile(r"(\D*)1(\D*)234(\D*)567(?:(\D)(0+))?(\D*)")
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
                return _decimal(str(self.locale), amount)
            return _money(str(self.locale), currency, amount)
        except InvalidOperation:
            return f"{amount} {currency or ''}".strip()

    def price(self, amount: str, currency: str) -> str:
        """The price of one unit, with all the decimals that it was quoted with."""
        if len(amount.partition(".")[2].rstrip("0")) <= get_currency_precision(currency):
            return self.money(amount, currency)
        return format_currency(Decimal(amount), currency, locale=self.locale, decimal_quantization=False)

    def number(self, value: float | Decimal | None) -> str:
        return NOTHING if value is None else _number(str(self.locale), value)

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
        if form == "medium":
            return _moment(str(self.locale), self.zone, text)
        return _timed(text, at, self.exactly(at.astimezone(self.zone)))

    def exactly(self, local: datetime) -> str:
        """With seconds and zone."""
        return f"{_day(str(self.locale), local.date())} {local:%H:%M:%S} {local.tzname()}"

    def day(self, text: str) -> str:
        """A day or a time, as a day."""
        at = parsed(text if "T" in text else f"{text}T12:00:00Z")
        return text if at is None else _day(str(self.locale), at.astimezone(self.zone).date())

    def country(self, code: str | None) -> str:
        """What a country is called; its code where it has no name."""
        return str(self.locale.territories.get(code or "", code or ""))

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


# Writing a number takes Babel some hundred microseconds, and a page has hundreds: what was written once is kept.


@lru_cache(maxsize=16_384)
def _money(locale: str, currency: str, amount: str) -> str:
    frame = _frame(locale, currency)
    plain = amount.removeprefix("-")
    whole, _point, cents = plain.partition(".")
    if frame is None or plain != amount or len(cents) != frame.places or not (whole + cents).isdigit():
        return format_currency(Decimal(amount), currency, locale=locale)
    grouped = f"{int(whole):,}".replace(",", frame.group)
    return f"{frame.before}{grouped}{frame.point}{cents}{frame.after}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around and between the digits of an amount."""

    before: str
    after: str
    group: str
    point: str
    places: int


@lru_cache(maxsize=1024)
def _frame(locale: str, currency: str) -> _Frame | None:
    """How a locale writes amounts of a currency; None where it groups its digits in a way of its own."""
    large, small = (format_currency(Decimal(value), currency, locale=locale) for value in (1_234_567, 1234))
    told = FRAME.fullmatch(large)
    if told is None:
        return None
    before, group, again, point, zeros, after = told.groups()
    frame = _Frame(before, after, group, point or "", len(zeros or ""))
    as_small = f"{before}1{group}234{frame.point}{zeros or ''}{after}"
    return frame if group == again and small == as_small else None


@lru_cache(maxsize=16_384)
def _decimal(locale: str, amount: str) -> str:
    return format_decimal(Decimal(amount), "#,##0.00##", locale=locale)


@lru_cache(maxsize=4096)
def _number(locale: str, value: float | Decimal) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=16_384)
def _moment(locale: str, zone: ZoneInfo, text: str) -> Markup:
    at = datetime.fromisoformat(text)
    local = at.astimezone(zone)
    return _timed(text, at, f"{_day(locale, local.date())} {local:%H:%M}")


def _timed(text: str, at: datetime, shown: str) -> Markup:
    exact = f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'microseconds')} UTC"
    words = f'<time datetime="{escape(text)}" title="{exact}">{escape(shown)}</time>'
    return Markup(words)  # noqa: S704  (escaped above)


@lru_cache(maxsize=4096)
def _day(locale: str, day: date) -> str:
    return format_date(day, "medium", locale=locale)
