"""Many commands in one request: a result for each line, each order in its order, and nothing done twice."""

import json
from typing import Any

import pytest

from access.roles import Role
from tests.web.edge import bearer
from tests.web.live import Site, another_order

ALL: dict[str, Any] = {"lines": "all_remaining"}
FIRST = "01900000-0000-7000-8000-00000000b{:03d}"


def line(command: str, key: str, body: Any = None) -> bytes:
    return json.dumps({"command": command, "key": key, "body": body or {}}).encode()


def send(site: Site, *lines: bytes, role: Role = Role.INTEGRATOR, **headers: str) -> list[dict[str, Any]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = site.client.post(
        "/commands/bulk",
        data=b"\n".join(lines),
        headers=bearer(site.keys[role]) | named,
        content_type="application/x-ndjson",
    )
    assert answer.status_code == 200, answer.data
    return sorted((json.loads(each) for each in answer.data.splitlines()), key=lambda result: result["line"])


def alone(result: dict[str, Any]) -> dict[str, Any]:
    """What the command alone would have answered, read back from its result."""
    of_line = {"line", "key", "replayed", "order_status"}
    told = {name: value for name, value in result.items() if name not in of_line}
    return told | {"status": result.get("order_status", result["status"])}


def life(number: int) -> list[bytes]:
    """An order with an invoice that is sent again, under ids of our own."""
    order_id, invoice_id = FIRST.format(number), FIRST.format(number + 500)
    return [
        line("orders", f"place-{number}", another_order(order_id=order_id)),
        line(f"orders/{order_id}/invoices", f"bill-{number}", ALL | {"invoice_id": invoice_id}),
        line(f"invoices/{invoice_id}/send-copy", f"copy-{number}"),
    ]


def test_lines_of_one_order_are_done_in_their_order_and_a_repeat_does_nothing_again(site: Site) -> None:
    lines = [each for number in range(30) for each in life(number)]
    results = send(site, *lines)
    assert [result["line"] for result in results] == list(range(1, 91))
    assert {result["status"] for result in results} <= {200, 201, 202}, [r for r in results if "code" in r][:2]
    head = site.shop.events()
    again = send(site, *lines)
    assert all(result["replayed"] for result in again)
    assert [alone(result) for result in again] == [alone(result) for result in results]
    assert site.shop.events() == head


def test_a_line_that_cannot_be_read_harms_no_other(site: Site) -> None:
    good = line("orders", "good-1", another_order())
    bad = [b"{", b"[]", b'{"command": "orders"}', line("orders/7/cancel", "bad-1")]
    bad.append(line("orders", "bad-2", {"lines": 1}))
    strange = b'{"command": "orders", "key": "bad-3", "body": {}, "bdoy": {}}'
    results = send(site, *bad, good, strange, line("nowhere", "bad-4"))
    assert [result["status"] for result in results] == [400, 400, 400, 404, 400, 201, 400, 404]
    assert [result["key"] for result in results] == [None, None, None, "bad-1", "bad-2", "good-1", "bad-3", "bad-4"]
    assert results[4]["code"] == "invalid_body"


def test_refusals_are_those_of_single_commands(site: Site) -> None:
    order_id = site.post("orders", another_order()).get_json()["order_id"]
    (refused,) = send(site, line(f"orders/{order_id}/release", "release-1"))
    single = site.post(f"orders/{order_id}/release")
    assert refused["status"] == single.status_code == 409
    assert alone(refused) == single.get_json()


def test_a_key_stands_for_the_same_command_alone_and_in_bulk(site: Site) -> None:
    body = another_order()
    (first,) = send(site, line("orders", "either-way", body))
    again = site.post("orders", body, Idempotency_Key="either-way")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == alone(first)


def test_who_may_not_command_may_not_in_bulk(site: Site) -> None:
    answer = site.client.post(
        "/commands/bulk", data=b"", headers=bearer(site.keys[Role.AUDITOR]), content_type="application/x-ndjson"
    )
    assert answer.status_code == 403
    (refused,) = send(site, line("orders", "silent", another_order()), Daybook_Silent="true")
    assert refused["status"] == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Type": "application/json"}, 415), ({"Idempotency-Key": "one"}, 400), ({"If-Match": '"3"'}, 400)],
)
def test_what_belongs_to_single_commands_is_refused(site: Site, headers: dict[str, str], status: int) -> None:
    asked = bearer(site.keys[Role.ADMIN]) | {"Content-Type": "application/x-ndjson"} | headers
    assert site.client.post("/commands/bulk", data=b"", headers=asked).status_code == status


def test_more_lines_than_there_may_be_are_told_where_they_begin(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.commands.bulk_lines.LINES_MAX", 2)
    results = send(site, *(line("orders", f"many-{n}", another_order()) for n in range(4)))
    assert [(result["line"], result["status"]) for result in results] == [(1, 201), (2, 201), (3, 413)]
