"""A load by COPY leaves the log as single appends would have."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from eventstore import bulk
from eventstore.committer import GroupCommitter
from eventstore.errors import AlreadyRecorded, ClaimTaken, StreamConflict
from eventstore.reader import LogReader, log_pool
from eventstore.records import Append, Claim, DataKey, NewDataKey
from tests.eventstore.values import append, event, key
from tests.support.postgres import Database


def orders(count: int, series: str) -> Iterator[Append]:
    for number in range(count):
        order = uuid4()
        yield append(
            event(order, series=series),
            event(order, 2),
            asked=key(f"{series}-{number}"),
            claims=[Claim("external_reference", f"{series}-{number}", order)],
            data_keys=[NewDataKey(order, b"customer", b"wrapped")],
        )


def test_a_load_and_appends_continue_each_other(fresh_database: Database) -> None:
    committer = GroupCommitter(fresh_database.app_url)
    pool = log_pool(fresh_database.app_url)
    reader = LogReader(pool)
    committer.append(append(event(uuid4(), series="order")))
    assert bulk.load(fresh_database.owner_url, orders(20, "order"), appends_per_copy=7) == (1, 41)
    rows = reader.read_after(0, 100)
    assert [row.position for row in rows] == list(range(1, 42))
    assert [row.number for row in rows if row.series == "order"] == list(range(1, 22))
    assert [row.recorded_at for row in rows] == sorted(row.recorded_at for row in rows)
    first = rows[1]
    partition = reader.read_partition(first.partition_id, idempotency=("integrator", "order-0"))
    assert partition.data_key == DataKey(b"wrapped", 2)
    assert partition.recorded is not None
    assert (partition.recorded.first_position, partition.recorded.last_position) == (2, 3)
    with pytest.raises(AlreadyRecorded):
        committer.append(append(event(uuid4()), asked=key("order-3")))
    with pytest.raises(ClaimTaken):
        committer.append(append(event(uuid4()), claims=[Claim("external_reference", "order-3", uuid4())]))
    assert committer.append(append(event(first.stream_id, 3, series="order"))).numbers == [22]
    committer.close()
    pool.close()


@pytest.mark.parametrize("versions", [[1, 3], [2], [2, 1]])
def test_a_load_with_a_hole_loads_nothing(fresh_database: Database, versions: list[int]) -> None:
    order = uuid4()
    with pytest.raises(StreamConflict):
        bulk.load(fresh_database.owner_url, [*orders(3, "order"), append(*(event(order, one) for one in versions))])
    with psycopg.connect(fresh_database.owner_url) as connection:
        left: Any = connection.execute(
            "SELECT (SELECT count(*) FROM log.events) + (SELECT count(*) FROM log.number_series)"
        ).fetchone()
    assert left == (0,)


def test_a_load_twice_is_refused(fresh_database: Database) -> None:
    same = list(orders(3, "order"))
    bulk.load(fresh_database.owner_url, same)
    with pytest.raises(psycopg.errors.UniqueViolation):
        bulk.load(fresh_database.owner_url, same)


def test_the_application_may_not_load(fresh_database: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        bulk.load(fresh_database.app_url, orders(1, "order"))
