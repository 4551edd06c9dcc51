"""How the shop is doing: orders and money by day, how long goods take to leave, refunds, and what waits longest.

Everything is counted from the read models of the desk, over at most some weeks, in four statements whatever there is.
It never writes.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

DAYS_MAX = 92
WAITING_MAX = 10

_BY_DAY = """
    SELECT (purchased_at AT TIME ZONE 'UTC')::date::text AS day, count(*)::int AS orders,
        coalesce(sum(base_grand_total) FILTER (WHERE base_grand_total > '-Infinity'::numeric), 0)::text AS revenue
    FROM read.orders_grid
    WHERE purchased_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - make_interval(days => %s)
    GROUP BY 1 ORDER BY 1
"""
_TO_SHIP = """
    SELECT count(*)::int AS shipments,
        extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY d.happened_at - o.purchased_at))::float8 AS p50,
        extract(epoch FROM percentile_cont(0.9) WITHIN GROUP (ORDER BY d.happened_at - o.purchased_at))::float8 AS p90
    FROM read.documents d JOIN read.orders_grid o ON o.order_id = d.order_id
    WHERE d.kind = 'shipments' AND d.state <> 'canceled' AND d.happened_at >= now() - make_interval(days => %s)
        AND d.happened_at >= o.purchased_at
"""
_REFUNDS = """
    SELECT d.currency, count(*)::int AS credit_memos, sum(d.amount)::text AS amount
    FROM read.documents d WHERE d.kind = 'credit-memos' AND d.happened_at >= now() - make_interval(days => %s)
    GROUP BY 1 ORDER BY 1
"""
_WAITING = """
    SELECT item FROM (
        (SELECT purchased_at, item FROM read.orders_grid WHERE status = 'Pending'
         ORDER BY purchased_at, order_id LIMIT %s)
        UNION ALL
        (SELECT purchased_at, item FROM read.orders_grid WHERE status = 'Processing'
         ORDER BY purchased_at, order_id LIMIT %s)
    ) waiting ORDER BY purchased_at LIMIT %s
"""


class Dashboard:
    """Counts over the read models. Thread-safe."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        self._pool = pool

    def figures(self, days: int) -> Mapping[str, Any]:
        """The figures of the last ``days`` days (UTC), today included; amounts are decimal texts."""
        with self._pool.connection() as connection:
            by_day = connection.execute(_BY_DAY, [days - 1]).fetchall()
            shipped = connection.execute(_TO_SHIP, [days]).fetchone() or (0, None, None)
            refunds = connection.execute(_REFUNDS, [days]).fetchall()
            waiting = connection.execute(_WAITING, [WAITING_MAX] * 3).fetchall()
        return {
            "days": days,
            "by_day": [{"day": day, "orders": orders, "revenue": revenue} for day, orders, revenue in by_day],
            "placed_to_shipped": {"shipments": shipped[0], "p50_seconds": shipped[1], "p90_seconds": shipped[2]},
            "refunds": [{"currency": each[0], "credit_memos": each[1], "amount": each[2]} for each in refunds],
            "waiting": [msgspec.json.decode(item) for (item,) in waiting],
        }
