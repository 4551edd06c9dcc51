"""What is kept here of a customer who is erased: API keys, and what people of the shop have put his name into.

All of it goes over the connection of the erasure, in its transaction. Who holds a key to the pages is no customer:
nothing of the staff is looked at but the texts that they saved.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from psycopg import Connection

from access.authentication import Pool

Names = Callable[[str], bool]
"""Whether a text names the person."""


def has_keys(pool: Pool, customer_id: str) -> bool:
    """Whether a customer ever got a key of their own, or signed in by a provider."""
    statement = """
        SELECT FROM access.holders WHERE customer_id = %s
        UNION ALL SELECT FROM access.people WHERE customers @> ARRAY[%s] LIMIT 1
    """
    with pool.connection() as connection:
        return connection.execute(statement, [customer_id, customer_id]).fetchone() is not None


def end_keys(connection: Connection[Any], customer_id: str) -> None:
    """End the customer's keys; who held them can be read no more."""
    connection.execute("SELECT access.forget_customer(%s)", [customer_id])


def delete_views(connection: Connection[Any], names: Names, texts_of: Callable[[str], str]) -> int:
    """Delete saved views that name the person, in their own name or in what they ask (``texts_of`` a query string)."""
    found = connection.execute("SELECT view_id, name, query FROM access.saved_views").fetchall()
    naming = [view_id for view_id, name, query in found if names(name) or names(texts_of(query))]
    if naming:
        connection.execute("DELETE FROM access.saved_views WHERE view_id = ANY (%s)", [naming])
    return len(naming)


def delete_results(connection: Connection[Any], names: Names) -> int:
    """Delete results of mass actions that name the person."""
    found = connection.execute("SELECT run_id, results FROM access.mass_actions WHERE results IS NOT NULL").fetchall()
    naming = [run_id for run_id, results in found if names(_words(msgspec.json.decode(results)))]
    if naming:
        connection.execute("DELETE FROM access.mass_actions WHERE run_id = ANY (%s)", [naming])
    return len(naming)


def _words(value: Any) -> str:
    """All texts within a JSON value."""
    if isinstance(value, dict):
        return "\n".join(_words(each) for each in value.values())
    if isinstance(value, list):
        return "\n".join(_words(each) for each in value)
    return value if isinstance(value, str) else ""
