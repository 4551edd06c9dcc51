"""The functions that log.append is made of, each by its name: what it gives, and what it refuses."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from eventstore.committer import GroupCommitter
from tests.eventstore.values import append, event

Owner = psycopg.Connection[Any]
NEW_EVENT = """
    ROW(%s::uuid, %s, %s::uuid, NULL, 'order', 't', 1, convert_to('{}', 'UTF8'), NULL, now(), 'a', 'b',
        gen_random_uuid(), gen_random_uuid(), NULL)::log.new_event
"""


def new_events(*places: tuple[UUID, int]) -> tuple[str, list[Any]]:
    """An array of events with their places, and its parameters."""
    rows = ", ".join(NEW_EVENT for _ in places)
    return f"ARRAY[{rows}]::log.new_event[]", [each for stream, version in places for each in (stream, version, stream)]


def value(owner: Owner, query: str, parameters: list[Any] | None = None) -> Any:
    row = owner.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


def claims(*keys: str, holder: UUID) -> str:
    return "ARRAY[" + ", ".join(f"ROW('cart', '{key}', '{holder}')" for key in keys) + "]::log.new_claim[]"


def test_leaf_field_gives_the_length_and_the_bytes(owner: Owner) -> None:
    assert value(owner, r"SELECT log.leaf_field('\x0a0b')") == bytes.fromhex("000000020a0b")
    assert value(owner, "SELECT log.leaf_field(NULL)") == bytes.fromhex("ffffffff")


def test_draw_numbers_gives_the_next_of_each_series_without_gaps(owner: Owner) -> None:
    draw = "SELECT log.draw_numbers(ARRAY['one', 'two'], ARRAY[1, NULL, 2, 1])"
    assert value(owner, draw) == [1, None, 1, 2]
    assert value(owner, draw) == [3, None, 2, 4]
    with owner.transaction(force_rollback=True):
        value(owner, draw)
    assert value(owner, draw) == [5, None, 3, 6]


def test_held_names_the_first_claim_that_somebody_else_holds(owner: Owner) -> None:
    holder, other = uuid4(), uuid4()
    owner.execute("INSERT INTO log.claims VALUES ('cart', 'held', %s)", [holder])
    found = value(owner, f"SELECT log.held({claims('free', 'held', holder=other)}, NULL)")
    assert found == {"outcome": "claim_taken", "kind": "cart", "key": "held", "partition_id": str(holder)}
    assert value(owner, f"SELECT log.held({claims('free', holder=other)}, NULL)") is None
    given_back = claims("held", holder=holder)
    assert value(owner, f"SELECT log.held({claims('held', holder=other)}, {given_back})") is None


def test_give_back_takes_claims_from_their_holder_alone(owner: Owner) -> None:
    holder = uuid4()
    owner.execute("INSERT INTO log.claims VALUES ('cart', 'given', %s)", [holder])
    count = "SELECT count(*) FROM log.claims WHERE key = 'given'"
    owner.execute(f"SELECT log.give_back({claims('given', holder=uuid4())})".encode())
    assert value(owner, count) == 1
    owner.execute(f"SELECT log.give_back({claims('given', holder=holder)})".encode())
    assert value(owner, count) == 0


@pytest.mark.parametrize(
    ("versions", "misplaced"), [((3, 4), None), ((2,), 2), ((4,), 4), ((3, 5), 5), ((3, 3), 3), ((0,), 0)]
)
def test_misplaced_names_the_first_event_without_its_place(
    owner: Owner, committer: GroupCommitter, versions: tuple[int, ...], misplaced: int | None
) -> None:
    stream = uuid4()
    committer.append(append(event(stream), event(stream, 2)))
    rows, parameters = new_events(*((stream, version) for version in versions))
    found = value(owner, f"SELECT log.misplaced({rows})", parameters)
    expected = {"outcome": "conflict", "stream_id": str(stream), "version": misplaced}
    assert found == (None if misplaced is None else expected)


RECORD = "SELECT log.record({head}, now(), 0, true, {rows}, NULL, NULL, NULL, NULL, NULL, NULL)"
HEAD = "SELECT coalesce(max(position), 0) FROM log.events"


def test_record_writes_events_after_the_head_and_leaves_no_hole_in_a_stream(owner: Owner) -> None:
    stream, head = uuid4(), value(owner, HEAD)
    rows, parameters = new_events((stream, 1), (stream, 2))
    value(owner, RECORD.format(head=head, rows=rows), parameters)
    assert value(owner, HEAD) == head + 2
    rows, parameters = new_events((stream, 4))
    with pytest.raises(errors.IntegrityConstraintViolation, match="hole"):
        value(owner, RECORD.format(head=head + 2, rows=rows), parameters)
    assert value(owner, HEAD) == head + 2


ONE = "SELECT log.append_one({head}, now(), 0, {rows}, NULL, NULL, NULL, NULL, NULL, NULL)"


def test_append_one_records_or_says_why_not(owner: Owner) -> None:
    stream, head = uuid4(), value(owner, HEAD)
    rows, parameters = new_events((stream, 1))
    recorded = value(owner, ONE.format(head=head, rows=rows), parameters)
    assert recorded["outcome"] == "recorded"
    assert recorded["first_position"] == recorded["last_position"] == head + 1
    refused = value(owner, ONE.format(head=head + 1, rows=rows), parameters)
    assert refused == {"outcome": "conflict", "stream_id": str(stream), "version": 1}


def test_append_each_records_what_can_be_and_refuses_the_rest(owner: Owner) -> None:
    stream, other, head = uuid4(), uuid4(), value(owner, HEAD)
    rows, parameters = new_events((stream, 1), (stream, 1), (other, 1))
    counts = [1, 0, 0, 0, 0] * 3
    query = f"SELECT log.append_each({head}, now(), {rows}, %s, NULL, NULL, NULL, NULL, NULL, NULL)"
    outcomes = value(owner, query, [*parameters, counts])
    assert [outcome["outcome"] for outcome in outcomes] == ["recorded", "conflict", "recorded"]
    assert value(owner, HEAD) == head + 2
