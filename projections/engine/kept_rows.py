"""The rows of orders that cannot be folded: a new edition takes them over from the live one, as they were.

Nobody loses an order from a list because today's program cannot read it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from projections.engine.model import ReadModel
from projections.engine.slices import slice_of


def take_over(
    connection: Connection[Any],
    model: ReadModel[Any],
    table: str,
    partition_ids: Sequence[UUID],
    counts: Sequence[dict[str, int]],
) -> int:
    """Copy the live rows of these partitions into ``table`` and count them, slice by slice; returns how many."""
    if not partition_ids:
        return 0
    columns = sql.SQL(", ").join(map(sql.Identifier, model.columns))
    counted = (
        sql.SQL("NULL::text")
        if model.counted_by is None
        else sql.SQL("{}::text").format(sql.Identifier(model.counted_by))
    )
    partition = sql.SQL(model.partition)
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM {live} WHERE {partition} = ANY (%s) "
        "RETURNING {partition}, {counted}"
    ).format(
        table=sql.Identifier("read", table),
        live=sql.Identifier("read", model.name),
        columns=columns,
        partition=partition,
        counted=counted,
    )
    kept = connection.execute(statement, [list(partition_ids)]).fetchall()
    if model.counted_by is not None:
        for partition_id, value in kept:
            of_slice = counts[slice_of(partition_id)]
            of_slice[value or ""] = of_slice.get(value or "", 0) + 1
    return len(kept)
