"""The lag is told whatever the database's clock says."""

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from projections.engine.lag import LagWatch
from tests.projections.shop import Shop


def test_a_projection_that_stands_still_is_late_even_while_the_logs_times_are_ahead(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place()
    shop.follow()
    shop.place()
    with psycopg.connect(shop.database.owner_url) as connection:
        connection.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
        connection.execute("UPDATE log.events SET recorded_at = recorded_at + interval '3 days'")
        connection.execute("ALTER TABLE log.events ENABLE ALWAYS TRIGGER append_only")
    now = 1000.0
    monkeypatch.setattr("projections.engine.lag.time.monotonic", lambda: now)
    with ConnectionPool(shop.database.app_url, min_size=1, open=True) as pool:
        watch = LagWatch(pool, ["orders_grid"])
        [first] = watch.lags()
        assert (first.events, first.seconds) == (1, 0.0)
        now += 90.0
        assert watch.lags()[0].seconds == 90.0
        shop.follow()
        now += 1.0
        assert (watch.lags()[0].events, watch.lags()[0].seconds) == (0, 0.0)
