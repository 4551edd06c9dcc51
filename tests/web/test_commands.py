"""Commands over HTTP: what the edge adds to a decision of the desk: status, headers, keys, versions, causes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from access.roles import Role
from tests.web.edge import ORDER_ID, bearer
from tests.web.live import Site, another_order


def place(site: Site, **changes: Any) -> Any:
    return site.post("orders", another_order(**changes)).get_json()


def test_a_placed_order_is_answered_201_with_its_version_and_place(site: Site) -> None:
    response = site.post("orders", another_order())
    answer = response.get_json()
    assert response.status_code == 201
    assert answer["events"] == ["OrderPlaced"]
    assert (answer["version"], answer["status"]) == (1, "Pending")
    assert answer.keys() == {"order_id", "order_number", "version", "position", "status", "events"}
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == f"/queries/orders/{answer['order_id']}"
    assert site.get(response.headers["Location"]).get_json()["order_number"] == answer["order_number"]


def test_an_order_of_nothing_is_refused_with_its_own_code(site: Site) -> None:
    response = site.post("orders", another_order(lines=[]))
    assert (response.status_code, response.get_json()["code"]) == (422, "empty_order")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"currency": "XAU"}, "/currency"),
        ({"shipping": {"amount": "0.001"}}, "/shipping/amount"),
        ({"payment": {"method": "barter"}}, "/payment/method"),
        ({"expected_grand_total": "1.00"}, "/expected_grand_total"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "/occurred_at"),
    ],
)
def test_what_only_the_domain_can_tell_to_be_impossible_is_answered_422_too(
    site: Site, changes: dict[str, Any], pointer: str
) -> None:
    response = site.post("orders", another_order(**changes))
    problem = response.get_json()
    assert response.status_code == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_command_without_a_body_needs_no_content_type(site: Site) -> None:
    order_id = place(site)["order_id"]
    held = site.post(f"orders/{order_id}/hold")
    released = site.post(f"orders/{order_id}/release", {})
    assert (held.status_code, held.get_json()["status"]) == (200, "On Hold")
    assert (released.status_code, released.get_json()["status"]) == (200, "Pending")


def test_a_refusal_says_why_and_what_is_allowed_instead(site: Site) -> None:
    order_id = place(site)["order_id"]
    site.post(f"orders/{order_id}/hold")
    response = site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining"})
    problem = response.get_json()
    assert (response.status_code, problem["code"]) == (409, "order_on_hold")
    assert "release" in problem["allowed_commands"]
    assert problem["title"] == "Order on hold"


def test_an_order_that_is_not_there_is_answered_404(site: Site) -> None:
    response = site.post(f"orders/{ORDER_ID}/cancel")
    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


def test_a_stale_version_is_answered_412_and_a_fresh_one_is_taken(site: Site) -> None:
    order_id = place(site)["order_id"]
    site.post(f"orders/{order_id}/comment", {"text": "one"})
    stale = site.post(f"orders/{order_id}/comment", {"text": "two"}, If_Match='"1"')
    assert (stale.status_code, stale.get_json()["code"]) == (412, "version_mismatch")
    assert site.post(f"orders/{order_id}/comment", {"text": "two"}, If_Match='"2"').headers["ETag"] == '"3"'
    assert site.post(f"orders/{order_id}/comment", {"text": "three"}, If_Match="3").status_code == 200
    assert site.post(f"orders/{order_id}/comment", {"text": "four"}, If_Match="*").status_code == 200


def test_a_repeat_under_the_same_key_gets_the_first_answer_whatever_its_spacing(site: Site) -> None:
    key, path = str(uuid4()), "/commands/orders"
    headers = bearer(site.keys[Role.ADMIN]) | {"Idempotency-Key": key}
    body = another_order(external_reference=key)
    first = site.client.post(path, json=body, headers=headers)
    turned = dict(reversed(body.items()))
    again = site.client.post(path, json=turned, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert first.headers["Location"] == again.headers["Location"]


def test_a_key_used_for_another_request_is_refused(site: Site) -> None:
    key = str(uuid4())
    assert site.post("orders", another_order(), Idempotency_Key=key).status_code == 201
    other = site.post("orders", another_order(note="different"), Idempotency_Key=key)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller(site: Site) -> None:
    key = str(uuid4())
    first = site.post("orders", another_order(), Idempotency_Key=key)
    other = site.post("orders", another_order(note="another caller's"), role=Role.ADMIN, Idempotency_Key=key)
    assert (first.status_code, other.status_code) == (201, 201)


def test_50_parallel_retries_of_a_placing_give_one_order_and_50_equal_answers(site: Site) -> None:
    key = str(uuid4())
    body = another_order(external_reference=key)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: site.post("orders", body, Idempotency_Key=key), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1


def test_of_20_parallel_invoices_for_the_same_units_one_wins(site: Site) -> None:
    order_id = place(site)["order_id"]
    body = {"lines": [{"line_id": "1", "quantity": 3}]}
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: site.post(f"orders/{order_id}/invoices", body), range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert all(answer.get_json()["code"] for answer in answers if answer.status_code == 409)


def test_the_conversation_of_a_request_is_kept_with_its_events(site: Site) -> None:
    given, trace = str(uuid4()), uuid4()
    named = site.post("orders", another_order(), X_Correlation_ID=given)
    traced = site.post("orders", another_order(), traceparent=f"00-{trace.hex}-00f067aa0ba902b7-01")
    fresh = site.post("orders", another_order(), X_Correlation_ID="nonsense")
    assert named.headers["X-Correlation-ID"] == given
    assert traced.headers["X-Correlation-ID"] == str(trace)
    assert fresh.headers["X-Correlation-ID"] != "nonsense"
    for response in (named, traced, fresh):
        event = site.get(f"/audit/orders/{response.get_json()['order_id']}/events").get_json()["items"][0]
        assert event["correlation_id"] == response.headers["X-Correlation-ID"]


def test_who_asked_why_and_when_it_happened_is_kept(site: Site) -> None:
    order_id = place(site, reason="a customer called", occurred_at="2026-01-31T12:00:00.000001+02:00")["order_id"]
    event = site.get(f"/audit/orders/{order_id}/events").get_json()["items"][0]
    assert event["reason"] == "a customer called"
    assert event["occurred_at"] == "2026-01-31T10:00:00.000001Z"
    assert event["actor"] == {"type": "integrator", "id": site.keys[Role.INTEGRATOR].split("_")[1], "name": "test"}


def test_documents_are_created_201_and_everything_else_is_answered_200(site: Site) -> None:
    order_id = place(site)["order_id"]
    invoice = site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining"})
    packages = [{"weight_grams": 900, "contents": [{"line_id": "1", "quantity": 3}], "tracking_number": "1Z"}]
    shipment = site.post(
        f"orders/{order_id}/shipments", {"lines": "all_remaining", "carrier": "ups", "packages": packages}
    )
    assert (invoice.status_code, shipment.status_code) == (201, 201)
    assert {"invoice_id", "invoice_number"} <= invoice.get_json().keys()
    assert {"shipment_id", "shipment_number"} <= shipment.get_json().keys()
    scan = {"carrier": "ups", "tracking_number": "1Z", "status": "picked_up", "occurred_at": "2026-01-31T12:00:00Z"}
    shipment_id = shipment.get_json()["shipment_id"]
    assert site.post(f"shipments/{shipment_id}/tracking-events", scan).status_code == 200


def test_a_batch_is_created_201_and_processed_202(site: Site) -> None:
    order_id = place(site)["order_id"]
    body = {"origin": "main", "carrier": "ups", "service": "ground", "orders": [order_id]}
    batch = site.post("batches", body)
    assert batch.status_code == 201, batch.get_json()
    processed = site.post(f"batches/{batch.get_json()['batch_id']}/process")
    assert processed.status_code == 202, processed.get_json()


def test_an_order_named_twice_in_a_batch_is_no_way_to_a_500(site: Site) -> None:
    order_id = place(site)["order_id"]
    body = {"origin": "main", "carrier": "ups", "service": "ground", "orders": [order_id, order_id]}
    assert site.post("batches", body).status_code in {201, 409, 422}
