"""Points in the past of an order, and which of its events had happened by then.

What was known at a moment goes by ``recorded_at``. What had happened by a moment goes by ``occurred_at``, which may be
earlier: there, payments and carriers' scans count from when they happened, however late they were reported; everything
else was decided on what the order was then, so it never comes before what it was decided on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.shipment_events import TrackingRecorded
from eventstore.records import RecordedEvent
from projections.order_history.history import PAYMENTS

# What the outside reports, whenever it gets round to it.
REPORTS = frozenset(event.TOPIC for event in (*PAYMENTS, TrackingRecorded))


class NoSuchPointError(Exception):
    """The order exists, but not at this point; the text says where it does."""


@dataclass(frozen=True, slots=True)
class Point:
    """A version of the order's stream, or a moment: of being recorded, or of having ``occurred``."""

    version: int | None = None
    moment: datetime | None = None
    occurred: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """The events up to a point, in log order, and the moment to which they tell the order."""

    rows: Sequence[RecordedEvent]
    now: datetime


def past_of(rows: Sequence[RecordedEvent], order_id: UUID, point: Point) -> Past:
    """What of an order's events had happened at a point. Raises NoSuchPointError when it was not placed by then."""
    if point.version is not None:
        chosen = rows[: _length_at(rows, order_id, point.version)]
        return Past(chosen, chosen[-1].recorded_at)
    assert point.moment is not None  # noqa: S101  (one of the two is given)
    moments = happened_at(rows) if point.occurred else [row.recorded_at for row in rows]
    chosen = [row for row, at in zip(rows, moments, strict=True) if at <= point.moment]
    if not chosen:
        raise NoSuchPointError(f"The order was placed later: it begins at {moments[0].isoformat()}.")
    return Past(chosen, point.moment)


def _length_at(rows: Sequence[RecordedEvent], order_id: UUID, version: int) -> int:
    """How many events there were while the order had this version, all that its last command wrote included."""
    versions = {row.version: number for number, row in enumerate(rows) if row.stream_id == order_id}
    if version not in versions:
        raise NoSuchPointError(f"The order has the versions 1 to {max(versions, default=0)}.")
    following = versions.get(version + 1)
    if following is None:
        return len(rows)
    # The command that wrote the next version may have begun with a document of it.
    begun = following
    while begun > versions[version] + 1 and rows[begun - 1].command_id == rows[following].command_id:
        begun -= 1
    return begun


def happened_at(rows: Sequence[RecordedEvent]) -> list[datetime]:
    """When each event happened, as far as it can have: see above."""
    begun: dict[UUID, datetime] = {}
    decided: datetime | None = None
    moments: list[datetime] = []
    for row in rows:
        floor = begun.get(row.stream_id, decided) if row.topic in REPORTS else decided
        moment = row.occurred_at if floor is None else max(floor, row.occurred_at)
        if row.topic not in REPORTS:
            decided = moment
        begun.setdefault(row.stream_id, moment)
        moments.append(moment)
    return moments
