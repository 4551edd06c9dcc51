"""Who asks: API keys, their roles, and what each role may do.

A key is ``prefix_id_secret``; the table keeps the SHA-256 of the whole key, which is enough for a random secret
(a slow hash is for passwords). Found keys are remembered for seconds, so that a request costs no query and a
revoked key still dies soon. A key must never reach a log line or an error text.
"""

import hmac
import re
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from web.problems import Problem, invalid_header

PREFIX = "daybook"
TTL_SECONDS = 1.0
REMEMBERED_MAX = 10_000
NAME_MAX = 100
VALID = "(revoked_at IS NULL OR revoked_at > now())"
KEY = re.compile(r"[a-z]{1,16}_([a-z0-9-]{1,40})_[A-Za-z0-9_-]{16,128}")

Connections = ConnectionPool[psycopg.Connection[Any]]


class Role(StrEnum):
    """What a key is for."""

    ADMIN = "admin"
    INTEGRATOR = "integrator"
    AUDITOR = "auditor"
    CUSTOMER = "customer"


class Right(StrEnum):
    """What a path asks of its caller."""

    COMMAND = "command"
    QUERY = "query"
    AUDIT = "audit"
    REORDER = "reorder"  # any order, or for a customer's key only its own
    OWN = "own"  # what belongs to a customer: all of it, or for a customer's key only its own


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset({Right.COMMAND, Right.REORDER, Right.QUERY, Right.AUDIT, Right.OWN}),
    Role.INTEGRATOR: frozenset({Right.COMMAND, Right.REORDER, Right.QUERY, Right.OWN}),
    Role.AUDITOR: frozenset({Right.QUERY, Right.AUDIT, Right.OWN}),
    Role.CUSTOMER: frozenset({Right.REORDER, Right.OWN}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request; ``customer_id`` is set for keys of customers only."""

    key_id: str
    role: Role
    name: str
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A row of access.api_keys; the key itself is known to its holder alone."""

    id: str
    role: str
    name: str
    customer_id: str | None
    secret_hash: bytes
    created_at: datetime
    revoked_at: datetime | None


Authenticate = Callable[[str | None], Caller]
"""From the Authorization header to the caller; raises Problem 401."""

COLUMNS = "id, role, name, customer_id, secret_hash, created_at, revoked_at"


class ApiKeys:
    """The authenticator over the table of keys; one per process, safe for threads."""

    def __init__(self, connections: Connections, *, ttl_seconds: float = TTL_SECONDS) -> None:
        self._connections = connections
        self._ttl_seconds = ttl_seconds
        self._remembered: dict[str, tuple[float, ApiKey | None]] = {}

    def authenticate(self, authorization: str | None) -> Caller:
        """The caller behind an Authorization header; raises Problem 401 without a valid key."""
        token = token_of(authorization)
        matched = KEY.fullmatch(token)
        if matched is None:
            raise unauthenticated("This is no API key.", invalid=True)
        key = self._find(matched[1])
        if not hmac.compare_digest(_hash(token), key.secret_hash if key else _NOBODY) or key is None:
            raise unauthenticated("This API key is unknown or revoked.", invalid=True)
        return Caller(key.id, Role(key.role), key.name, key.customer_id)

    def _find(self, key_id: str) -> ApiKey | None:
        now = time.monotonic()
        remembered = self._remembered.get(key_id)
        if remembered is not None and remembered[0] > now:
            return remembered[1]
        with self._connections.connection() as connection, connection.cursor(row_factory=class_row(ApiKey)) as cursor:
            query = f"SELECT {COLUMNS} FROM access.api_keys WHERE id = %s AND {VALID}"  # noqa: S608
            key = cursor.execute(query, [key_id]).fetchone()
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[key_id] = (now + self._ttl_seconds, key)
        return key


def token_of(authorization: str | None) -> str:
    """What stands after Bearer; raises Problem 401 that says what is missing, 400 for two headers."""
    if not authorization:
        raise unauthenticated("This needs an API key: Authorization: Bearer KEY.")
    if "," in authorization:  # how a server joins two headers; no key has one
        raise invalid_header("Authorization", "Must be given once.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return token
    if KEY.fullmatch(token or scheme):
        detail = "The word Bearer is missing before the key: Authorization: Bearer KEY."
    else:
        detail = "Only Bearer is understood here: Authorization: Bearer KEY."
    raise unauthenticated(detail, invalid=True)


def unauthenticated(detail: str, *, invalid: bool = False) -> Problem:
    challenge = 'Bearer realm="daybook"' + (', error="invalid_token"' if invalid else "")
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def forbid_unless(caller: Caller, right: Right) -> None:
    """Raise Problem 403 when the caller's role does not have this right."""
    if right not in RIGHTS[caller.role]:
        raise Problem(403, "forbidden", f"The role {caller.role} has no right to this ({right}).")


def keep_to(caller: Caller, name: str, roles: Collection[Role]) -> None:
    """Raise Problem 403 when the merchant's configuration keeps ``name`` to roles of which this is none."""
    if caller.role not in roles:
        kept = ", ".join(sorted(roles))
        raise Problem(403, "forbidden", f"The role {caller.role} has no right to {name}; it is kept to: {kept}.")


def create_key(
    connection: psycopg.Connection[Any],
    role: Role,
    name: str,
    *,
    customer_id: str | None = None,
    key: str | None = None,
) -> str:
    """Store a key and return it, this once; a given ``key`` is taken as it is (development keys)."""
    if (role is Role.CUSTOMER) != (customer_id is not None):
        raise ValueError("a key of a customer, and only that, names its customer")
    key = key or _new_key()
    matched = KEY.fullmatch(key)
    if matched is None:
        raise ValueError("a key is prefix_id_secret")
    connection.execute(
        "INSERT INTO access.api_keys (id, role, name, customer_id, secret_hash) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (id) DO NOTHING",
        [matched[1], role.value, holder_name(name), customer_id, _hash(key)],
    )
    stored = connection.execute(
        f"SELECT role = %s AND secret_hash = %s AND {VALID} FROM access.api_keys WHERE id = %s",  # noqa: S608
        [role.value, _hash(key), matched[1]],
    ).fetchone()
    if stored != (True,):
        raise ValueError(f"the key id {matched[1]} stands for another key, or a revoked one")
    return key


def holder_name(name: str) -> str:
    """The name as it is kept for good and shown wherever its holder acted; raises ValueError for none."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise ValueError(f"a key has a name of 1 to {NAME_MAX} printable characters")
    return name


def rotate_key(connection: psycopg.Connection[Any], key_id: str, overlap: timedelta) -> str | None:
    """Store a key of the same holder and return it, this once; the old one ends after ``overlap``.

    None when no valid key has this id. Call it in a transaction.
    """
    key = _new_key()
    new_id = key.split("_")[1]
    statement = f"""
        INSERT INTO access.api_keys (id, role, name, customer_id, secret_hash, replaces)
        SELECT %s, role, name, customer_id, %s, id FROM access.api_keys WHERE id = %s AND {VALID}
    """  # noqa: S608
    made = connection.execute(statement, [new_id, _hash(key), key_id])
    if made.rowcount != 1:
        return None
    connection.execute(
        "UPDATE access.api_keys SET revoked_at = least(revoked_at, now() + %s) WHERE id = %s", [overlap, key_id]
    )
    return key


def _new_key() -> str:
    return f"{PREFIX}_{secrets.token_hex(6)}_{secrets.token_hex(24)}"


def list_keys(connection: psycopg.Connection[Any]) -> list[ApiKey]:
    """Every key ever made, oldest first."""
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(f"SELECT {COLUMNS} FROM access.api_keys ORDER BY created_at, id").fetchall()  # noqa: S608


def revoke_key(connection: psycopg.Connection[Any], key_id: str) -> bool:
    """Revoke a key; False when no valid key has this id."""
    query = f"UPDATE access.api_keys SET revoked_at = now() WHERE id = %s AND {VALID}"  # noqa: S608
    return connection.execute(query, [key_id]).rowcount == 1


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()


_NOBODY = bytes(32)
