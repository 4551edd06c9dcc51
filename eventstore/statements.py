"""Prepared statements straight on libpq, in binary: one call, one round trip.

psycopg's cursors take twice the CPU for the same statement (60 us against 30 us measured). A call
that is not a `stream` blocks in C without the GIL, so an interrupt waits for its end: every caller
sets timeouts on the server, and `patience` ends what the server does not. It must only be used on a
connection in autocommit that nobody else is using.
"""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Iterator, Sequence
from errno import EAGAIN, EINTR, EWOULDBLOCK
from typing import Any, NamedTuple, TypeVar, cast

import psycopg
from psycopg import Connection, errors, generators, pq
from psycopg.adapt import Transformer
from psycopg.rows import RowMaker

from eventstore.patience import NoAnswer, bounded

T = TypeVar("T")

# How long a server that is asked to stop sending has time to hear it.
CANCEL_SECONDS = 5.0
_BINARY = pq.Format.BINARY
# A look at a socket that keeps Python's one lock. The standard library's select and recv give it up, which with many
# threads around costs a change of threads each time.
_peek = ctypes.PyDLL(None, use_errno=True).recv
_peek.argtypes, _peek.restype = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int), ctypes.c_ssize_t
_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT
_SILENT = frozenset({EAGAIN, EWOULDBLOCK, EINTR})
_BUFFER = ctypes.create_string_buffer(1)
_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class Statement(NamedTuple):
    """A named SQL text; the name must be unique on a connection."""

    name: bytes
    sql: bytes


def prepare(connection: Connection[Any], statement: Statement) -> None:
    """Prepare a statement on a connection; raises psycopg.Error.

    psycopg then prepares none by itself there. After a ROLLBACK it makes the server forget all that a connection ever
    prepared, ours too, if only one is its own: a connection that prepares later than it asks sets that from the start.
    """
    connection.prepare_threshold = None
    _checked(connection, bounded(connection, connection.pgconn.prepare, statement.name, statement.sql))


def run(connection: Connection[Any], statement: Statement, params: Sequence[bytes | None]) -> pq.abc.PGresult:
    """Run a prepared statement with binary parameters; raises psycopg.Error.

    An OperationalError with the connection `closed` afterwards means: no answer came.
    """
    values = cast("list[bytes]", params)  # None is NULL, though psycopg's types do not say so
    formats = [_BINARY] * len(params)
    return _checked(
        connection, bounded(connection, connection.pgconn.exec_prepared, statement.name, values, formats, _BINARY)
    )


def run_text(connection: Connection[Any], statement: Statement, params: Sequence[bytes | None]) -> pq.abc.PGresult:
    """Run a prepared statement with parameters as text; the answer is binary. Raises psycopg.Error."""
    values = cast("list[bytes]", params)
    return _checked(
        connection, bounded(connection, connection.pgconn.exec_prepared, statement.name, values, None, _BINARY)
    )


def run_once(connection: Connection[Any], statement: str, params: Sequence[bytes | None]) -> pq.abc.PGresult:
    """Plan and run a statement for these very parameters, given as text; the answer is binary. Raises psycopg.Error."""
    values = cast("list[bytes]", params)
    return _checked(
        connection, bounded(connection, connection.pgconn.exec_params, statement.encode(), values, None, None, _BINARY)
    )


def stream(
    connection: Connection[Any], statement: str, params: Sequence[bytes | None], make_row: RowMaker[T], *, at_once: int
) -> Iterator[list[T]]:
    """Run a statement with parameters given as text, and load its rows ``at_once`` by ``at_once`` as they arrive.

    It waits as psycopg does, so other threads run and an interrupt is heard. A reader may stop at any row: the server
    is asked to stop too. Raises psycopg.Error.
    """
    pgconn = connection.pgconn
    transformer = Transformer.from_context(connection)
    loaders_known = False
    last: pq.abc.PGresult | None = None
    try:
        pgconn.send_query_params(statement.encode(), cast("list[bytes]", params), result_format=_BINARY)
        pgconn.set_chunked_rows_mode(at_once)
        connection.wait(generators.send(pgconn))
        while (result := connection.wait(generators.fetch(pgconn))) is not None:
            if result.status != pq.ExecStatus.TUPLES_CHUNK:
                last = result
                continue
            transformer.set_pgresult(result, set_loaders=not loaders_known, format=_BINARY)
            loaders_known = True
            yield transformer.load_rows(0, result.ntuples, make_row)
        if last is not None:
            _checked(connection, last)
    finally:
        if pgconn.transaction_status == pq.TransactionStatus.ACTIVE:  # the reader has had enough
            _give_up(connection)


def _give_up(connection: Connection[Any]) -> None:
    """Have the server end what it is still sending; a connection that cannot be cleared is closed."""
    try:
        connection.cancel_safe(timeout=CANCEL_SECONDS)
        while connection.wait(generators.fetch(connection.pgconn)) is not None:
            pass
    except psycopg.Error:
        connection.close()


def is_alive(connection: Connection[Any]) -> bool:
    """Tell whether an idle connection still stands; a round trip only when the server has said something unasked."""
    if connection.closed:
        return False
    if _peek(connection.fileno(), _BUFFER, 1, _PEEK) < 0 and ctypes.get_errno() in _SILENT:
        return True  # nothing was said, and nothing is over
    try:
        answer: pq.abc.PGresult = bounded(connection, connection.pgconn.exec_, b"SELECT")
    except NoAnswer:
        return False
    return answer.status in _DONE


def require_alive(connection: Connection[Any]) -> None:
    """Let a pool replace a connection that was lost; costs what ``is_alive`` costs."""
    if not is_alive(connection):
        raise psycopg.OperationalError("the connection was lost")


def _checked(connection: Connection[Any], result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in _DONE:
        return result
    message = result.get_error_message() or connection.pgconn.get_error_message()
    sqlstate = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    try:
        raise errors.lookup(sqlstate)(message)
    except KeyError:
        raise psycopg.OperationalError(message) from None
