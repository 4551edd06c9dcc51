"""The orders grid of a past moment: folded from the log up to a position, filtered and sorted as the grid itself is.

An order is folded, asked through the grid's own conditions, and forgotten before the next thousand; what fits is sorted
in runs on a temporary file. So the price grows with the log and the memory does not. It never writes to the database.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from heapq import merge
from itertools import groupby, islice
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Self
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from eventstore import feed
from eventstore.codec import Codec
from eventstore.feed import FeedEvent
from eventstore.personal_data import Keyring
from projections.engine.decoder import Decoder
from projections.engine.folding import fold_all
from projections.engine.model import Row
from projections.engine.parking import Unfoldable
from projections.engine.table import array_text, column_types
from projections.orders_grid.filters import Filters
from projections.orders_grid.query import GridQuery
from projections.orders_grid.read_model import GRID, ORDERS_GRID
from projections.paging.filters import Condition, one_of
from projections.paging.query import Match

EVENTS_AT_ONCE = 5_000
ROWS_AT_ONCE = 1_000
RUN_BYTES = 16 * 1024 * 1024
RUN_BUFFER = 64 * 1024
UNREADABLE_MAX = 100

Key = tuple[Any, ...]
_LENGTH = 4


class _PastFilters(Filters):
    """The grid's conditions on rows that stand in no table: what the grid looks up there is asked of each row."""

    def _has_one_of(self, lexemes: Sequence[str]) -> Condition:
        return one_of([Condition("words @@ %s::tsquery", (lexeme,)) for lexeme in lexemes])


FILTERS = _PastFilters(GRID.filters.name, GRID.filters.key, GRID.filters.columns, GRID.filters.searched)


@dataclass(slots=True)
class PastRows:
    """The orders of a past moment in the order asked for, as JSON objects; to be closed.

    ``unreadable`` are orders that could not be folded, the first hundred with the position that failed; ``failed`` is
    how many there are.
    """

    position: int
    count: int
    unreadable: list[tuple[UUID, int]]
    failed: int
    runs: "SortedRuns"
    limit: int | None

    def items(self) -> Iterator[bytes]:
        """Each item, once."""
        return islice(self.runs.read(), self.limit)

    def close(self) -> None:
        """Give back the temporary file."""
        self.runs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class PastGrid:
    """Answers what the grid was. Thread-safe."""

    def __init__(self, pool: ConnectionPool[Connection[Any]], codec: Codec, keyring: Keyring) -> None:
        self._pool = pool
        self._codec = codec
        self._keyring = keyring

    def rows(self, query: GridQuery, position: int, limit: int | None = None) -> PastRows:
        """Every order, as the grid showed it up to ``position``, that the query asks for; its pages do not count."""
        places = GRID.places(query.sort)
        runs = SortedRuns([_type_of(place) for place in places], descending=query.sort.descending)
        past = PastRows(position, 0, [], 0, runs, limit)
        try:
            with self._pool.connection() as connection:
                question = _Question(connection, query, places)
                for rows in _pieces(self._folded(connection, position, past)):
                    for key, item in question.fitting(connection, rows):
                        runs.add(key, item)
                        past.count += 1
        except BaseException:
            runs.close()
            raise
        return past

    def _folded(self, connection: Connection[Any], position: int, past: PastRows) -> Iterator[Row]:
        decoder = Decoder.of(ORDERS_GRID, self._codec, self._keyring)
        for partition_id, events in groupby(
            events_by_partition(connection, position), lambda event: event.partition_id
        ):
            try:
                yield from fold_all(ORDERS_GRID, decoder, ORDERS_GRID.start(partition_id), events)
            except Unfoldable as reason:
                past.failed += 1
                if len(past.unreadable) < UNREADABLE_MAX:
                    past.unreadable.append((partition_id, reason.position))


