"""What one append records, and what it is refused for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from eventstore.committer import GroupCommitter
from eventstore.errors import AlreadyRecorded, AppendRefused, ClaimTaken, KeyReused, StreamConflict
from eventstore.reader import LogReader
from eventstore.records import Append, Claim, DataKey, IdempotencyRow, Metadata, NewDataKey, RecordedEvent
from tests.eventstore.values import NOON, append, event, key


def test_an_event_is_recorded_as_it_was_given(committer: GroupCommitter, reader: LogReader) -> None:
    stream, partition, order = uuid4(), uuid4(), uuid4()
    asked = Metadata(uuid4(), uuid4(), uuid4(), "api_key", "Zoë's key")
    given = event(stream, partition_id=partition, payload=b"\x00\xff exact bytes", sealed=b"sealed")
    appended = committer.append(Append([given], asked))
    assert reader.read_partition(partition).events == [
        RecordedEvent(
            appended.first_position, stream, 1, partition, partition, "order", "order.placed", 1,
            b"\x00\xff exact bytes", b"sealed", None, None, appended.recorded_at, NOON, "api_key", "Zoë's key",
            asked.command_id, asked.correlation_id, asked.causation_id,
        )
    ]  # fmt: skip
    assert order not in reader.read_partitions([order])


def test_a_large_payload_comes_back_byte_for_byte(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    payload = bytes(range(256)) * 4096
    committer.append(append(event(stream, payload=payload)))
    assert reader.read_stream(stream)[0].payload == payload


def test_positions_are_dense_and_times_never_go_back(committer: GroupCommitter, reader: LogReader) -> None:
    head = reader.head()
    appended = [committer.append(append(event(stream := uuid4()), event(stream, 2))) for _ in range(5)]
    assert [one.first_position for one in appended] == [head + 1, head + 3, head + 5, head + 7, head + 9]
    assert [one.last_position for one in appended] == [head + 2, head + 4, head + 6, head + 8, head + 10]
    assert [one.recorded_at for one in appended] == sorted(one.recorded_at for one in appended)
    assert abs(appended[-1].recorded_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert reader.head() == head + 10


def test_a_taken_version_is_a_conflict(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    committer.append(append(event(stream)))
    head = reader.head()
    with pytest.raises(StreamConflict) as refused:
        committer.append(append(event(stream, 2), event(stream, 1)))
    assert (refused.value.stream_id, refused.value.version) == (stream, 1)
    assert reader.head() == head


@pytest.mark.parametrize("versions", [[2], [3], [1, 3], [2, 1], [0, 2], [1, 1], [1, 0], [1, 2, 2]])
def test_a_stream_has_no_holes_and_no_disorder(
    committer: GroupCommitter, reader: LogReader, versions: list[int]
) -> None:
    stream = uuid4()
    with pytest.raises(StreamConflict):
        committer.append(append(*(event(stream, version) for version in versions)))
    assert reader.read_stream(stream) == []


def test_a_stream_that_starts_at_one_gets_no_zero_in_front(committer: GroupCommitter) -> None:
    stream = uuid4()
    committer.append(append(event(stream, 1)))
    with pytest.raises(StreamConflict):
        committer.append(append(event(stream, 0)))


def test_streams_of_several_partitions_are_appended_together_or_not_at_all(
    committer: GroupCommitter, reader: LogReader
) -> None:
    shipments = [uuid4() for _ in range(500)]
    committer.append(append(*(event(shipment) for shipment in shipments)))
    head = reader.head()
    closing = [event(shipment, 2) for shipment in shipments]
    with pytest.raises(StreamConflict):
        committer.append(append(*closing, event(shipments[7], 2)))
    assert reader.head() == head
    appended = committer.append(append(*closing))
    assert (appended.first_position, appended.last_position) == (head + 1, head + 500)


def test_a_repeat_gets_the_place_of_the_first(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    asked = key(f"repeat-{stream}")
    first = append(event(stream), event(stream, 2), asked=asked)
    appended = committer.append(first)
    with pytest.raises(AlreadyRecorded) as repeat:
        committer.append(append(event(uuid4()), asked=asked))
    assert repeat.value.first_position == appended.first_position
    assert repeat.value.last_position == appended.last_position
    assert repeat.value.command_id == first.metadata.command_id
    assert repeat.value.partition_id == stream
    assert reader.head() == appended.last_position


def test_a_repeat_is_recognised_before_any_conflict_or_claim(committer: GroupCommitter) -> None:
    stream = uuid4()
    again = append(
        event(stream), asked=key(f"again-{stream}"), claims=[Claim("external_reference", str(stream), stream)]
    )
    committer.append(again)
    with pytest.raises(AlreadyRecorded):
        committer.append(again)


def test_a_key_used_for_another_request_is_refused(committer: GroupCommitter, reader: LogReader) -> None:
    name = str(uuid4())
    committer.append(append(event(uuid4()), asked=key(name, b"one body")))
    head = reader.head()
    with pytest.raises(KeyReused):
        committer.append(append(event(uuid4()), asked=key(name, b"another body")))
    assert reader.head() == head


def test_keys_are_per_caller(committer: GroupCommitter) -> None:
    name = str(uuid4())
    committer.append(append(event(uuid4()), asked=key(name, caller="integrator")))
    committer.append(append(event(uuid4()), asked=key(name, caller="admin")))


def test_what_was_recorded_under_a_key_is_found(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    asked = key(f"found-{stream}")
    first = append(event(stream), asked=asked)
    appended = committer.append(first)
    row = IdempotencyRow(
        asked.request_hash, first.metadata.command_id, stream, appended.first_position, appended.last_position
    )
    assert reader.recorded("integrator", asked.key) == row
    assert reader.read_partition(uuid4(), idempotency=("integrator", asked.key)).recorded == row
    assert reader.recorded("integrator", "never asked") is None


def test_a_claim_has_one_holder_until_it_is_given_back(committer: GroupCommitter, reader: LogReader) -> None:
    first, second = uuid4(), uuid4()
    name = str(first)
    committer.append(append(event(first), claims=[Claim("open_batch", name, first)]))
    with pytest.raises(ClaimTaken) as taken:
        committer.append(append(event(second), claims=[Claim("open_batch", name, second)]))
    assert (taken.value.kind, taken.value.key, taken.value.partition_id) == ("open_batch", name, first)
    assert reader.read_stream(second) == []
    committer.append(append(event(first, 2), releases=[Claim("open_batch", name, first)]))
    assert reader.claim_holder("open_batch", name) is None
    committer.append(append(event(second), claims=[Claim("open_batch", name, second)]))
    assert reader.claim_holder("open_batch", name) == second


def test_only_the_holder_gives_a_claim_back(committer: GroupCommitter, reader: LogReader) -> None:
    first, second = uuid4(), uuid4()
    committer.append(append(event(first), claims=[Claim("kind", str(first), first)]))
    committer.append(append(event(second), releases=[Claim("kind", str(first), second)]))
    assert reader.claim_holder("kind", str(first)) == first


def test_one_append_may_hand_a_claim_on(committer: GroupCommitter, reader: LogReader) -> None:
    first, second = uuid4(), uuid4()
    name = str(first)
    committer.append(append(event(first), claims=[Claim("kind", name, first)]))
    committer.append(append(event(second), releases=[Claim("kind", name, first)], claims=[Claim("kind", name, second)]))
    assert reader.claim_holder("kind", name) == second


def test_numbers_are_gapless_per_series_and_stand_in_the_row(committer: GroupCommitter, reader: LogReader) -> None:
    series, other = f"invoice-{uuid4()}", f"credit_memo-{uuid4()}"
    streams = [uuid4() for _ in range(4)]
    first = committer.append(
        append(event(streams[0], series=series), event(streams[1], series=other), event(streams[2]))
    )
    assert first.numbers == [1, 1, None]
    with pytest.raises(StreamConflict):
        committer.append(append(event(streams[0], series=series)))
    second = committer.append(append(event(streams[3], series=series), event(streams[0], 2, series=series)))
    assert second.numbers == [2, 3]
    rows = reader.read_range(first.first_position, second.last_position)
    assert [(row.series, row.number) for row in rows] == [
        (series, 1), (other, 1), (None, None), (series, 2), (series, 3),
    ]  # fmt: skip


def test_a_data_key_comes_with_the_first_event(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    appended = committer.append(append(event(stream), data_keys=[NewDataKey(stream, b"customer", b"wrapped")]))
    expected = DataKey(b"wrapped", appended.first_position)
    assert reader.read_partition(stream).data_key == expected
    assert reader.data_keys([stream, uuid4()]) == {stream: expected}
    assert reader.read_partitions([stream])[stream].data_key == expected


def test_a_second_data_key_for_a_partition_is_refused(committer: GroupCommitter) -> None:
    stream = uuid4()
    committer.append(append(event(stream), data_keys=[NewDataKey(stream, None, b"wrapped")]))
    with pytest.raises(AppendRefused):
        committer.append(append(event(stream, 2), data_keys=[NewDataKey(stream, None, b"another")]))


def test_text_that_postgresql_cannot_hold_is_refused(committer: GroupCommitter, reader: LogReader) -> None:
    head = reader.head()
    with pytest.raises(AppendRefused):
        committer.append(append(event(uuid4(), topic="nul \x00")))
    with pytest.raises(UnicodeEncodeError):
        committer.append(append(event(uuid4(), topic="\ud800")))
    assert reader.head() == head


def test_the_append_refuses_a_snapshot_that_could_be_old(app_url: str) -> None:
    with psycopg.connect(app_url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            connection.execute("SELECT log.append(NULL, '{0,0,0,0,0}', NULL, NULL, NULL, NULL, NULL, NULL)")


def test_an_append_wakes_a_listener(committer: GroupCommitter, app_url: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("LISTEN daybook_log")
    committer.append(append(event(uuid4())))
    assert [one.channel for one in owner.notifies(timeout=5, stop_after=1)] == ["daybook_log"]
