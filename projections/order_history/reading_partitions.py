"""Going through the events of a partition so that one which cannot be read is named, with its place in the log."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from eventstore.errors import Unreadable
from eventstore.records import RecordedEvent

T = TypeVar("T")


def each(rows: Sequence[RecordedEvent], do: Callable[[RecordedEvent], T]) -> list[T]:
    """What ``do`` makes of each event, in turn; raises Unreadable for the first that it fails for."""
    done: list[T] = []
    for row in rows:
        try:
            done.append(do(row))
        except Exception as error:
            raise Unreadable(row.partition_id, row.position, error) from error
    return done