def events_by_partition(connection: Connection[Any], position: int) -> Iterator[FeedEvent]:
    """The log up to a position, a partition after the other, by short statements: none runs into a timeout."""
    place = (UUID(int=0), 0)
    while True:
        events = feed.beyond(connection, place, position, EVENTS_AT_ONCE)
        yield from events
        if len(events) < EVENTS_AT_ONCE:
            return
        place = (events[-1].partition_id, events[-1].position)


def _pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rows = iter(rows)
    while piece := list(islice(rows, ROWS_AT_ONCE)):
        yield piece


class _Question:
    """The grid's conditions, asked of rows that are handed over."""

    def __init__(self, connection: Connection[Any], query: GridQuery, places: Sequence[str]) -> None:
        conditions = list(FILTERS.of(replace(query, cursor=None)))
        types = column_types(connection, "orders_grid")
        arrays = ", ".join([f"%s::{types[column]}[]" for column in ORDERS_GRID.columns])
        where = " AND ".join([each.text for each in conditions]) or "true"
        self._statement = (
            f"SELECT {', '.join(places)}, item FROM unnest({arrays}) grid ({', '.join(ORDERS_GRID.columns)}) "  # noqa: S608
            f"WHERE {where}"
        ).encode()
        self._parameters = [value for each in conditions for value in each.parameters]

    def fitting(self, connection: Connection[Any], rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
        """Of these rows the places and items of those that fit."""
        given = [array_text(column) for column in zip(*rows, strict=True)]
        for *key, item in connection.execute(self._statement, [*given, *self._parameters], prepare=False):
            yield tuple(key), item


def _type_of(column: str) -> Any:
    match GRID.filters.columns.get(column):
        case Match.NUMBERS:
            return Decimal
        case Match.TIMES:
            return datetime
        case None:
            return UUID if column == GRID.filters.key else int
    return str


class SortedRuns:
    """Any number of texts, sorted by their keys with little memory: runs that fit are sorted there and written out."""

    def __init__(self, types: Sequence[Any], *, descending: bool, run_bytes: int = RUN_BYTES) -> None:
        self._descending = descending
        self._run_bytes = run_bytes
        self._run: list[tuple[Key, str]] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._runs: list[tuple[int, int]] = []
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[tuple[tuple(types)], str]).decode  # type: ignore[misc]

    def add(self, key: Key, text: str) -> None:
        """One more."""
        self._run.append((key, text))
        self._size += len(text)
        if self._size >= self._run_bytes:
            self._write()

    def read(self) -> Iterator[bytes]:
        """All of them in order, once."""
        self._sort()
        written = [self._read(start, end) for start, end in self._runs]
        for _, text in merge(*written, self._run, key=_key, reverse=self._descending):
            yield text.encode()

    def close(self) -> None:
        """Give back what was written."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def _sort(self) -> None:
        self._run.sort(key=_key, reverse=self._descending)

    def _write(self) -> None:
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115  (closed by close)
        self._sort()
        start = self._file.seek(0, 2)
        for each in self._run:
            packed = self._encode(each)
            self._file.write(len(packed).to_bytes(_LENGTH, "big"))
            self._file.write(packed)
        self._runs.append((start, self._file.tell()))
        self._run, self._size = [], 0

    def _read(self, at: int, end: int) -> Iterator[tuple[Key, str]]:
        assert self._file is not None  # noqa: S101  (there are runs)
        buffer = b""
        while at < end or buffer:
            self._file.seek(at)
            piece = self._file.read(min(RUN_BUFFER, end - at))
            at += len(piece)
            buffer += piece
            begin = 0
            while len(buffer) - begin >= _LENGTH:
                length = int.from_bytes(buffer[begin : begin + _LENGTH], "big")
                if len(buffer) - begin - _LENGTH < length:
                    break
                begin += _LENGTH
                yield self._decode(buffer[begin : begin + length])
                begin += length
            buffer = buffer[begin:]


def _key(entry: tuple[Key, str]) -> Key:
    return entry[0]
