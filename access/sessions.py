"""Who is signed in on the pages: a random token in the browser's cookie, of which the table knows the hash.

A session ends when it was idle for hours, when it is some days old (hours, where a provider vouched for the person),
when its person signs out, and at once when its key is revoked or the person barred: every page asks the table. A token
must never reach a log line or an error text.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import psycopg

from access.authentication import Pool
from access.keys import VALID
from access.roles import Caller, Role

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
VOUCHED = timedelta(hours=12)
SEEN_EVERY_SECONDS = 60.0
TOKEN_BYTES = 32
TOKEN_MAX = 100

# Of one client, and of all together, within a minute.
FAILURES_MAX = 10
FAILURES_OF_ALL_MAX = 200
CLIENT_MAX = 100
Way = Literal["key", "provider"]
LINK_LIVES = timedelta(hours=12)

_FIND = f"""
    SELECT s.key_id, coalesce(s.role, k.role), coalesce(p.name, k.name), coalesce(s.customer_id, k.customer_id),
        s.created_at, s.seen_at,
        (SELECT coalesce(jsonb_object_agg(c.name, c.value), '{{}}') FROM access.preferences c WHERE c.key_id = s.key_id)
    FROM access.sessions s
    LEFT JOIN access.api_keys k ON k.id = s.key_id
    LEFT JOIN access.people p ON p.id = s.key_id
    WHERE s.token_hash = %s AND s.seen_at > now() - %s AND s.created_at > now() - %s
        AND (k.id IS NOT NULL AND {VALID} OR p.barred_at IS NULL AND p.issuer = %s AND s.ends_at > now())
"""  # noqa: S608


class TooManyAttempts(Exception):
    """Signing in has failed too often within a minute; ``of_all`` where it was not this client alone."""

    def __init__(self, *, of_all: bool = False) -> None:
        super().__init__()
        self.of_all = of_all


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in; ``csrf`` is what their forms carry, ``preferences`` what they chose."""

    caller: Caller
    csrf: str
    created_at: datetime
    preferences: dict[str, str] = field(default_factory=dict)


class Sessions:
    """The sessions of one installation, over their tables; ``issuer`` is the provider that signs people in here now:
    the word of no other counts. Thread-safe.
    """

    def __init__(self, connections: Pool, issuer: str = "") -> None:
        self._connections = connections
        self._issuer = issuer

    def begin(self, key_id: str) -> str:
        """A new session of the key's holder; returns the token for the cookie."""
        return self._begin("INSERT INTO access.sessions (token_hash, key_id) VALUES (%s, %s)", [key_id])

    def begin_vouched(self, caller: Caller) -> str:
        """A new session of somebody whom a provider vouches for: with the role of now, until it is to be asked anew."""
        statement = """
            INSERT INTO access.sessions (token_hash, key_id, role, customer_id, ends_at)
            VALUES (%s, %s, %s, %s, now() + %s)
        """
        return self._begin(statement, [caller.key_id, caller.role.value, caller.customer_id, VOUCHED])

    def _begin(self, statement: str, values: list[object]) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._connections.connection() as connection, connection.transaction():
            connection.execute(statement.encode(), [_hash(token), *values])
            connection.execute(
                "DELETE FROM access.sessions WHERE created_at < now() - %s OR seen_at < now() - %s", [LONGEST, IDLE]
            )
        return token

    def find(self, token: str) -> Session | None:
        """The session of a cookie; None when there is none any more."""
        if not token or len(token) > TOKEN_MAX:
            return None
        hashed = _hash(token)
        with self._connections.connection() as connection:
            row = connection.execute(_FIND, [hashed, IDLE, LONGEST, self._issuer]).fetchone()
            if row is None:
                return None
            key_id, role, name, customer_id, created_at, seen_at, preferences = row
            if (datetime.now(seen_at.tzinfo) - seen_at).total_seconds() > SEEN_EVERY_SECONDS:
                connection.execute("UPDATE access.sessions SET seen_at = now() WHERE token_hash = %s", [hashed])
        return Session(Caller(key_id, Role(role), name, customer_id), csrf_of(token), created_at, preferences)

    def end(self, token: str) -> None:
        """End the session of a cookie."""
        with self._connections.connection() as connection:
            connection.execute("DELETE FROM access.sessions WHERE token_hash = %s", [_hash(token)])

    def follow_link(self, token: str) -> str | None:
        """The key that a link signs in with, once; None when it was used, is too old or never was."""
        statement = f"""
            DELETE FROM access.sign_in_links l USING access.api_keys k
            WHERE l.token_hash = %s AND k.id = l.key_id AND {VALID}
            RETURNING l.key_id, l.ends_at > now()
        """  # noqa: S608
        with self._connections.connection() as connection:
            row = connection.execute(statement, [_hash(token[:TOKEN_MAX])]).fetchone()
        return row[0] if row is not None and row[1] else None

    def require_patience(self, client: str, way: Way) -> None:
        """Raise TooManyAttempts when this client, or everybody together, has failed too often within a minute.

        Each way to sign in is counted by itself: who fails by one keeps nobody from another.
        """
        statement = """
            SELECT count(*) FILTER (WHERE client = %s), count(*)
            FROM access.failed_sign_ins WHERE way = %s AND failed_at > now() - interval '1 minute'
        """
        with self._connections.connection() as connection:
            own, all_together = connection.execute(statement, [client[:CLIENT_MAX], way]).fetchone() or (0, 0)
        if own >= FAILURES_MAX or all_together >= FAILURES_OF_ALL_MAX:
            raise TooManyAttempts(of_all=own < FAILURES_MAX)

    def note_failure(self, client: str, way: Way) -> None:
        """Remember for a minute that signing in failed."""
        with self._connections.connection() as connection, connection.transaction():
            connection.execute("DELETE FROM access.failed_sign_ins WHERE failed_at < now() - interval '1 minute'")
            connection.execute(
                "INSERT INTO access.failed_sign_ins (client, way) VALUES (%s, %s)", [client[:CLIENT_MAX], way]
            )

    def prefer(self, key_id: str, chosen: dict[str, str]) -> None:
        """Keep what a person chose; an empty value takes the choice back."""
        with self._connections.connection() as connection, connection.transaction():
            for name, value in chosen.items():
                if value:
                    connection.execute(
                        "INSERT INTO access.preferences (key_id, name, value) VALUES (%s, %s, %s)"
                        " ON CONFLICT (key_id, name) DO UPDATE SET value = excluded.value",
                        [key_id, name, value],
                    )
                else:
                    connection.execute("DELETE FROM access.preferences WHERE key_id = %s AND name = %s", [key_id, name])


def make_link(connection: psycopg.Connection[Any], key_id: str) -> str:
    """A token that signs in once as the key's holder, for twelve hours; kept as a hash. As the owner."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    connection.execute("DELETE FROM access.sign_in_links WHERE ends_at < now()")
    connection.execute(
        "INSERT INTO access.sign_in_links (token_hash, key_id, ends_at) VALUES (%s, %s, now() + %s)",
        [_hash(token), key_id, LINK_LIVES],
    )
    return token


def csrf_of(token: str) -> str:
    """What every form of the session carries: nobody else can know it, and it tells nothing of the token."""
    return urlsafe_b64encode(hmac.digest(token.encode(), b"daybook forms", "sha256")[:18]).decode()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
