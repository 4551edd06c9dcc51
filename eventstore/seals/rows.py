"""The leaf hashes of many events at once, straight from the database.

PostgreSQL's binary COPY writes a row as a field count and then each field as a four-byte length and its bytes, -1 for
NULL: behind the count that is, to the byte, what `leaf_bytes` fixes behind its format byte. So a row is hashed as it
arrives, without a look into it. A test holds this, `leaf_bytes` and log.leaf_bytes against each other. Nothing here
writes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from hashlib import sha256
from typing import Any

from psycopg import Connection, errors, generators, pq
from psycopg.waiting import Wait

from eventstore.leaf import FORMAT
from eventstore.records import RecordedEvent

_HEADER_BYTES = 19
_COUNT_BYTES = 2  # how many fields a row has; what is no longer than that ends the rows
_POSITION = slice(6, 14)  # behind that count and the length of the field
_COLUMNS = ", ".join(RecordedEvent.__struct_fields__)


def leaves(connection: Connection[Any], first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """Each event from position ``first`` to ``last`` that is there, in log order: its position and its leaf bytes.

    A reader may stop anywhere; the connection is then closed. Raises psycopg.Error.
    """
    for row in _rows(connection, first, last):
        yield int.from_bytes(row[_POSITION], "big", signed=True), FORMAT + row[_COUNT_BYTES:]


def leaf_hashes(connection: Connection[Any], first: int, last: int) -> list[bytes]:
    """The leaf hash of each event from position ``first`` to ``last`` that is there, in log order.

    Who needs them dense compares their number: positions are unique. Raises psycopg.Error.
    """
    before = b"\x00" + FORMAT
    return [sha256(before + row[_COUNT_BYTES:]).digest() for row in _rows(connection, first, last)]


def _rows(connection: Connection[Any], first: int, last: int) -> Iterator[memoryview]:
    """Rows as COPY writes them; the connection must speak UTF8, for that is how a leaf has its texts."""
    pgconn = connection.pgconn
    # COPY takes no parameters; the numbers are ours.
    statement = (
        f"COPY (SELECT {_COLUMNS} FROM log.events WHERE position BETWEEN {first:d} AND {last:d}"  # noqa: S608
        " ORDER BY position) TO STDOUT (FORMAT BINARY)"
    )
    pgconn.send_query(statement.encode())
    connection.wait(generators.send(pgconn))
    _expect(connection.wait(generators.fetch(pgconn)), pq.ExecStatus.COPY_OUT)
    finished = begun = False
    try:
        while True:
            length, data = pgconn.get_copy_data(1)
            if length > 0:
                if not begun:  # the header comes with the first row, or alone
                    data, begun = data[_HEADER_BYTES:], True
                if len(data) > _COUNT_BYTES:
                    yield data
            elif length == 0:
                connection.wait(_readable())
                pgconn.consume_input()
            else:
                break
        _expect(connection.wait(generators.fetch(pgconn)), pq.ExecStatus.COMMAND_OK)
        connection.wait(generators.fetch(pgconn))
        finished = True
    finally:
        if not finished:
            connection.close()


def _readable() -> Generator[Wait, Any, None]:
    yield Wait.R


def _expect(result: pq.abc.PGresult | None, status: pq.ExecStatus) -> None:
    if result is None or result.status != status:
        raise errors.error_from_result(result) if result else errors.InternalError("no answer to a COPY")
