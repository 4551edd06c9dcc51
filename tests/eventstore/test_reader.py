"""Reading: a partition in one round trip, the log in order, and on after a lost connection."""

import threading
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest

from eventstore.committer import GroupCommitter
from eventstore.errors import LogUnavailable
from eventstore.reader import LogListener, LogReader, log_pool
from eventstore.records import EventFacts, NewDataKey, Partition
from tests.eventstore.conftest import wait_until
from tests.eventstore.values import append, event, key
from tests.support.postgres import Database


def test_an_empty_log_has_head_0(fresh_database: Database) -> None:
    pool = log_pool(fresh_database.app_url)
    reader = LogReader(pool)
    assert reader.head() == 0
    assert reader.read_after(0, 10) == []
    assert reader.read_partition(uuid4()) == Partition([], None, None)
    pool.close()


def test_a_partition_is_read_in_log_order_by_any_of_its_streams(committer: GroupCommitter, reader: LogReader) -> None:
    order, invoice = uuid4(), uuid4()
    committer.append(append(event(order)))
    committer.append(append(event(invoice, partition_id=order), event(order, 2)))
    partition = reader.read_partition(order)
    assert [(row.stream_id, row.version) for row in partition.events] == [(order, 1), (invoice, 1), (order, 2)]
    assert reader.read_partition_of(invoice) == partition
    assert reader.read_partition_of(order) == partition
    assert reader.read_partition_of(uuid4()) == Partition([], None, None)
    assert [row.version for row in reader.read_stream(order)] == [1, 2]


def test_the_facts_of_a_partition_are_its_events_without_who_asked(
    committer: GroupCommitter, reader: LogReader
) -> None:
    order, invoice = uuid4(), uuid4()
    committer.append(append(event(order)))
    committer.append(append(event(invoice, partition_id=order)))
    whole, facts = reader.read_partition(order), reader.read_facts(order)
    assert [msgspec.structs.asdict(each) for each in facts.events] == [
        {name: getattr(row, name) for name in EventFacts.__struct_fields__} for row in whole.events
    ]
    assert (facts.data_key, facts.recorded) == (whole.data_key, whole.recorded)
    assert reader.read_facts_of(invoice) == facts
    assert reader.read_facts_of(uuid4()) == Partition([], None, None)


def test_a_partition_can_be_read_as_it_was(committer: GroupCommitter, reader: LogReader) -> None:
    order = uuid4()
    first = committer.append(append(event(order)))
    committer.append(append(event(order, 2)))
    assert len(reader.read_partition(order, up_to_position=first.last_position).events) == 1


def test_several_partitions_are_read_together(committer: GroupCommitter, reader: LogReader) -> None:
    orders = [uuid4() for _ in range(3)]
    for order in orders:
        committer.append(append(event(order), event(order, 2)))
    found = reader.read_partitions([*orders, orders[0], uuid4()])
    assert found == {order: reader.read_partition(order) for order in orders}
    assert reader.read_partitions([]) == {}
    with pytest.raises(ValueError, match="1000"):
        reader.read_partitions([uuid4() for _ in range(1001)])


def test_a_follower_reads_on_from_where_it_was(committer: GroupCommitter, reader: LogReader) -> None:
    head = reader.head()
    for _ in range(7):
        committer.append(append(event(uuid4())))
    positions: list[int] = []
    while rows := reader.read_after(positions[-1] if positions else head, 3):
        positions += [row.position for row in rows]
    assert positions == list(range(head + 1, head + 8))
    assert [row.position for row in reader.read_range(head + 2, head + 4)] == [head + 2, head + 3, head + 4]
    with pytest.raises(ValueError, match="10000"):
        reader.read_range(1, 10_001)


def test_reading_goes_on_after_all_sessions_were_ended(
    postgres: Any, database: Database, committer: GroupCommitter, reader: LogReader
) -> None:
    stream = uuid4()
    committer.append(append(event(stream)))
    assert len(reader.read_stream(stream)) == 1
    sessions = "FROM pg_stat_activity WHERE application_name = 'daybook-read' AND datname = current_database()"
    with psycopg.connect(postgres.admin_url(database), autocommit=True) as admin:
        ended = admin.execute(f"SELECT pid, pg_terminate_backend(pid) {sessions}").fetchall()
        assert ended
        wait_until(
            lambda: not admin.execute(f"SELECT 1 {sessions} AND pid = ANY (%s)", [[pid for pid, _ in ended]]).fetchall()
        )
    assert len(reader.read_stream(stream)) == 1


def test_a_log_that_cannot_be_reached_is_unavailable() -> None:
    pool = log_pool("host=/nowhere dbname=none")
    pool.timeout = 0.1
    with pytest.raises(LogUnavailable):
        LogReader(pool).head()
    pool.close()


def test_a_listener_wakes_when_something_is_appended(committer: GroupCommitter, app_url: str) -> None:
    listener = LogListener(app_url)
    assert listener.wait(0.1)  # what came before it listened is unheard of
    assert not listener.wait(0.05)
    later = threading.Timer(0.1, lambda: committer.append(append(event(uuid4()))))
    later.start()
    assert listener.wait(10)
    later.join()
    listener.close()


def test_a_listener_that_cannot_reach_the_log_says_so() -> None:
    with pytest.raises(LogUnavailable):
        LogListener("host=/nowhere dbname=none").wait(0.1)


def test_facts_of_several_streams_are_read_where_more_happened_than_is_known(
    committer: GroupCommitter, reader: LogReader
) -> None:
    first, second, invoice = uuid4(), uuid4(), uuid4()
    committer.append(append(event(first), event(first, 2), data_keys=[NewDataKey(first, None, b"wrapped")]))
    committer.append(append(event(second), event(invoice, partition_id=second)))
    found = reader.read_facts_each({first: 0, invoice: 1, uuid4(): 0})
    assert found == {first: reader.read_facts(first), invoice: reader.read_facts_of(second)}
    assert reader.read_facts_each({first: 2, second: 2}) == {}
    assert reader.read_facts_each({}) == {}


def test_of_several_keys_it_is_told_under_which_something_was_recorded(
    committer: GroupCommitter, reader: LogReader
) -> None:
    stream = uuid4()
    committer.append(append(event(stream), asked=key(f"one-{stream}")))
    asked = [f"one-{stream}", f"two-{stream}"]
    assert reader.recorded_each("integrator", asked) == {f"one-{stream}"}
    assert reader.recorded_each("somebody", asked) == set()
    assert reader.recorded_each("integrator", []) == set()
