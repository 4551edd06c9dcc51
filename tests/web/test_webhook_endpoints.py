"""People keep webhooks by commands: once for a key, told in the log by whom, and a secret told once."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from access.roles import Role
from tests.support.postgres import Database
from tests.web.live import Site

URL = "http://127.0.0.1:9/daybook"


def ask(site: Site, path: str = "", body: Any = None, role: Role = Role.ADMIN, **headers: str) -> Any:
    return site.post(f"webhooks{path}", {} if body is None else body, role=role, **headers)


def made(site: Site, **changes: Any) -> dict[str, Any]:
    answer = ask(site, body={"url": URL, "events": ["order.*"]} | changes)
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def shown(site: Site, webhook_id: str, role: Role = Role.ADMIN) -> dict[str, Any]:
    found: dict[str, Any] = site.get(f"/queries/webhooks/{webhook_id}", role).get_json()
    return found


def told(site: Site, webhook_id: str) -> list[dict[str, Any]]:
    """What the log tells of an endpoint."""
    items = site.get("/audit/access/events?limit=500", Role.AUDITOR).get_json()["items"]
    return [each for each in items if each["data"].get("webhook_id") == webhook_id]


@pytest.fixture(autouse=True)
def none_kept(database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        connection.execute("DELETE FROM webhooks.endpoints")


def test_a_webhook_is_made_and_its_secret_told_once(site: Site) -> None:
    answer = ask(site, body={"url": URL, "events": ["order.*", "shipment.booked"], "description": " ERP "})
    document = answer.get_json()
    assert answer.status_code == 201
    assert document["secret"].startswith("whsec_")
    assert answer.headers["Location"] == f"/queries/webhooks/{document['webhook_id']}"
    found = shown(site, document["webhook_id"])
    assert (found["url"], found["events"], found["description"]) == (URL, ["order.*", "shipment.booked"], "ERP")
    assert (found["state"], found["waiting"], found["dead"]) == ("active", 0, 0)
    everything = site.get("/queries/webhooks").get_data(as_text=True) + str(told(site, document["webhook_id"]))
    assert document["secret"].removeprefix("whsec_") not in everything


def test_the_secret_is_not_readable_in_the_database(site: Site, database: Database) -> None:
    secret = ask(site, body={"url": URL, "events": ["*"]}, Idempotency_Key=f"k-{uuid4()}").get_json()["secret"]
    with psycopg.connect(database.owner_url) as connection:
        kept = connection.execute(
            "SELECT string_agg(s::text, '') FROM (SELECT sealed FROM webhooks.secrets"
            " UNION ALL SELECT answer FROM webhooks.requests UNION ALL SELECT payload FROM log.events) t (s)"
        ).fetchone()
    assert kept is not None
    assert secret.removeprefix("whsec_").encode().hex() not in kept[0]


def test_the_same_key_makes_one_webhook_and_answers_it_again(site: Site) -> None:
    key, body = f"k-{uuid4()}", {"url": URL, "events": ["order.placed"]}
    first = ask(site, body=body, Idempotency_Key=key)
    again = ask(site, body=body, Idempotency_Key=key)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(site.get("/queries/webhooks").get_json()["items"]) == 1
    other = ask(site, body=body | {"description": "another"}, Idempotency_Key=key)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


def test_every_change_is_told_with_who_did_it(site: Site) -> None:
    webhook_id = made(site)["webhook_id"]
    elsewhere = "http://127.0.0.1:10/secret-path?token=abc"
    for verb, body in (
        ("change", {"url": elsewhere}),
        ("pause", {}),
        ("resume", {}),
        ("rotate-secret", {}),
        ("delete", {}),
    ):
        answer = ask(site, f"/{webhook_id}/{verb}", body)
        assert answer.status_code == 200, answer.get_json()
    events = told(site, webhook_id)
    assert [each["type"] for each in events] == [
        "WebhookCreated",
        "WebhookChanged",
        "WebhookPaused",
        "WebhookResumed",
        "WebhookSecretRotated",
        "WebhookDeleted",
    ]
    admin = {"type": "admin", "id": site.keys[Role.ADMIN].split("_")[1], "name": "test"}
    assert [each["actor"] for each in events] == [admin] * 6
    assert events[1]["data"]["origin"] == "http://127.0.0.1:10"
    assert "secret-path" not in str(events)
    assert "token=abc" not in str(events)
    assert site.get(f"/queries/webhooks/{webhook_id}").status_code == 404


def test_what_changes_nothing_is_told_to_nobody(site: Site) -> None:
    webhook_id = made(site)["webhook_id"]
    for verb in ("pause", "pause", "resume", "resume"):
        assert ask(site, f"/{webhook_id}/{verb}").status_code == 200
    assert [each["type"] for each in told(site, webhook_id)] == ["WebhookCreated", "WebhookPaused", "WebhookResumed"]
    assert shown(site, webhook_id)["version"] == 3


def test_a_change_over_an_older_version_is_refused(site: Site) -> None:
    webhook_id = made(site)["webhook_id"]
    assert ask(site, f"/{webhook_id}/pause", If_Match='"1"').status_code == 200
    stale = ask(site, f"/{webhook_id}/change", {"description": "x"}, If_Match='"1"')
    assert (stale.status_code, stale.get_json()["code"], stale.get_json()["version"]) == (412, "version_mismatch", 2)


def test_a_rotated_secret_leaves_the_old_one_a_day(site: Site) -> None:
    first = made(site)
    answer = ask(site, f"/{first['webhook_id']}/rotate-secret").get_json()
    assert answer["secret"] != first["secret"]
    assert shown(site, first["webhook_id"])["old_secret_ends_at"] is not None
    again = ask(site, f"/{first['webhook_id']}/rotate-secret", {"overlap_hours": 0}).get_json()
    assert again["secret"] not in {first["secret"], answer["secret"]}
    assert ask(site, f"/{first['webhook_id']}/rotate-secret", {"overlap_hours": 169}).status_code == 422


@pytest.mark.parametrize("role", [Role.INTEGRATOR, Role.AUDITOR])
def test_only_administrators_keep_webhooks_and_see_whole_urls(site: Site, role: Role) -> None:
    webhook_id = made(site, url="http://127.0.0.1:9/hook?token=abc")["webhook_id"]
    assert ask(site, body={"url": URL, "events": ["*"]}, role=role).status_code == 403
    assert ask(site, f"/{webhook_id}/pause", role=role).status_code == 403
    assert shown(site, webhook_id, role)["url"] == "http://127.0.0.1:9"
    assert shown(site, webhook_id)["url"].endswith("token=abc")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://10.0.0.1/", "no public address"),
        ("https://169.254.169.254/latest/meta-data", "no public address"),
        ("https://[::ffff:10.0.0.1]/", "no public address"),
        ("https://0.0.0.0/", "no public address"),
        ("https://2130706433.nip.invalid:22/", None),
        ("http://8.8.8.8/", "https"),
        ("https://8.8.8.8:25/", "Port 25"),
        ("https://user:password@8.8.8.8/", "name or a password"),
        ("ftp://8.8.8.8/", "URL"),
        ("not a url", "ASCII"),
    ],
)
def test_nothing_may_be_sent_to_where_it_must_not(site: Site, url: str, why: str | None) -> None:
    answer = ask(site, body={"url": url, "events": ["*"]})
    if why is None:  # a name that nobody knows yet may come; it is judged when it is connected to
        assert answer.status_code == 201
        return
    assert (answer.status_code, answer.get_json()["code"]) == (422, "webhook_url_refused")
    assert why in answer.get_json()["detail"]
    assert answer.get_json()["errors"][0]["pointer"] == "/url"


@pytest.mark.parametrize("pattern", ["order", "order.plac*", "nothing.*", "access.*", "access.key_created", "**"])
def test_events_that_nobody_gets_are_named(site: Site, pattern: str) -> None:
    answer = ask(site, body={"url": URL, "events": ["order.*", pattern]})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/events/1")


def test_an_id_is_taken_once_and_there_is_an_end_to_them(site: Site) -> None:
    webhook_id = str(uuid4())
    made(site, webhook_id=webhook_id)
    taken = ask(site, body={"webhook_id": webhook_id, "url": URL, "events": ["*"]})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "id_in_use")
    for _ in range(49):
        made(site)
    full = ask(site, body={"url": URL, "events": ["*"]})
    assert (full.status_code, full.get_json()["code"]) == (409, "too_many_webhooks")


def test_what_is_not_there_is_said_so(site: Site) -> None:
    nobody = uuid4()
    for verb in ("change", "pause", "resume", "rotate-secret", "delete"):
        body = {"description": "x"} if verb == "change" else {}
        assert ask(site, f"/{nobody}/{verb}", body).status_code == 404
    assert site.get(f"/queries/webhooks/{nobody}/deliveries").status_code == 404
    webhook_id = made(site)["webhook_id"]
    missing = ask(site, f"/{webhook_id}/redeliver", {"event_id": str(uuid4())})
    assert missing.status_code == 404
    both = ask(site, f"/{webhook_id}/redeliver", {})
    assert both.status_code == 422
    assert ask(site, f"/{webhook_id}/redeliver", {"since": "2026-01-01T00:00:00Z"}).get_json()["deliveries"] == 0
