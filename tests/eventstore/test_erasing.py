"""Erasing in the log: keys and event go together, nobody comes in between, and what was under way comes too late."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.event_rows import DATA_KEY
from eventstore.committer import GroupCommitter
from eventstore.erasing import Eraser, Erasure, NothingElsewhere
from eventstore.errors import AlreadyRecorded, StreamConflict
from eventstore.records import Claim, NewDataKey
from tests.eventstore.values import append, event, key
from tests.support.postgres import Database

CUSTOMER = b"c" * 32


@pytest.fixture
def committer(database: Database) -> Any:
    committer = GroupCommitter(database.app_url)
    yield committer
    committer.close()


def ordered(committer: GroupCommitter, customer: bytes = CUSTOMER) -> tuple[UUID, int]:
    """An order of the customer's: its partition, and the position that its key is good from."""
    stream = uuid4()
    done = committer.append(append(event(stream), data_keys=[NewDataKey(stream, customer, b"wrapped")]))
    return stream, done.first_position


def keys_of(database: Database, *partitions: UUID) -> int:
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT count(*) FROM log.data_keys WHERE partition_id = ANY (%s)", [list(partitions)])
        return int((row.fetchone() or [0])[0])


def test_the_keys_go_with_the_event_that_says_so(database: Database, committer: GroupCommitter) -> None:
    customer = uuid4().bytes * 2
    (one, _), (two, _) = ordered(committer, customer), ordered(committer, customer)
    other, _ = ordered(committer)
    stream = uuid4()
    eraser = Eraser(database.app_url, NothingElsewhere())
    done = eraser.append(append(event(stream)), Erasure(customer, (one, two), "c-1"))
    assert done.last_position > 0
    assert (keys_of(database, one, two), keys_of(database, other)) == (0, 1)


def test_an_order_that_came_in_between_stops_it_whole(database: Database, committer: GroupCommitter) -> None:
    customer = uuid4().bytes * 2
    (one, _), (two, _) = ordered(committer, customer), ordered(committer, customer)
    eraser = Eraser(database.app_url, NothingElsewhere())
    with pytest.raises(StreamConflict):
        eraser.append(append(event(uuid4())), Erasure(customer, (one,), "c-1"))
    assert keys_of(database, one, two) == 2


def test_an_event_that_came_in_between_stops_it_whole(database: Database, committer: GroupCommitter) -> None:
    customer = uuid4().bytes * 2
    one, _ = ordered(committer, customer)
    committer.append(append(event(one, 2)))
    eraser = Eraser(database.app_url, NothingElsewhere())
    with pytest.raises(StreamConflict):
        eraser.append(append(event(one, 2)), Erasure(customer, (one,), "c-1"))
    assert keys_of(database, one) == 1


def test_what_is_forgotten_elsewhere_is_forgotten_with_it_or_not_at_all(
    database: Database, committer: GroupCommitter
) -> None:
    customer = uuid4().bytes * 2
    one, _ = ordered(committer, customer)

    class Views(NothingElsewhere):
        def forget(self, connection: psycopg.Connection[Any], erasure: Erasure) -> None:
            connection.execute("INSERT INTO work.positions VALUES ('a-view', 1)")

    eraser = Eraser(database.app_url, Views())
    asked = append(event(uuid4()), asked=key("erase"))
    eraser.append(asked, Erasure(customer, (one,), "c-1"))
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        assert connection.execute("DELETE FROM work.positions WHERE process = 'a-view'").rowcount == 1
        with pytest.raises(AlreadyRecorded):
            eraser.append(asked, Erasure(customer, (one,), "c-1"))
        assert connection.execute("DELETE FROM work.positions WHERE process = 'a-view'").rowcount == 0


def test_what_was_sealed_under_a_key_that_is_gone_comes_too_late(database: Database, committer: GroupCommitter) -> None:
    customer = uuid4().bytes * 2
    one, position = ordered(committer, customer)
    in_time = Claim(DATA_KEY, str(position), one)
    committer.append(append(event(uuid4(), partition_id=one), releases=[in_time]))
    Eraser(database.app_url, NothingElsewhere()).append(append(event(uuid4())), Erasure(customer, (one,), "c-1"))
    with pytest.raises(StreamConflict):
        committer.append(append(event(uuid4(), partition_id=one), releases=[in_time]))
    again = committer.append(append(event(uuid4(), partition_id=one), data_keys=[NewDataKey(one, None, b"another")]))
    with pytest.raises(StreamConflict):
        committer.append(append(event(uuid4(), partition_id=one), releases=[in_time]))
    now = Claim(DATA_KEY, str(again.first_position), one)
    committer.append(append(event(uuid4(), partition_id=one), releases=[now]))
