"""The connections that pages are read on are shared with what writes: neither may harm the other."""

from projections.orders.queries import read_pool
from projections.paging.reading import read_items
from tests.support.postgres import Database


def test_a_page_can_be_read_again_after_a_rollback_on_its_connection(database: Database) -> None:
    with read_pool(database.app_url, max_size=1) as pool, pool.connection() as connection:
        for _ in range(10):  # more often than psycopg asks before it prepares by itself
            connection.execute("SELECT %s::integer", [1])
        _, rows = read_items(connection, "orders_grid", None, "SELECT 'a'", (), one_plan=True)
        with connection.transaction(force_rollback=True):  # an export that nobody waits for, a view refused
            connection.execute("SELECT %s::integer", [2])
        assert read_items(connection, "orders_grid", None, "SELECT 'a'", (), one_plan=True)[1] == rows
