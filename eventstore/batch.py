"""One batch of appends: packed by the threads that ask, joined and read back by the one that leads.

An `Entry` carries an append's rows in binary form and, afterwards, its own answer. A batch knows
how to ask log.append and how to give each entry what the database said about it; it never decides
whether to ask again.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from psycopg import pq

from eventstore import wire
from eventstore.errors import LogUnavailable
from eventstore.outcomes import Recorded, read_outcomes
from eventstore.records import Append, Appended


class RowTypes(NamedTuple):
    """The OIDs of the composite types, which differ from database to database."""

    new_event: int
    new_key: int
    new_claim: int
    new_data_key: int


class Entry:
    """One append on its way: packed rows in, answer out.

    `gate` wakes the thread that waits for it, which then wakes the one of the entry `behind` it.
    """

    __slots__ = (
        "answer", "behind", "claims", "counts", "data_keys", "events", "failure", "gate", "key", "leads", "releases",
        "series",
    )  # fmt: skip

    def __init__(self, append: Append) -> None:
        self.events = wire.event_rows(append.events, append.metadata)
        key = append.idempotency
        # An append without events, which only gives names back, has no key.
        self.key = None if key is None else wire.key_row(key, append.metadata.command_id, append.events[0].partition_id)
        self.claims = [wire.claim_row(claim) for claim in append.claims]
        self.releases = [wire.claim_row(claim) for claim in append.releases]
        self.data_keys = [wire.data_key_row(data_key) for data_key in append.data_keys]
        series = [event.series for event in append.events]
        self.series = series if any(series) else None
        self.counts = wire.integers(
            (len(self.events), key is not None, len(self.claims), len(self.releases), len(self.data_keys))
        )
        self.answer: Appended | None = None
        self.failure: Exception | None = None
        self.behind: Entry | None = None
        self.leads = False
        self.gate = Lock()
        self.gate.acquire()

    def result(self) -> Appended:
        """Return the answer, or raise it."""
        if self.failure is not None:
            raise self.failure
        if self.answer is None:
            raise LogUnavailable("the append was never asked")
        return self.answer


def parameters(entries: Sequence[Entry], types: RowTypes) -> list[bytes | None]:
    """Return the parameters of log.append for a batch."""
    events: list[bytes] = []
    keys: list[bytes] = []
    claims: list[bytes] = []
    releases: list[bytes] = []
    data_keys: list[bytes] = []
    for entry in entries:
        first = wire.ordinal(len(events) + 1)
        events += entry.events
        if entry.key is not None:
            keys.append(entry.key + first + wire.ordinal(len(events)))
        claims += entry.claims
        releases += entry.releases
        data_keys += [row + first for row in entry.data_keys]
    return [
        wire.array(types.new_event, events),
        wire.integer_array(b"".join([entry.counts for entry in entries])),
        wire.array(types.new_key, keys),
        wire.array(types.new_claim, claims),
        wire.array(types.new_claim, releases),
        wire.array(types.new_data_key, data_keys),
        *_series(entries),
    ]


def _series(entries: Sequence[Entry]) -> tuple[bytes | None, bytes | None]:
    """Return the names of the series drawn from, and per event which of them (from 1)."""
    names: dict[str, int] = {}
    drawn: list[int | None] = []
    for entry in entries:
        if entry.series is None:
            drawn += [None] * len(entry.events)
        else:
            drawn += [None if name is None else names.setdefault(name, len(names) + 1) for name in entry.series]
    if not names:
        return None, None
    return wire.text_array(list(names)), wire.optional_integer_array(drawn)


def distribute(entries: Sequence[Entry], answer: pq.abc.PGresult) -> None:
    """Give each entry its part of what log.append returned."""
    position = wire.read_int8(answer.get_value(0, 0) or b"")
    moment = wire.moment(wire.read_int8(answer.get_value(0, 1) or b""))
    outcomes = answer.get_value(0, 3)
    if outcomes is not None:
        for entry, outcome in zip(entries, read_outcomes(outcomes), strict=True):
            if isinstance(outcome, Recorded):
                own = outcome.numbers or [None] * len(entry.events)
                entry.answer = Appended(outcome.first_position, outcome.last_position, moment, own)
            else:
                entry.failure = outcome.failure()
        return
    drawn = answer.get_value(0, 2)
    numbers = wire.read_int8_array(drawn or b"")
    taken = 0
    for entry in entries:
        count = len(entry.events)
        own = [None] * count if drawn is None else numbers[taken : taken + count]
        entry.answer = Appended(position + taken, position + taken + count - 1, moment, own)
        taken += count
