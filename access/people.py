"""People whom an OpenID provider vouches for: each has an id of our own, by which the log and every table know them.

The id is drawn at random and says nothing of anybody. Name and subject stand here alone: the name is the one that the
provider told last, and who never got one is called by the subject. Nothing here trusts a token: what comes here was
verified.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from access.authentication import KeyRefused, Pool
from access.key_uses import KeyUses
from access.keys import NAME_MAX
from access.roles import Caller, Role

PREFIX = "oidc-"
# A use is noted as the hour it was in, which may have begun before somebody first came.
_FIELDS = """id, issuer, subject, name, roles, customer_id, first_seen_at, barred_at,
        CASE WHEN last_used_at IS NOT NULL THEN greatest(last_used_at, first_seen_at) END AS last_used_at"""
_NOT_HERE = "This person is barred from here; ask whoever runs Daybook."
_FIND = "SELECT id, name, roles, customer_id, barred_at FROM access.people WHERE issuer = %s AND subject = %s"
_KEEP = """
    INSERT INTO access.people AS p (id, issuer, subject, name, roles, customer_id, customers)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (issuer, subject) DO UPDATE SET
        name = CASE WHEN %s THEN excluded.name ELSE p.name END,
        roles = CASE WHEN excluded.roles <@ p.roles THEN p.roles ELSE p.roles || excluded.roles END,
        customer_id = coalesce(excluded.customer_id, p.customer_id),
        customers = p.customers
            || CASE WHEN excluded.customers <@ p.customers THEN '{}' ELSE excluded.customers END
    RETURNING id, name, roles, customer_id, barred_at
"""
_BARRED_AND_ERASED = """
    SELECT FROM access.people
    WHERE erased_hash IS NOT NULL
        AND erased_hash = sha256(erased_salt || convert_to(%s::text || ' ' || %s::text, 'UTF8'))
"""


class Barred(KeyRefused):
    """The provider vouches for this person, and whoever runs Daybook does not."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider vouches for, as what; ``name`` None where it told none, ``customer_id`` for customers only."""

    issuer: str
    subject: str
    name: str | None
    role: Role
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the table has them; ``roles`` are all that were ever claimed for them."""

    id: str
    issuer: str
    subject: str
    name: str
    roles: list[str]
    customer_id: str | None
    first_seen_at: datetime
    barred_at: datetime | None
    last_used_at: datetime | None


class KnownPeople:
    """The people of one installation, over their table. Thread-safe."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._uses = KeyUses(pool)

    def meet(self, identity: Identity) -> Caller:
        """The person as a caller: known from before, or known from now on. Raises Barred."""
        name = shown_name(identity.name)
        with self._pool.connection() as connection:
            account = [identity.issuer, identity.subject]
            found = connection.execute(_FIND, account).fetchone()
            if found is None and connection.execute(_BARRED_AND_ERASED, account).fetchone() is not None:
                raise Barred(_NOT_HERE)
            if found is None or not _says(found, identity, name):
                found = connection.execute(_KEEP, _row(identity, name)).fetchone()
        if found is None or found[4] is not None:
            raise Barred(_NOT_HERE)
        self._uses.note(found[0], 0)
        return Caller(found[0], identity.role, found[1], identity.customer_id)


def _row(identity: Identity, name: str | None) -> list[object]:
    """The values that keep a person, with an id for who is new."""
    called = name or shown_name(identity.subject) or "?"
    first = [f"{PREFIX}{secrets.token_hex(12)}", identity.issuer, identity.subject, called]
    customers = [identity.customer_id] if identity.customer_id else []
    return [*first, [identity.role.value], identity.customer_id, customers, name is not None]


def _says(row: tuple[Any, ...], identity: Identity, name: str | None) -> bool:
    """Whether the row says of the person what the provider says now; who is no customer now may have been one."""
    _, known, roles, customer_id, _ = row
    return name in {None, known} and identity.role.value in roles and identity.customer_id in {None, customer_id}


def shown_name(text: str | None) -> str | None:
    """A name as it can be shown everywhere; None where nothing of it can."""
    plain = " ".join("".join(sign for sign in text or "" if sign.isprintable() or sign.isspace()).split())
    return plain[:NAME_MAX].strip() or None


def search_people(connection: psycopg.Connection[Any], text: str, limit: int) -> list[Person]:
    """People who are called so, or have that account, id or customer; staff first, who was here last first."""
    query = f"""
        SELECT {_FIELDS}
        FROM access.people LEFT JOIN access.key_uses ON key_id = id
        WHERE %s = '' OR strpos(lower(name), lower(%s)) > 0 OR strpos(lower(subject), lower(%s)) > 0
            OR id = %s OR customer_id = %s
        ORDER BY roles && ARRAY['admin', 'integrator', 'auditor'] DESC, last_used_at DESC NULLS LAST,
            first_seen_at DESC, id LIMIT %s
    """  # noqa: S608
    with connection.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(query, [text] * 5 + [limit]).fetchall()


def is_anybody_known(connection: psycopg.Connection[Any]) -> bool:
    """Whether a provider ever vouched for somebody here."""
    return connection.execute("SELECT EXISTS (SELECT FROM access.people)").fetchone() == (True,)


def list_people(connection: psycopg.Connection[Any]) -> list[Person]:
    """Everybody whom a provider ever vouched for here, in the order in which they came."""
    query = f"""
        SELECT {_FIELDS}
        FROM access.people LEFT JOIN access.key_uses ON key_id = id ORDER BY first_seen_at, id
    """  # noqa: S608
    with connection.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(query).fetchall()


def bar(connection: psycopg.Connection[Any], person_id: str, *, barred: bool) -> bool:
    """Bar a person, and end their sessions; or take that back. False where nothing changed."""
    return connection.execute("SELECT access.bar_person(%s, %s)", [person_id, barred]).fetchone() == (True,)
