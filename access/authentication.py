"""From a key to its caller, for every process that answers requests.

Found keys are remembered for a second: so a request costs no query, and a key that was revoked stops working within
that second in every process. What is asked here must never say whether an id exists whose secret was wrong.
"""

import hmac
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from access.key_form import hash_of, id_in
from access.key_uses import HOUR_SECONDS, KeyUses
from access.keys import FIELDS, STORED, VALID, ApiKey, first_key_id
from access.roles import Caller, Role

TTL_SECONDS = 1.0
REMEMBERED_MAX = 10_000
_NOBODY = bytes(32)

Pool = ConnectionPool[psycopg.Connection[Any]]


class KeyRefused(Exception):
    """What came is no key that works; the message says so without repeating it."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What the table said, believed until ``until`` (monotonic seconds)."""

    until: float
    secret_hash: bytes
    caller: Caller | None
    used_hour: int


class ApiKeys:
    """Finds callers by their keys; one per process, safe for threads."""

    def __init__(self, pool: Pool, *, ttl_seconds: float = TTL_SECONDS) -> None:
        self._pool = pool
        self._ttl_seconds = ttl_seconds
        self._remembered: dict[str, _Remembered] = {}
        self._uses = KeyUses(pool)

    def caller_of(self, key: str) -> Caller:
        """Who holds this key; raises KeyRefused without a valid one."""
        key_id = id_in(key)
        if key_id is None:
            raise KeyRefused("This is no API key.")
        found = self._find(key_id)
        if not hmac.compare_digest(hash_of(key), found.secret_hash) or found.caller is None:
            raise KeyRefused("This API key is unknown, expired or revoked.")
        self._uses.note(key_id, found.used_hour)
        return found.caller

    def _find(self, key_id: str) -> _Remembered:
        now = time.monotonic()
        remembered = self._remembered.get(key_id)
        if remembered is not None and remembered.until > now:
            return remembered
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(ApiKey)) as cursor:
            query = f"SELECT {FIELDS} FROM {STORED} WHERE id = %s AND {VALID}"  # noqa: S608
            key = cursor.execute(query, [key_id]).fetchone()
            found = _read(key, first_key_id(connection, key_id) if key else None, now + self._ttl_seconds)
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[key_id] = found
        return found


def _read(key: ApiKey | None, first: str | None, until: float) -> _Remembered:
    if key is None:
        return _Remembered(until, _NOBODY, None, 0)
    caller = Caller(key.id, Role(key.role), key.name, key.customer_id, first)
    used_hour = int(key.last_used_at.timestamp() // HOUR_SECONDS) if key.last_used_at else 0
    return _Remembered(until, key.secret_hash, caller, used_hour)
