"""Partitions that were erased: what was folded of them before is forgotten, here and in every other edition.

The log says that a partition was erased by an event in it. Whoever takes that event in removes the partition's rows and
folds it anew from its beginning, with the keys that are left; so following comes to what a rebuild comes to. Rows of an
edition that nobody follows are removed with the live ones, and come back, erased, should it be followed again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from domain.erasure import PersonalDataErased
from eventstore import feed
from eventstore.feed import FeedEvent
from projections.engine import editions, slices
from projections.engine.editions import CHECK, NEXT, OLD
from projections.engine.model import ReadModel
from projections.engine.slices import SLICES, Slice, slice_of

TOPIC = PersonalDataErased.TOPIC
REBUILDING = 0x6461_7963
"""With the hash of a read model's name: the advisory lock of who makes editions of it."""


def erased_by(rows: Iterable[FeedEvent], held: Mapping[int, Slice]) -> set[UUID]:
    """The partitions that these events, as far as a slice has not seen them, say were erased."""
    return {
        row.partition_id
        for row in rows
        if row.topic == TOPIC and row.position > held[slice_of(row.partition_id)].position
    }


def erased_between(connection: Connection[Any], after: int, up_to: int) -> list[UUID]:
    """The partitions that were erased in (after, up_to]."""
    return feed.partitions_with(connection, TOPIC, after, up_to)


def remove(
    connection: Connection[Any],
    model: ReadModel[Any],
    table: str,
    partition_ids: Collection[UUID],
    held: Mapping[int, Slice],
) -> None:
    """Remove the rows of some partitions of the held slices, and count them no more."""
    partition = sql.SQL(model.partition)
    counted = sql.SQL("NULL") if model.counted_by is None else sql.Identifier(model.counted_by)
    statement = sql.SQL(
        "DELETE FROM {table} WHERE {partition} = ANY (%s) RETURNING {partition}, {counted}::text"
    ).format(table=sql.Identifier("read", table), partition=partition, counted=counted)
    for partition_id, value in connection.execute(statement, [list(partition_ids)]).fetchall():
        if value is not None:
            counts = held[slice_of(partition_id)].counts
            counts[value] = counts.get(value, 0) - 1


def remove_elsewhere(connection: Connection[Any], model: ReadModel[Any], partition_ids: Collection[UUID]) -> None:
    """Remove the partitions from the edition that is kept to go back to, and editions that nobody finished.

    Raises LockNotAvailable while a swap is under way; all of it is then to be tried again.
    """
    kept = f"{model.name}{OLD}"
    if editions.exists(connection, kept):
        numbers = sorted({slice_of(partition_id) for partition_id in partition_ids})
        held = {number: slices.take_one(connection, kept, number, wait=False) for number in numbers}
        remove(connection, model, kept, partition_ids, held)
        slices.move(connection, kept, held)
    _drop_unfinished(connection, model)


def _drop_unfinished(connection: Connection[Any], model: ReadModel[Any]) -> None:
    """An edition in the making follows the log itself, one whose maker was killed nobody does."""
    unfinished = [f"{model.name}{suffix}" for suffix in (NEXT, CHECK)]
    unfinished = [table for table in unfinished if editions.exists(connection, table)]
    if not unfinished:
        return
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [REBUILDING, model.name]).fetchone()
    if row and row[0]:
        for table in unfinished:
            editions.drop(connection, table)


def remove_unseen(connection: Connection[Any], model: ReadModel[Any], table: str) -> None:
    """Remove from an edition, about to be followed no more, what was erased since it followed."""
    held = {number: slices.take_one(connection, table, number) for number in range(SLICES)}
    erased = erased_between(connection, min(each.position for each in held.values()), feed.head(connection))
    if erased:
        remove(connection, model, table, erased, held)
        slices.move(connection, table, held)
