"""Queries over HTTP: pages that follow each other, the caller's own write, links, and the audit trail."""

from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import EnvironBuilder

from access.roles import Role
from tests.web.edge import ORDER_ID, bearer
from tests.web.live import Site, another_order


@pytest.fixture(scope="module")
def store(site: Site) -> str:
    """A store with seven orders of its own, shown in the grid."""
    name = f"shop-{uuid4().hex[:8]}"
    for number in range(7):
        lines = [another_order()["lines"][0] | {"quantity": number + 1}]
        assert site.post("orders", another_order(store=name, lines=lines)).status_code == 201
    site.follow()
    return name


def walk(site: Site, url: str | None, direction: str) -> list[list[str]]:
    pages = []
    while url:
        page = site.get(url).get_json()
        pages.append([item["order_number"] for item in page["items"]])
        url = page[direction]
    return pages


def test_pages_follow_each_other_both_ways_and_keep_the_filters(site: Site, store: str) -> None:
    first = f"/queries/orders?store={store}&status=Pending&status=Processing&limit=3&sort=grand_total"
    forward = walk(site, first, "next")
    assert [len(page) for page in forward] == [3, 3, 1]
    last = site.get(first).get_json()["next"]
    while (following := site.get(last).get_json()["next"]) is not None:
        last = following
    assert f"store={store}" in last
    assert "status=Pending&status=Processing" in last
    assert walk(site, last, "previous") == forward[::-1]


@pytest.mark.parametrize(
    "query",
    ["store={store}", "%73tore={store}&currency=EUR", "store={store}&q=ana+silva", "store={store}&q=%41na%20sil"],
)
def test_a_link_to_another_page_keeps_the_filters_however_they_were_written(site: Site, store: str, query: str) -> None:
    first = f"/queries/orders?{query.format(store=store)}&limit=4"
    once, twice = walk(site, first, "next")
    assert (len(once), len(twice)) == (4, 3)


def test_a_link_to_another_page_names_one_place_even_if_the_last_one_was_written_oddly(site: Site, store: str) -> None:
    first = f"/queries/orders?store={store}&limit=2"
    second = site.get(first).get_json()["next"].replace("cursor=", "%63ursor=") + "&min_position=0"
    third = site.get(second).get_json()["next"]
    assert (third.count("ursor="), "min_position" in third) == (1, False)
    assert len(site.get(third).get_json()["items"]) == 2


def test_asked_for_the_head_alone_a_page_has_the_same_headers_and_no_body(site: Site, store: str) -> None:
    page = f"/queries/orders?store={store}"
    key = bearer(site.keys[Role.ADMIN])
    whole, head = site.client.get(page, headers=key), site.client.head(page, headers=key)
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(whole.data)
    assert head.content_type == whole.content_type


def test_an_answer_in_json_goes_to_the_server_in_one_piece(site: Site, store: str) -> None:
    headers = list(bearer(site.keys[Role.ADMIN]).items())
    environ = EnvironBuilder(f"/queries/orders?store={store}", headers=headers).get_environ()
    answer = site.app.wsgi_app(environ, lambda *_: lambda _: None)
    assert type(answer) is list
    assert len(answer) == 1


def test_counting_is_asked_for(site: Site, store: str) -> None:
    assert "count" not in site.get(f"/queries/orders?store={store}").get_json()
    assert site.get(f"/queries/orders?store={store}&count=exact").get_json()["count"] == 7


def test_a_reader_sees_its_own_write_or_is_told_how_far_the_list_is(site: Site) -> None:
    answer = site.post("orders", another_order(store="own-write")).get_json()
    url = f"/queries/orders?store=own-write&min_position={answer['position']}"
    behind = site.get(url)
    problem = behind.get_json()
    assert (behind.status_code, problem["code"]) == (503, "projection_behind")
    assert behind.headers["Retry-After"] == "1"
    assert problem["position"] < answer["position"]
    site.follow()
    page = site.get(url).get_json()
    assert [item["order_id"] for item in page["items"]] == [answer["order_id"]]
    assert page["position"] >= answer["position"]


def test_an_order_carries_its_version_as_etag(site: Site) -> None:
    placed = site.post("orders", another_order()).get_json()
    url = f"/queries/orders/{placed['order_id']}?min_position={placed['position']}"
    response = site.get(url)
    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{response.get_json()["version"]}"'
    assert site.get(url, If_None_Match='"1"').status_code == 304
    assert site.get(url, If_None_Match='W/"1", "7"').status_code == 304
    site.post(f"orders/{placed['order_id']}/hold")
    assert site.get(url, If_None_Match='"1"').status_code == 200


