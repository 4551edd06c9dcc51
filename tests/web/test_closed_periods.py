"""After a period was closed, money and documents of it are refused, but for history that is marked as such."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from access.roles import Role
from adapters.closed_periods import ClosedPeriods
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site

CLOSED = "2026-11-01T00:00:00Z"
BEFORE = "2026-10-31T23:59:59Z"


@pytest.fixture(scope="module")
def settled(database: Database) -> Iterator[Site]:
    """A site whose October is closed."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO access.closed_periods (closed_before, last_day, time_zone) VALUES (%s, '2026-10-31', 'UTC')",
            [CLOSED],
        )
    with open_site(database) as site:
        yield site


def place(site: Site, method: str = "bank_transfer", **fields: Any) -> str:
    answer = site.post("orders", another_order(payment={"method": method}) | fields)
    assert answer.status_code == 201, answer.get_json()
    order_id: str = answer.get_json()["order_id"]
    return order_id


def capture(site: Site, order_id: str, role: Role = Role.ADMIN, **more: Any) -> Any:
    headers = {"Daybook_History": more.pop("history")} if "history" in more else {}
    body = {"amount": "41.86", "provider_reference": f"ref-{order_id}"} | more
    return site.post(f"orders/{order_id}/capture-payment", body, role=role, **headers)


def test_money_of_a_closed_period_is_refused_and_recorded_as_of_today(settled: Site) -> None:
    order_id = place(settled)
    refused = capture(settled, order_id, occurred_at=BEFORE)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "period_closed")
    assert refused.get_json()["errors"][0]["pointer"] == "/occurred_at"
    assert capture(settled, order_id, occurred_at=CLOSED).status_code == 200
    assert capture(settled, place(settled)).status_code == 200


def test_a_document_of_a_closed_period_is_refused(settled: Site) -> None:
    order_id = place(settled, "purchase_order")
    body = {"lines": "all_remaining", "capture": "none", "occurred_at": BEFORE}
    assert settled.post(f"orders/{order_id}/invoices", body).get_json()["code"] == "period_closed"
    del body["occurred_at"]
    assert settled.post(f"orders/{order_id}/invoices", body).status_code == 201


def test_what_is_neither_money_nor_a_document_may_have_happened_then(settled: Site) -> None:
    order_id = place(settled, occurred_at=BEFORE)
    assert settled.post(f"orders/{order_id}/hold", {"occurred_at": BEFORE}).status_code == 200


def test_history_is_taken_and_marked(settled: Site) -> None:
    order_id = place(settled)
    assert capture(settled, order_id, occurred_at=BEFORE, history="true").status_code == 200
    events = settled.get(f"/audit/orders/{order_id}/events").get_json()["items"]
    captured = next(event for event in events if event["type"] == "PaymentCaptured")
    assert captured["actor"]["type"] == "import"
    assert captured["actor"]["name"] == "test"


def test_history_needs_its_right(settled: Site) -> None:
    order_id = place(settled)
    refused = capture(settled, order_id, Role.INTEGRATOR, occurred_at=BEFORE, history="true")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden")
    assert "import-history" in refused.get_json()["detail"]
    malformed = capture(settled, order_id, occurred_at=BEFORE, history="yes")
    assert (malformed.status_code, malformed.get_json()["code"]) == (400, "invalid_header")


def test_closing_stands_in_the_log_and_cannot_be_undone(settled: Site, database: Database) -> None:
    events = settled.get("/audit/access/events?limit=500").get_json()["items"]
    closed = next(event for event in events if event["type"] == "PeriodClosed")
    assert closed["data"]["last_day"] == "2026-10-31"
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        for change in ("DELETE FROM access.closed_periods", "UPDATE access.closed_periods SET closed_before = now()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change)


def test_the_application_reads_until_when_time_is_closed(settled: Site, pool: Any) -> None:
    periods = ClosedPeriods(pool)
    assert periods.closed_before() == datetime(2026, 11, 1, tzinfo=UTC)
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("INSERT INTO access.closed_periods VALUES (now(), '2026-11-30', 'UTC')")
