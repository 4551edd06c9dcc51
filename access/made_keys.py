"""Who made which keys, as the log tells it: so that who is barred keeps no other way in.

Who made a key on the pages, or one that took another's place, saw it. Of the command line the log names an operator.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from access.keys import VALID, revoke_key

_TOLD = """
    told (id, actor_type, actor_id) AS MATERIALIZED (
        SELECT facts ->> 'key_id', actor_type, actor_id FROM access.history
        WHERE topic IN ('access.key_created', 'access.key_rotated')
    )
"""
_MADE = f"""
    WITH RECURSIVE {_TOLD},
    made (person_id, id, direct) AS (
        SELECT actor_id, id, true FROM told WHERE actor_id = ANY(%s) AND actor_type NOT IN ('operator', 'database')
        UNION
        SELECT made.person_id, told.id, false FROM made JOIN told ON told.actor_id = made.id
        WHERE told.actor_type NOT IN ('operator', 'database')
    )
    SELECT made.person_id, k.id, k.name, k.role, bool_or(made.direct) AS direct
    FROM made JOIN access.api_keys k ON k.id = made.id
    WHERE {VALID} GROUP BY made.person_id, k.id, k.name, k.role ORDER BY bool_or(made.direct) DESC, k.created_at, k.id
"""  # noqa: S608
_MAKERS = f"""
    WITH {_TOLD} SELECT told.id, coalesce(holder.name, told.actor_id)
    FROM told LEFT JOIN access.holders holder ON holder.id = told.actor_id WHERE told.id = ANY(%s)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A valid key that a person made; not ``direct`` where it was made with one of those."""

    person_id: str
    id: str
    name: str
    role: str
    direct: bool


def keys_made_by(connection: psycopg.Connection[Any], person_ids: list[str]) -> list[MadeKey]:
    """The valid keys that these made or replaced, and those that were made with them."""
    with connection.cursor(row_factory=class_row(MadeKey)) as cursor:
        return cursor.execute(_MADE.encode(), [person_ids]).fetchall()


def makers_of(connection: psycopg.Connection[Any], key_ids: list[str]) -> dict[str, str]:
    """Who made each key: the name, or what else the log has."""
    return dict(connection.execute(_MAKERS.encode(), [key_ids]).fetchall())


def revoke_made(connection: psycopg.Connection[Any], person_id: str, key_ids: set[str]) -> list[MadeKey]:
    """Revoke those of the keys that the person made, or that were made with them; which they were."""
    made = [key for key in keys_made_by(connection, [person_id]) if key.id in key_ids]
    return [key for key in made if revoke_key(connection, key.id)]
