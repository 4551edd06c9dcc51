"""Keys and people, for who administers on the pages: found, made, replaced, ended, barred.

Whatever is done is told in the log with the person who did it.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

import psycopg

from access.authentication import Pool
from access.keys import ApiKey, Replaced, create_key, find_key, revoke_key, rotate_key, search_keys
from access.made_keys import MadeKey, keys_made_by, makers_of, revoke_made
from access.people import Person, bar, is_anybody_known, search_people
from access.roles import Caller, Role

SHOWN_MAX = 200
ADMINS_MAX = timedelta(days=365)
T = TypeVar("T")
Connection = psycopg.Connection[Any]


class OfAColleague(Exception):
    """The key is another person's: with one in its place somebody could act in their name."""


def may_replace(by: Caller, key: ApiKey) -> bool:
    """Whether somebody may get the key that takes this one's place: their own, or one of a program or a customer."""
    return key.id == by.key_id or key.role in {Role.INTEGRATOR, Role.CUSTOMER}


def _life(old: ApiKey) -> timedelta | None:
    """How long a key works that takes this one's place; None for as long as it was made for."""
    if old.role != Role.ADMIN or (old.expires_at is not None and old.expires_at - old.created_at <= ADMINS_MAX):
        return None
    return ADMINS_MAX


class KeyDesk:
    """Over the tables of one installation. Thread-safe."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def found(self, text: str = "") -> list[ApiKey]:
        """At most SHOWN_MAX keys by name, id or customer; those that work first, the newest first."""
        with self._pool.connection() as connection:
            return search_keys(connection, text, SHOWN_MAX)

    def one(self, key_id: str) -> ApiKey | None:
        with self._pool.connection() as connection:
            return find_key(connection, key_id)

    def people(self, text: str = "") -> list[Person]:
        """At most SHOWN_MAX of those whom a provider vouched for, by name, account, id or customer; staff first."""
        with self._pool.connection() as connection:
            return search_people(connection, text, SHOWN_MAX)

    def knows_people(self) -> bool:
        """Whether a provider ever vouched for somebody."""
        with self._pool.connection() as connection:
            return is_anybody_known(connection)

    def made_by(self, people: list[Person]) -> dict[str, list[MadeKey]]:
        """The valid keys that these people made, by person."""
        with self._pool.connection() as connection:
            made = keys_made_by(connection, [person.id for person in people])
        return {person.id: [key for key in made if key.person_id == person.id] for person in people}

    def makers(self, keys: list[ApiKey]) -> dict[str, str]:
        """Who made each key."""
        with self._pool.connection() as connection:
            return makers_of(connection, [key.id for key in keys])

    def make(
        self, by: Caller, key: str, role: Role, name: str, *, customer_id: str | None, valid_for: timedelta | None
    ) -> str:
        """Make this key; raises ValueError, in words, for what cannot be one."""
        return self._done(
            by, lambda to: create_key(to, role, name, customer_id=customer_id, valid_for=valid_for, key=key)
        )

    def replace(self, by: Caller, key_id: str, key: str, overlap: timedelta) -> Replaced | None:
        """Put this key in the place of another; None where no valid key has that id. Raises OfAColleague."""
        old = self.one(key_id)
        if old is None:
            return None
        if not may_replace(by, old):
            raise OfAColleague
        return self._done(by, lambda to: rotate_key(to, key_id, overlap, _life(old), key=key))

    def end(self, by: Caller, key_id: str) -> bool:
        """End a key; False where it has ended, or never was."""
        return self._done(by, lambda to: revoke_key(to, key_id))

    def bar(self, by: Caller, person_id: str, *, barred: bool, revoked: Iterable[str] = ()) -> bool:
        """Bar a person, and revoke those keys that they made; or take the bar back. False where it changed nothing."""

        def act(to: Connection) -> bool:
            if barred:
                revoke_made(to, person_id, set(revoked))
            return bar(to, person_id, barred=barred)

        return self._done(by, act)

    def _done(self, by: Caller, act: Callable[[Connection], T]) -> T:
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(
                "SELECT set_config('daybook.actor_type', %s, true), set_config('daybook.actor', %s, true)",
                [by.role.value, by.key_id],
            )
            return act(connection)
