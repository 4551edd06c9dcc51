"""Refusals and looks at personal data are noted: who, what, when; never a body or a customer's id, never for ever."""

import json
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from access.notes import NOTES_OF_ACTOR_MAX, Forgetting
from access.refusals import Refused
from access.roles import Role
from domain.refusals import Refusal
from tests.web.edge import ORDER_ID, bearer
from tests.web.live import Site, another_order
from web.paths import Paths, Shows


@pytest.fixture(scope="module")
def order(site: Site) -> str:
    return str(site.post("orders", another_order()).get_json()["order_id"])


def refusals(site: Site, asked: str = "") -> list[dict[str, Any]]:
    site.audit.refusals.notes.flush()
    items: list[dict[str, Any]] = site.get(f"/audit/refusals?{asked}", Role.AUDITOR).get_json()["items"]
    return items


def accesses(site: Site, asked: str = "") -> list[dict[str, Any]]:
    site.audit.accesses.notes.flush()
    items: list[dict[str, Any]] = site.get(f"/audit/accesses?{asked}", Role.AUDITOR).get_json()["items"]
    return items


def test_a_refused_command_is_noted_with_who_and_why(site: Site, order: str) -> None:
    refused = site.post(f"orders/{order}/release", {"reason": "secret words"})
    (noted,) = refusals(site, f"target_id={order}")
    assert (noted["command"], noted["code"], noted["status"]) == ("orders/release", "not_on_hold", 409)
    assert (noted["actor"]["type"], noted["actor"]["name"]) == ("integrator", "test")
    assert noted["correlation_id"] == refused.headers["X-Correlation-ID"]
    assert "secret" not in json.dumps(noted)
    assert refusals(site, f"target_id={order}&code=other") == []
    assert refusals(site, f"target_id={order}&actor=test&command=orders/release") == [noted]
    assert refusals(site, f"target_id={order}&recorded_from={noted['refused_at']}") == [noted]


def test_an_accepted_command_is_not(site: Site, order: str) -> None:
    before = len(refusals(site, "limit=500"))
    assert site.post(f"orders/{order}/comment", {"text": "fine"}).status_code == 200
    assert len(refusals(site, "limit=500")) == before


def test_who_may_not_and_who_is_unknown_is_noted_too(site: Site, order: str) -> None:
    assert site.post(f"orders/{order}/hold", role=Role.AUDITOR).status_code == 403
    (forbidden,) = refusals(site, f"target_id={order}&code=forbidden")
    assert forbidden["actor"]["type"] == "auditor"
    for _ in range(3):
        site.client.post(f"/commands/orders/{order}/hold", headers=bearer("dbk_nobody_00"))
    unknown = refusals(site, "code=unauthenticated")[0]
    assert (unknown["actor"], unknown["target_id"], unknown["times"]) == (None, None, 3)


def test_the_lines_of_a_bulk_request_are_noted_each(site: Site) -> None:
    lines = "\n".join(
        json.dumps({"command": f"orders/{ORDER_ID}/hold", "key": f"bulk-{number}", "body": {}}) for number in range(3)
    )
    headers = bearer(site.keys[Role.INTEGRATOR])
    answer = site.client.post("/commands/bulk", data=lines, headers=headers, content_type="application/x-ndjson")
    assert len(answer.data.splitlines()) == 3
    (noted,) = refusals(site, f"target_id={ORDER_ID}")
    assert (noted["code"], noted["times"]) == ("not_found", 3)


def test_who_asks_for_ever_new_things_fills_no_disk(site: Site) -> None:
    for number in range(1_000):
        target = UUID(int=number)
        site.audit.refusals.note(Refused("integrator", "k", "orders/expire", target, 404, "not_found", target))
    noted = refusals(site, "command=orders/expire&limit=500")
    assert sum(each["times"] for each in noted) == 1_000
    assert len(noted) <= 2 * (NOTES_OF_ACTOR_MAX + 1)  # a second may have ended in between


