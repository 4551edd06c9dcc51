"""Times as readers get them: RFC 3339 in UTC, always with microseconds and Z."""

from datetime import UTC, datetime

import msgspec

# A fifth of the time that isoformat takes; it leaves out microseconds that are 0.
_encode = msgspec.json.Encoder().encode
_WHOLE_SECOND = len('"2026-11-01T12:00:00Z"')


def rfc3339(moment: datetime) -> str:
    """An aware moment as 2026-11-01T12:00:00.000000Z."""
    if moment.tzinfo is not UTC and moment.utcoffset():
        moment = moment.astimezone(UTC)
    text = _encode(moment).decode()
    return text[1:-2] + (".000000Z" if len(text) == _WHOLE_SECOND else "Z")
