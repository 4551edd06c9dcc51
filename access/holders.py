"""Whether two keys are in one person's hands, as far as can be told: by their ids, their holders' names, their makers.

A key's name never changes, and a key that replaces another has its name. So two keys of one name are one person's,
however the name is written. Who made a key on the pages, or replaced one, has seen its secret: it counts as theirs too,
and so does whatever was made with it. Keys from the command line are nobody's but their holder's. Two names of one
person are not known to be one.
"""

import unicodedata
from typing import Any

from psycopg import Connection

from access.authentication import Pool

# The keys in whose maker's hands a key was: itself, who made it, who made that one. Operators act with no key.
_HANDS = """
    WITH RECURSIVE hands (id) AS (
        VALUES (%s::text)
        UNION
        SELECT made.actor_id FROM hands
        JOIN access.history made ON made.facts ->> 'key_id' = hands.id
        WHERE made.topic IN ('access.key_created', 'access.key_rotated')
            AND made.actor_type NOT IN ('operator', 'database')
    )
    SELECT hands.id, holder.name FROM hands LEFT JOIN access.holders holder ON holder.id = hands.id
"""


class Holders:
    """Compares holders of keys. Thread-safe."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def same_person(self, one: str, other: str) -> bool:
        """Whether the keys of these ids, or of people of a provider, are in one person's hands."""
        if one == other:
            return True
        with self._pool.connection() as connection:
            return not _hands(connection, one).isdisjoint(_hands(connection, other))


def _hands(connection: Connection[Any], key_id: str) -> set[tuple[str, str]]:
    """The ids and the names of those who have a key, or had it."""
    found = connection.execute(_HANDS, [key_id]).fetchall()
    ids = {("id", hand) for hand, _ in found}
    return ids | {("name", _plain(name)) for _, name in found if name}


def _plain(name: str) -> str:
    """A name without regard to case, accents, punctuation, and the order of its words."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(each for each in apart if not unicodedata.combining(each))
    words = "".join(each if each.isalnum() else " " for each in letters).split()
    return " ".join(sorted(words)) or letters