def test_a_note_that_no_table_takes_holds_up_no_other(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    broken: Any = "no uuid"
    site.audit.refusals.note(Refused("integrator", "k", "orders/tag", broken, 404, "not_found", None))
    site.audit.refusals.notes.flush()
    site.audit.refusals.note(Refused("integrator", "k", "orders/tag", UUID(int=1), 404, "not_found", None))
    assert [each["target_id"] for each in refusals(site, "command=orders/tag")] == [str(UUID(int=1))]


def test_the_id_of_a_customer_is_no_target(site: Site) -> None:
    site.audit.noting.refused("customers/erase", "c-1001", None, None, Refusal("erasure_not_allowed", "No."))
    assert [each["target_id"] for each in refusals(site, "code=erasure_not_allowed")] == [None]


def test_a_look_at_an_order_is_noted_once_a_second(site: Site, order: str) -> None:
    accesses(site)
    for _ in range(4):
        site.get(f"/queries/orders/{order}", Role.INTEGRATOR)
    site.get(f"/audit/orders/{order}/events", Role.AUDITOR)
    site.get("/queries/orders/00000000-0000-4000-8000-00000000dead", Role.INTEGRATOR)
    noted = accesses(site, f"subject_id={order}")
    assert [(each["kind"], each["times"]) for each in noted] in (
        [("history", 1), ("detail", 4)],
        [("detail", 4), ("history", 1)],
    )
    assert {each["actor"]["type"] for each in noted} == {"integrator", "auditor"}
    assert accesses(site, "subject_id=00000000-0000-4000-8000-00000000dead") == []


def test_what_is_taken_along_is_written_down_before_it_leaves(site: Site, order: str) -> None:
    answer = site.get("/audit/customers/c-1001/access-report", Role.AUDITOR)
    noted = site.get("/audit/accesses?kind=access_report&customer_id=c-1001", Role.ADMIN).get_json()["items"]
    assert [each["path"] for each in noted] == ["/audit/customers/<path:customer_id>/access-report"]
    assert "c-1001" not in json.dumps(noted)
    answer.close()
    assert accesses(site, "customer_id=c-1002") == []
    site.get("/queries/orders.csv?q=Ana", Role.INTEGRATOR)
    (export,) = accesses(site, "kind=export")
    assert (export["path"], export["actor"]["type"]) == ("/queries/orders.csv", "integrator")


def test_the_application_can_neither_change_nor_remove_what_was_noted(site: Site, order: str) -> None:
    site.post(f"orders/{order}/release", {})
    refusals(site)
    with psycopg.connect(site.shop.database.app_url, autocommit=True) as connection:
        for table in ("refusals", "accesses"):
            for statement in (f"UPDATE audit.{table} SET times = 9", f"DELETE FROM audit.{table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        for table in ("refusals", "accesses"):
            with pytest.raises(psycopg.Error, match="refused"):
                connection.execute(f"UPDATE audit.{table} SET times = 9".encode())


def test_notes_end_after_the_days_that_were_set(site: Site, order: str) -> None:
    site.post(f"orders/{order}/release", {})
    site.audit.refusals.notes.flush()
    count = "SELECT count(*) FILTER (WHERE code = 'old'), count(*) FROM audit.refusals"
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        old = "now() - interval '3 days'"
        connection.execute(
            "INSERT INTO audit.refusals (refused_at, last_at, times, command, status, code) "
            f"VALUES ({old}, {old}, 1, 'orders/hold', 409, 'old')".encode()
        )
        pool = site.audit.refusals._pool
        Forgetting(pool, refusals_days=4, accesses_days=1).step()
        (kept, before) = connection.execute(count).fetchone() or (0, 0)
        assert kept == 1
        Forgetting(pool, refusals_days=2, accesses_days=1).step()
        assert connection.execute(count).fetchone() == (0, before - 1)


def test_every_path_says_what_of_somebody_it_shows(site: Site) -> None:
    served = {(method, rule.rule) for rule in site.app.url_map.iter_rules() for method in rule.methods or ()}
    assert {(method, path) for method, path in served if method in {"GET", "POST"}} == shown(site).keys()


def test_lists_that_are_said_to_show_nothing_of_anybody_name_nobody(site: Site, order: str) -> None:
    site.follow()
    lists = [
        path
        for (method, path), shows in shown(site).items()
        if method == "GET" and shows is None and path.startswith(("/queries", "/audit")) and "<" not in path
    ]
    assert len(lists) > 10
    for path in lists:
        assert b"Silva" not in site.get(path).data, f"{path} names people: say so where the path is made"
    assert b"Silva" in site.get("/queries/orders").data


def shown(site: Site) -> dict[tuple[str, str], Shows | None]:
    paths: Paths = site.app.extensions["daybook.paths"]
    return paths.shown


def test_what_was_noted_is_for_auditors(site: Site) -> None:
    for path in ("refusals", "accesses"):
        assert site.get(f"/audit/{path}", Role.INTEGRATOR).status_code == 403
        assert site.get(f"/audit/{path}?limit=0").status_code == 422
        assert site.get(f"/audit/{path}?colour=red").status_code == 400


def test_what_is_refused_of_bulk_as_a_whole_of_views_and_of_webhooks_is_noted_too(site: Site) -> None:
    target = uuid4()
    assert site.post("bulk", {"command": "orders"}).status_code == 415
    assert site.post(f"views/{target}/rename", {"name": "Mine"}).status_code == 404
    assert site.post(f"webhooks/{target}/pause", {}, role=Role.ADMIN).status_code == 404
    assert site.post("webhooks", {}, role=Role.INTEGRATOR).status_code == 403
    assert [each["code"] for each in refusals(site, "command=bulk")] == ["unsupported_media_type"]
    for name in ("views/rename", "webhooks/pause"):
        (noted,) = refusals(site, f"command={name}&target_id={target}")
        assert (noted["status"], noted["code"]) == (404, "not_found")
    assert [each["code"] for each in refusals(site, "command=webhooks")] == ["forbidden"]