def test_parcels_move_without_a_new_version_so_an_order_with_shipments_is_always_shown(site: Site) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining"})
    packages = [{"weight_grams": 900, "contents": [{"line_id": "1", "quantity": 3}]}]
    booked = site.post(
        f"orders/{order_id}/shipments", {"lines": "all_remaining", "carrier": "ups", "packages": packages}
    )
    etag = booked.headers["ETag"]
    assert site.get(f"/queries/orders/{order_id}", If_None_Match=etag).status_code == 200


@pytest.mark.parametrize("path", [f"/queries/orders/{ORDER_ID}", f"/audit/orders/{ORDER_ID}/events"])
def test_an_order_that_is_not_there_is_answered_404(site: Site, path: str) -> None:
    response = site.get(path)
    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


def test_a_link_shows_the_parcels_to_anybody_and_no_other_text_does(site: Site) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    token = site.get(f"/queries/orders/{order_id}").get_json()["tracking_token"]
    site.follow()
    shown = site.client.get(f"/queries/tracking/{token}")
    assert shown.status_code == 200
    assert "position" in shown.get_json()
    for other in (token[:-1], "%ff%fe", "x" * 129, order_id):
        assert site.client.get(f"/queries/tracking/{other}").status_code == 404


def test_the_audit_trail_comes_in_pages_in_the_order_of_the_log(site: Site) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    for number in range(4):
        site.post(f"orders/{order_id}/comment", {"text": f"comment {number}"})
    url: str | None = f"/audit/orders/{order_id}/events?limit=2"
    events: list[Any] = []
    while url:
        page = site.get(url, role=Role.AUDITOR).get_json()
        assert page.keys() == {"items", "next"}
        assert len(page["items"]) <= 2
        events += page["items"]
        url = page["next"]
    assert [event["version"] for event in events] == [1, 2, 3, 4, 5]
    assert [event["type"] for event in events] == ["OrderPlaced"] + ["OrderCommented"] * 4
    assert len({event["event_id"] for event in events}) == 5
    assert events[1]["data"]["text"] == "comment 0"


def test_nothing_secret_gets_into_the_log_lines(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    order_id = site.post("orders", another_order(note="SECRET-NOTE")).get_json()["order_id"]
    token = site.get(f"/queries/orders/{order_id}").get_json()["tracking_token"]
    site.client.get(f"/queries/tracking/{token}")
    written = "".join(capsys.readouterr())
    assert "/queries/tracking/<token>" in written
    for secret in (token, "SECRET-NOTE", "ana@example.com", *(key.split("_")[2] for key in site.keys.values())):
        assert secret not in written


def test_metrics_count_requests_by_route(site: Site) -> None:
    site.get(f"/queries/orders/{ORDER_ID}")
    text = site.get("/metrics").get_data(as_text=True)
    assert 'daybook_http_requests_total{method="GET",route="/queries/orders/<uuid:order_id>",status="404"}' in text
    assert ORDER_ID not in text


def test_the_answers_are_as_the_openapi_document_says(site: Site, store: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    components = site.get("/openapi.json").get_json()["components"]
    order_id = site.get(f"/queries/orders?store={store}").get_json()["items"][0]["order_id"]
    answers = {
        "GridPage": f"/queries/orders?store={store}&count=exact",
        "Order": f"/queries/orders/{order_id}",
        "AuditPage": f"/audit/orders/{order_id}/events",
        "Problem": f"/queries/orders/{ORDER_ID}",
    }
    for name, path in answers.items():
        jsonschema.validate(site.get(path).get_json(), components["schemas"][name] | {"components": components})


@pytest.fixture
def told(site: Site) -> Site:
    """The site, once it tells of projections that have started: it asks a few times a second."""
    site.follow()
    deadline = monotonic() + 5
    while not site.get("/queries/projections").json["items"] and monotonic() < deadline:
        sleep(0.1)
    return site


@pytest.mark.parametrize(
    "path", ["orders", "invoices", "credit-memos", "shipments", "batches", "dispatches", "dispatches/ready"]
)
def test_every_answer_of_a_read_model_says_how_far_it_is_behind(told: Site, path: str) -> None:
    answer = told.get(f"/queries/{path}")
    assert int(answer.headers["Daybook-Lag-Events"]) >= 0
    assert float(answer.headers["Daybook-Lag-Seconds"]) >= 0


def test_the_lag_of_all_read_models_is_told_together(told: Site) -> None:
    names = {item["name"]: item for item in told.get("/queries/projections").json["items"]}
    assert set(names) == {"orders_grid", "tracking", "documents", "approvals"}
    assert names["orders_grid"]["parked"] == []
    metrics = told.get("/metrics").text
    assert 'daybook_projection_lag_events{projection="orders_grid"}' in metrics
