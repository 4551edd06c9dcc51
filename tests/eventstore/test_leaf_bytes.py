"""The bytes that proofs hash are fixed: the same in the database and outside, and the same for ever."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from eventstore.committer import GroupCommitter
from eventstore.leaf import leaf_bytes
from eventstore.reader import LogReader
from eventstore.records import Append, Metadata, RecordedEvent
from tests.eventstore.values import append, event

ONE = UUID("11111111-1111-1111-1111-111111111111")
GOLDEN = (
    "01" "00000008" "0000000000000001" "00000010" "11111111111111111111111111111111" "00000004" "00000002"
    "00000010" "11111111111111111111111111111111" "ffffffff" "00000005" "6f72646572" "00000001" "74" "00000002" "0003"
    "00000003" "7b7d0a" "00000000" "ffffffff" "ffffffff" "00000008" "0000000000000001" "00000008" "ffffffffffffffff"
    "00000000" "00000002" "c3a9" "00000010" "11111111111111111111111111111111"
    "00000010" "11111111111111111111111111111111" "ffffffff"
)  # fmt: skip


def test_the_format_is_what_it_always_was() -> None:
    row = RecordedEvent(
        1, ONE, 2, ONE, None, "order", "t", 3, b"{}\n", b"", None, None,
        datetime(2000, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        "", "é", ONE, ONE, None,
    )  # fmt: skip
    assert leaf_bytes(row).hex() == GOLDEN


def test_the_database_computes_the_same(
    committer: GroupCommitter, reader: LogReader, owner: psycopg.Connection[Any]
) -> None:
    stream = uuid4()
    committer.append(append(event(stream, series="order", sealed=b"\x00sealed"), event(stream, 2, payload=b"")))
    committer.append(Append([event(stream, 3, topic="Ünïcode")], Metadata(uuid4(), uuid4(), uuid4(), "a", "b")))
    computed = owner.execute("SELECT log.leaf_bytes(e) FROM log.events e ORDER BY position").fetchall()
    assert [leaf for (leaf,) in computed] == [leaf_bytes(row) for row in reader.read_after(0, 100)]
    assert len(computed) == 3
