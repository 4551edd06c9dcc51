"""Wrapping data keys anew, while everything goes on: from earlier master keys to the one that wraps now.

Some hundred keys at a time, each time a transaction that waits for nobody; so it can be ended and begun again at any
moment, and what is wrapped already is passed over. What it replaces stays on the disk until `daybook purge`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from eventstore.errors import SealBroken
from eventstore.personal_data import Keyring

KEYS_AT_ONCE = 500
PASSES_MAX = 10

_NEXT = """
    SELECT partition_id, wrapped FROM log.data_keys WHERE partition_id > %s
    ORDER BY partition_id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_REWRAP = """
    UPDATE log.data_keys k SET wrapped = n.wrapped FROM unnest(%s::uuid[], %s::bytea[]) n (partition_id, wrapped)
    WHERE k.partition_id = n.partition_id
"""
_COUNT = "SELECT count(*) FROM log.data_keys"
_FIRST = UUID(int=0)


@dataclass(slots=True)
class Rewrapped:
    """How far it is: keys looked at of ``total``, ``wrapped`` anew, and ``lost``, which no master key here opens."""

    total: int = 0
    seen: int = 0
    wrapped: int = 0
    lost: int = 0


def rewrap(connection: Connection[Any], keyring: Keyring, watch: Callable[[Rewrapped], None]) -> Rewrapped:
    """Wrap every data key under the master key that wraps now; ``connection`` is the owner's, in autocommit."""
    done = Rewrapped()
    for _ in range(PASSES_MAX):
        row = connection.execute(_COUNT).fetchone()
        done = Rewrapped(int(row[0]) if row else 0, wrapped=done.wrapped)
        after: UUID | None = _FIRST
        while after is not None:
            after = _some(connection, keyring, after, done)
            watch(done)
        if done.seen >= done.total:  # else some were being erased, or came in the meantime
            break
    return done


def _some(connection: Connection[Any], keyring: Keyring, after: UUID, done: Rewrapped) -> UUID | None:
    """The next keys; answers the last of them, None at the end."""
    with connection.transaction():
        rows = connection.execute(_NEXT, [after, KEYS_AT_ONCE]).fetchall()
        new = []
        for partition_id, wrapped in rows:
            try:
                again = keyring.rewrapped(partition_id, wrapped)
            except SealBroken:
                done.lost += 1
                continue
            if again is not None:
                new.append((partition_id, again))
        if new:
            connection.execute("SET LOCAL daybook.rewrapping = 'yes'")
            connection.execute(_REWRAP, [[each for each, _ in new], [wrapped for _, wrapped in new]])
    done.seen += len(rows)
    done.wrapped += len(new)
    return rows[-1][0] if rows else None
