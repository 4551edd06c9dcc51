"""Which stores have orders: read off the index of the grid by store, a step for each store and none for each order."""

from typing import Any

from psycopg import Connection

STORES_MAX = 1000

# A walk through the index from one store to the next: DISTINCT would look at every order.
_SEEN = """
    WITH RECURSIVE seen (store) AS (
        (SELECT store FROM read.orders_grid ORDER BY store LIMIT 1)
        UNION ALL
        SELECT (SELECT g.store FROM read.orders_grid g WHERE g.store > seen.store ORDER BY g.store LIMIT 1)
        FROM seen WHERE seen.store IS NOT NULL
    )
    SELECT store FROM seen WHERE store IS NOT NULL LIMIT %s
"""


def stores_seen(connection: Connection[Any]) -> list[str]:
    """The stores that sold something, in the order of their codes; at most STORES_MAX."""
    return [store for (store,) in connection.execute(_SEEN, [STORES_MAX])]
