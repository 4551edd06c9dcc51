"""Asking the table of a read model: its rows, and the position that they were made from.

Both come in one round trip and of one snapshot, so a page can never claim to be newer or older than it is. The
statement goes straight to libpq: psycopg's cursor takes three times the processor time for it, and gives up Python's
one lock three times instead of once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection

from eventstore import wire
from eventstore.statements import Statement, prepare, run_once, run_text
from projections.engine.positions import wait_for
from projections.engine.table import array_text

# Of one connection; questions beyond are asked without preparing them.
PREPARED_MAX = 200

_prepared: WeakKeyDictionary[Connection[Any], dict[str, Statement]] = WeakKeyDictionary()


def read_items(
    connection: Connection[Any],
    projection: str,
    min_position: int | None,
    statement: str,
    parameters: Sequence[Any],
    *,
    one_plan: bool = False,
) -> tuple[int, list[bytes]]:
    """The position of a projection, at least ``min_position``, and the texts that ``statement`` selects, in its order.

    ``one_plan`` where the same plan is right whatever the parameters are. Raises positions.Behind and Parked.
    """
    if min_position is not None:
        wait_for(connection, projection, min_position)
    question = _numbered(
        f"SELECT (SELECT coalesce(min(position), 0) FROM read.positions WHERE projection = '{projection}'), "  # noqa: S608
        f"ARRAY({statement})"
    )
    values = [_as_text(value) for value in parameters]
    known = _statement(connection, question) if one_plan else None
    answer = run_once(connection, question, values) if known is None else run_text(connection, known, values)
    return wire.read_int8(answer.get_value(0, 0) or b""), wire.read_text_array(answer.get_value(0, 1) or b"")


def _numbered(statement: str) -> str:
    """The statement with libpq's placeholders."""
    first, *others = statement.split("%s")
    return first + "".join([f"${number}{text}" for number, text in enumerate(others, start=1)])


def _statement(connection: Connection[Any], question: str) -> Statement | None:
    """The question prepared on this connection; None when that has prepared enough."""
    known = _prepared.setdefault(connection, {})
    found = known.get(question)
    if found is None and len(known) < PREPARED_MAX:
        found = Statement(f"page_{len(known)}".encode(), question.encode())
        prepare(connection, found)
        known[question] = found  # only now: what could not be prepared is tried again
    return found


def _as_text(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return array_text([str(each) for each in value]).encode()
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()
