"""Many at once: one batch, each append with its own answer."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from eventstore.committer import EVENTS_PER_BATCH, GroupCommitter
from eventstore.errors import AlreadyRecorded, AppendRefused, ClaimTaken, KeyReused, LogUnavailable, StreamConflict
from eventstore.reader import LogReader
from eventstore.records import Append, Appended, Claim, NewDataKey
from tests.eventstore.conftest import Answer, holding_the_lock, in_threads
from tests.eventstore.values import append, event, key

OneBatch = Callable[[Sequence[Append]], list[Answer]]


def commits(owner: psycopg.Connection[Any]) -> int:
    row = owner.execute("SELECT count(DISTINCT recorded_at) FROM log.events").fetchone()
    return row[0] if row else 0


def test_what_waits_together_is_committed_together(one_batch: OneBatch, owner: psycopg.Connection[Any]) -> None:
    before = commits(owner)
    answers = one_batch([append(event(uuid4())) for _ in range(20)])
    positions = [answer.first_position for answer in answers if isinstance(answer, Appended)]
    assert positions == list(range(positions[0], positions[0] + 20))
    assert commits(owner) == before + 2  # the one that waited for the lock, and the twenty


def test_a_refused_neighbour_hurts_nobody(one_batch: OneBatch, committer: GroupCommitter, reader: LogReader) -> None:
    taken, holder, series = uuid4(), uuid4(), f"invoice-{uuid4()}"
    asked = key(str(taken))
    first = committer.append(
        append(event(taken), asked=asked, claims=[Claim("kind", str(holder), holder)], data_keys=[])
    )
    good = [uuid4() for _ in range(4)]
    answers = one_batch(
        [
            append(event(good[0], series=series)),
            append(event(taken, series=series)),  # a conflict
            append(event(good[1], series=series), event(good[1], 2)),
            append(event(uuid4(), 5, series=series)),  # a hole
            append(event(uuid4(), series=series), claims=[Claim("kind", str(holder), taken)]),
            append(event(uuid4(), series=series), asked=asked),  # a repeat
            append(event(good[2], series=series), data_keys=[NewDataKey(good[2], None, b"wrapped")]),
            append(event(uuid4(), series=series), asked=key(asked.key, b"another")),
            append(event(good[2], 2), data_keys=[NewDataKey(good[2], None, b"again")]),  # the database's own reason
            append(event(good[3], series=series)),
        ]
    )
    assert [type(answer) for answer in answers] == [
        Appended, StreamConflict, Appended, StreamConflict, ClaimTaken, AlreadyRecorded, Appended, KeyReused,
        AppendRefused, Appended,
    ]  # fmt: skip
    recorded = [answer for answer in answers if isinstance(answer, Appended)]
    start = first.last_position + 2
    assert [(one.first_position, one.last_position) for one in recorded] == [
        (start, start), (start + 1, start + 2), (start + 3, start + 3), (start + 4, start + 4),
    ]  # fmt: skip
    assert [one.numbers[0] for one in recorded] == [1, 2, 3, 4]
    key_of = reader.read_partition(good[2]).data_key
    assert key_of is not None
    assert key_of.from_position == start + 3
    assert reader.head() == start + 4


def test_an_append_that_cannot_even_be_read_hurts_nobody(one_batch: OneBatch, reader: LogReader) -> None:
    good = [uuid4(), uuid4()]
    answers = one_batch([append(event(good[0])), append(event(uuid4(), topic="nul \x00")), append(event(good[1]))])
    assert [type(answer) for answer in answers] == [Appended, AppendRefused, Appended]
    assert [len(reader.read_stream(stream)) for stream in good] == [1, 1]


def test_twins_in_one_batch_are_recorded_once(one_batch: OneBatch) -> None:
    asked = key(str(uuid4()))
    answers = one_batch([append(event(uuid4()), asked=asked), append(event(uuid4()), asked=asked)])
    assert isinstance(answers[0], Appended)
    assert isinstance(answers[1], AlreadyRecorded)
    assert answers[1].first_position == answers[0].first_position


def test_a_claim_given_back_may_be_taken_by_a_later_append_only(one_batch: OneBatch, committer: GroupCommitter) -> None:
    holder, early, late = uuid4(), uuid4(), uuid4()
    name = str(holder)
    committer.append(append(event(holder), claims=[Claim("kind", name, holder)]))
    answers = one_batch(
        [
            append(event(early), claims=[Claim("kind", name, early)]),
            append(event(holder, 2), releases=[Claim("kind", name, holder)]),
            append(event(late), claims=[Claim("kind", name, late)]),
        ]
    )
    assert [type(answer) for answer in answers] == [ClaimTaken, Appended, Appended]


def test_a_batch_is_bounded(one_batch: OneBatch, owner: psycopg.Connection[Any]) -> None:
    before = commits(owner)
    half = EVENTS_PER_BATCH // 2
    answers = one_batch([append(*(event(uuid4()) for _ in range(half))) for _ in range(4)])
    assert all(isinstance(answer, Appended) for answer in answers)
    assert commits(owner) == before + 3


def test_fifty_twins_at_the_same_moment_are_recorded_once(committer: GroupCommitter, app_url: str) -> None:
    second = GroupCommitter(app_url)
    asked = key(str(uuid4()))
    answers = in_threads(50, lambda n: (committer, second)[n % 2].append(append(event(uuid4()), asked=asked)))
    second.close()
    recorded = [answer for answer in answers if isinstance(answer, Appended)]
    repeats = [answer for answer in answers if isinstance(answer, AlreadyRecorded)]
    assert (len(recorded), len(repeats)) == (1, 49)
    assert {repeat.first_position for repeat in repeats} == {recorded[0].first_position}


def test_twenty_at_the_same_version_leave_one(committer: GroupCommitter, reader: LogReader) -> None:
    stream = uuid4()
    committer.append(append(event(stream)))
    answers = in_threads(20, lambda _: committer.append(append(event(stream, 2))))
    assert sorted(type(answer).__name__ for answer in answers) == ["Appended"] + ["StreamConflict"] * 19
    assert [row.version for row in reader.read_stream(stream)] == [1, 2]


def test_numbers_have_no_gaps_however_many_are_refused(committer: GroupCommitter, app_url: str) -> None:
    second = GroupCommitter(app_url)
    series = f"invoice-{uuid4()}"
    taken = uuid4()
    committer.append(append(event(taken)))

    def work(number: int) -> list[int]:
        drawn: list[int] = []
        for _ in range(10):
            with_a_fault = event(taken if number % 2 else uuid4(), series=series)
            try:
                appended = (committer, second)[number % 2].append(append(event(uuid4(), series=series), with_a_fault))
                drawn += [one for one in appended.numbers if one is not None]
            except StreamConflict:
                assert number % 2
        return drawn

    drawn = [number for numbers in in_threads(12, work) for number in numbers]
    second.close()
    assert sorted(drawn) == list(range(1, 121))


def test_whoever_waits_too_long_for_the_log_is_told_so(
    app_url: str, owner: psycopg.Connection[Any], reader: LogReader
) -> None:
    committer = GroupCommitter(app_url, lock_timeout_ms=100)
    head = reader.head()
    with holding_the_lock(owner), pytest.raises(LogUnavailable):
        committer.append(append(event(uuid4())))
    assert reader.head() == head
    assert committer.append(append(event(uuid4()))).first_position == head + 1
    committer.close()


def test_a_closed_committer_takes_nothing(app_url: str) -> None:
    committer = GroupCommitter(app_url)
    committer.append(append(event(uuid4())))
    committer.close()
    with pytest.raises(LogUnavailable):
        committer.append(append(event(uuid4())))


def test_a_log_that_cannot_be_reached_says_that_nothing_was_recorded() -> None:
    committer = GroupCommitter("host=/nowhere dbname=none")
    with pytest.raises(LogUnavailable):
        committer.append(append(event(uuid4())))


def test_several_at_once_are_recorded_in_their_order_each_by_itself(
    committer: GroupCommitter, reader: LogReader
) -> None:
    streams = [uuid4() for _ in range(3)]
    head = reader.head()
    first, second, taken, last = committer.append_all(
        [append(event(stream)) for stream in (streams[0], streams[1], streams[0], streams[2])]
    )
    assert [each.result().first_position - head for each in (first, second, last)] == [1, 2, 3]
    with pytest.raises(StreamConflict):
        taken.result()
    assert committer.append_all([]) == []


def test_more_at_once_than_a_batch_holds_beside_others(committer: GroupCommitter, reader: LogReader) -> None:
    head = reader.head()

    def work(number: int) -> list[int]:
        if number % 2:
            return [committer.append(append(event(uuid4()))).first_position]
        entries = committer.append_all([append(event(uuid4())) for _ in range(EVENTS_PER_BATCH + 7)])
        return [each.result().first_position for each in entries]

    positions = [position for found in in_threads(6, work) for position in found]
    assert sorted(positions) == list(range(head + 1, head + 1 + 3 * (EVENTS_PER_BATCH + 7) + 3))
