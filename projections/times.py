"""Times as readers get them: RFC 3339 in UTC, always with microseconds and Z."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """The moment as 2026-11-01T12:00:00.000000Z."""
    if moment.tzinfo is not UTC and moment.utcoffset():
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"
