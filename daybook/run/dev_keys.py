"""The development keys: one per role, kept in `var/dev-keys.json` and known to the database.

They let a newcomer send the first request without any set-up, and stay the same between runs. It must never replace a
key that works, nor bring back one that was revoked.
"""

import psycopg

from access.key_form import id_in
from access.keys import create_key
from access.roles import Role
from access.sessions import make_link
from daybook.cli.owner import owner_connection
from daybook.run.home import ROLES, Home


def ensure_dev_keys(owner_conninfo: str, home: Home) -> dict[str, str]:
    """The key of each role: those of the file, made known to this database; a new one where there was none."""
    kept = home.read_dev_keys()
    keys = {}
    with owner_connection(owner_conninfo) as connection:
        for role in ROLES:
            keys[role] = _stored(connection, role, kept.get(role))
    if keys != kept:
        home.write_dev_keys(keys)
    return keys


def sign_in_link(owner_conninfo: str, key: str) -> str:
    """A token that opens the pages once, as the holder of ``key``."""
    with owner_connection(owner_conninfo) as connection:
        return make_link(connection, id_in(key) or "")


def _stored(connection: psycopg.Connection, role: str, key: str | None) -> str:
    """The key as the database knows it; a revoked or malformed one makes way for a new one."""
    name = f"development {role}"
    try:
        with connection.transaction():
            return create_key(connection, Role(role), name, key=key)
    except ValueError:
        return create_key(connection, Role(role), name)
