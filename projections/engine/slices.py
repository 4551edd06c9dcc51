"""The shares of the work: every partition belongs to one of 16 slices, and each slice has its own position.

A worker holds a slice by the lock on its row of read.positions, inside the transaction that moves it.
So a slice has one writer, a crash frees it at once, and rows and position can never part.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from eventstore.feed import Choice
from projections.engine.table import array_text

SLICES = 16
ALL = range(SLICES)

_CREATE = """
    INSERT INTO read.positions (projection, slice) SELECT %s, generate_series(0, 15) ON CONFLICT DO NOTHING
"""
# Those furthest behind first; among equals those that this worker had before, whose orders it remembers.
_TAKE = """
    SELECT slice, position, counts FROM read.positions WHERE projection = %s
    ORDER BY position, slice <> ALL(%s), slice LIMIT %s FOR UPDATE SKIP LOCKED
"""
# Workers of one projection know of each other by a lock that they share; it goes with their connection.
_JOIN = "SELECT pg_advisory_lock_shared(%s, hashtext(%s))"
_COUNT = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = %s AND objid::bigint = hashtext(%s)::bigint & 4294967295
"""
_WORKERS = 0x6461_7962
_WAIT_FOR = "SELECT slice, position, counts FROM read.positions WHERE projection = %s AND slice = %s FOR UPDATE"
_MOVE = """
    UPDATE read.positions p SET position = moved.position, counts = moved.counts::jsonb
    FROM unnest(%s::smallint[], %s::bigint[], %s::text[]) moved (slice, position, counts)
    WHERE p.projection = %s AND p.slice = moved.slice
"""


@dataclass(slots=True)
class Slice:
    """One slice as this transaction holds it: every event up to ``position`` is in the rows."""

    number: int
    position: int
    counts: dict[str, int] = field(default_factory=dict)


def slice_of(partition_id: UUID) -> int:
    """The slice that a partition belongs to; read.slice_of says the same in SQL."""
    return partition_id.int & (SLICES - 1)


def choice(numbers: Collection[int]) -> Choice | None:
    """What chooses the events of these slices from the feed; None where all are asked for."""
    if len(numbers) == SLICES:
        return None
    asked = array_text([str(number) for number in numbers]).encode()
    return Choice("read.slice_of(e.partition_id) = ANY ($4)", [asked])


def create(connection: Connection[Any], projection: str) -> None:
    """Let a projection start at the beginning of the log, unless it has started already."""
    connection.execute(_CREATE, [projection])


def join(connection: Connection[Any], projection: str) -> None:
    """Be counted among the workers of a projection for as long as the connection lives."""
    connection.execute(_JOIN, [_WORKERS, projection])


def fair_share(connection: Connection[Any], projection: str) -> int:
    """How many slices a worker holds at most, so that every worker alive finds some."""
    row = connection.execute(_COUNT, [_WORKERS, projection]).fetchone()
    workers = max(1, row[0] if row else 1)
    return -(-SLICES // workers)


def take(connection: Connection[Any], projection: str, at_most: int, mine: Collection[int] = ()) -> dict[int, Slice]:
    """Hold up to ``at_most`` slices that nobody else holds until the end of the transaction."""
    found = connection.execute(_TAKE, [projection, list(mine), at_most])
    return {number: Slice(number, position, counts) for number, position, counts in found}


def take_one(connection: Connection[Any], projection: str, number: int, *, wait: bool = True) -> Slice:
    """Hold this slice, waiting for whoever has it now; unless ``wait``, LockNotAvailable is raised instead."""
    statement = _WAIT_FOR if wait else f"{_WAIT_FOR} NOWAIT"
    found = connection.execute(statement.encode(), [projection, number]).fetchone()
    if found is None:
        raise LookupError(f"There is no projection {projection}.")
    return Slice(*found)


def behind(connection: Connection[Any], projection: str) -> int:
    """The position that every slice of a projection has reached."""
    row = connection.execute(
        "SELECT coalesce(min(position), 0) FROM read.positions WHERE projection = %s", [projection]
    ).fetchone()
    return int(row[0]) if row else 0


def move(connection: Connection[Any], projection: str, slices: Mapping[int, Slice]) -> None:
    """Write where the held slices are now."""
    values = list(slices.values())
    counts = [msgspec.json.encode({key: n for key, n in each.counts.items() if n}).decode() for each in values]
    connection.execute(_MOVE, [[v.number for v in values], [v.position for v in values], counts, projection])
