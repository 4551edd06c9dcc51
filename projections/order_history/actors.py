"""Who acted, with a name: the key's, as it was given when the key was made, or the one that a provider told.

The log keeps the kind of an actor and its id. A key's name never changes and its row is never deleted, so the name of
then is the name of now; of people whom a provider vouches for it is the last that was told. A name is looked up anew
after a minute, for people change theirs and customers are erased. Who is neither (a process, a payment provider, a
carrier) is named by its id.
"""

import time
from collections.abc import Iterable
from typing import Any, Protocol, TypedDict

from psycopg import Connection
from psycopg_pool import ConnectionPool

KNOWN_MAX = 10_000
KNOWN_SECONDS = 60.0
KEYLESS = frozenset({"process", "gateway", "carrier", "operator", "database"})

_NAMES = "SELECT id, name FROM access.holders WHERE id = ANY (%s)"


class ActorShown(TypedDict):
    """Who did it: the kind of caller, the id of its key or process, and its name."""

    type: str
    id: str
    name: str | None


class Acted(Protocol):
    """What a row of the log tells of its actor."""

    @property
    def actor_type(self) -> str: ...
    @property
    def actor_id(self) -> str: ...


class Actors:
    """Names those who acted. Thread-safe; asks the database once a minute for each."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        self._pool = pool
        self._known: dict[str, str] = {}
        self._known_until = 0.0

    def shown(self, rows: Iterable[Acted]) -> dict[tuple[str, str], ActorShown]:
        """By kind and id, everybody who acted in these rows as ``{"type", "id", "name"}``."""
        acted = {(row.actor_type, row.actor_id) for row in rows}
        names = self._names({actor_id for kind, actor_id in acted if kind not in KEYLESS})
        return {
            (kind, actor_id): {
                "type": kind,
                "id": actor_id,
                "name": actor_id if kind in KEYLESS else names.get(actor_id),
            }
            for kind, actor_id in acted
        }

    def _names(self, key_ids: set[str]) -> dict[str, str]:
        now = time.monotonic()
        if now >= self._known_until:
            self._known, self._known_until = {}, now + KNOWN_SECONDS
        known = self._known
        missing = [key_id for key_id in key_ids if key_id not in known]
        if missing:
            if len(known) + len(missing) > KNOWN_MAX:
                known = {}
            with self._pool.connection() as connection:
                known = known | dict(connection.execute(_NAMES, [missing]).fetchall())
            self._known = known
        return known
