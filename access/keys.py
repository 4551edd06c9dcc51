"""Making, listing, replacing and ending API keys, each by a function of the database, so that nothing else can be done.

A key is told to its holder once; the table keeps its hash. Keys are ended, never deleted, because history names them.
The functions change nothing until the transaction of the connection commits, and the log tells what they changed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from access.key_form import hash_of, id_in, named_id, new_key
from access.roles import Role

NAME_MAX = 100
VALID = "(revoked_at IS NULL OR revoked_at > now()) AND (expires_at IS NULL OR expires_at > now())"
# Uses are noted as the hour they were in, which may have begun before there was a key: none was used before.
LAST_USED = "CASE WHEN last_used_at IS NOT NULL THEN greatest(last_used_at, created_at) END AS last_used_at"
FIELDS = f"id, role, name, customer_id, secret_hash, created_at, expires_at, revoked_at, {LAST_USED}"
STORED = "access.api_keys LEFT JOIN access.key_uses ON key_id = id"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored; the key itself is known to its holder alone. ``last_used_at`` is the hour's beginning, or
    ``created_at`` within the first.
    """

    id: str
    role: str
    name: str
    customer_id: str | None
    secret_hash: bytes
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @property
    def ends_at(self) -> datetime | None:
        """When it stops, or stopped, working; None while nothing is set."""
        return min((end for end in (self.expires_at, self.revoked_at) if end is not None), default=None)


@dataclass(frozen=True, slots=True)
class Replaced:
    """The key that takes the place of another one, and until when the other one works."""

    key: str
    old_ends_at: datetime


def create_key(
    connection: psycopg.Connection[Any],
    role: Role,
    name: str,
    *,
    customer_id: str | None = None,
    valid_for: timedelta | None = None,
    key: str | None = None,
) -> str:
    """Store a key and return it, this once; a given ``key`` is taken as it is (development keys).

    Raises ValueError, in words for whoever asked, for a name that cannot be shown or an id that is taken.
    """
    if (role is Role.CUSTOMER) != (customer_id is not None):
        raise ValueError("a key of a customer, and only that, names its customer")
    key = key or new_key()
    key_id = id_in(key)
    if key_id is None:
        raise ValueError("a key is prefix_id_secret")
    made = connection.execute(
        "SELECT access.make_key(%s, %s, %s, %s, %s, %s)",
        [key_id, role.value, holder_name(name), customer_id, hash_of(key), valid_for],
    ).fetchone()
    if made != (True,):
        raise ValueError(f"the key id {key_id} stands for another key, or for one that has ended")
    return key


def holder_name(name: str) -> str:
    """The name as it is kept for good and shown wherever its holder acted; raises ValueError for none."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise ValueError(f"a key has a name of 1 to {NAME_MAX} printable characters")
    return name


def rotate_key(
    connection: psycopg.Connection[Any],
    key_id: str,
    overlap: timedelta | None,
    valid_for: timedelta | None = None,
    *,
    key: str | None = None,
) -> Replaced | None:
    """Store a key of the same holder and return it, this once; the old one ends after ``overlap``, if not before.

    Without an overlap an end that was set before stays, and is now where none was: who rotates a key once more, because
    the new one was lost, does not cut the overlap that the first time promised.
    Without ``valid_for`` the new key is valid for as long as the old one was made for. None when no valid key has this
    id. A given ``key`` makes it safe to ask again.
    """
    key = key or new_key()
    ends = connection.execute(
        "SELECT access.replace_key(%s, %s, %s, %s, %s)", [key_id, id_in(key), hash_of(key), overlap, valid_for]
    ).fetchone()
    return Replaced(key, ends[0]) if ends and ends[0] else None


def list_keys(connection: psycopg.Connection[Any]) -> list[ApiKey]:
    """Every key ever made, oldest first."""
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(f"SELECT {FIELDS} FROM {STORED} ORDER BY created_at, id").fetchall()  # noqa: S608


def revoke_key(connection: psycopg.Connection[Any], key_id: str) -> bool:
    """Revoke a key; False when no valid key has this id."""
    return connection.execute("SELECT access.end_key(%s)", [key_id]).fetchone() == (True,)


def find_key(connection: psycopg.Connection[Any], key_id: str) -> ApiKey | None:
    """The key of this id, ended or not."""
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(f"SELECT {FIELDS} FROM {STORED} WHERE id = %s", [key_id]).fetchone()  # noqa: S608


def first_key_id(connection: psycopg.Connection[Any], key_id: str) -> str | None:
    """The key at which a row of replacements began; None for one that replaced nothing."""
    found = connection.execute(
        """
        WITH RECURSIVE line (id, replaces) AS (
            SELECT id, replaces FROM access.api_keys WHERE id = %s
            UNION ALL
            SELECT before.id, before.replaces FROM line JOIN access.api_keys before ON before.id = line.replaces
        )
        SELECT id FROM line WHERE replaces IS NULL AND id <> %s
        """,
        [key_id, key_id],
    ).fetchone()
    return found[0] if found else None


def search_keys(connection: psycopg.Connection[Any], text: str, limit: int) -> list[ApiKey]:
    """Keys that are named so, or have that id or customer; those that work first, the newest first."""
    query = f"""
        SELECT {FIELDS} FROM {STORED}
        WHERE %s = '' OR strpos(lower(name), lower(%s)) > 0 OR id = %s OR customer_id = %s
        ORDER BY coalesce({VALID}, true) DESC, created_at DESC, id LIMIT %s
    """  # noqa: S608
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(query.encode(), [text, text, named_id(text), text, limit]).fetchall()
