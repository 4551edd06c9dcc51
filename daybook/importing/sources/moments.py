"""Times of foreign files, as RFC 3339 texts with their offset.

A time that names no zone is one of ``--time-zone``; a day without a time is its noon there, so that it stays the same
day wherever it is read. Both are said by whoever reads them, never here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from daybook.importing.sources.refused import Refused

NOON = time(12)


def moment(text: str, zone: ZoneInfo, formats: Sequence[str], name: str) -> str:
    """The time of ``text``: ISO 8601, or one of the ``formats`` of strptime. Raises Refused."""
    found = _parsed(text.strip(), formats)
    if found is None:
        raise Refused(f"{name} is no time: {text[:40]!r}; it must be written like 2026-03-31 09:30:00")
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_at_noon(text: str, zone: ZoneInfo, formats: Sequence[str], name: str) -> str:
    """Noon of a day that was written without a time."""
    found = _parsed(text.strip(), formats)
    if found is None:
        raise Refused(f"{name} is no day: {text[:40]!r}; it must be written like {_like(formats)}")
    return datetime.combine(found.date(), NOON, zone).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _like(formats: Sequence[str]) -> str:
    return datetime(2026, 3, 31, tzinfo=UTC).strftime(formats[0]) if formats else "2026-03-31"


def _parsed(text: str, formats: Sequence[str]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  (the zone is given where the text has none)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
