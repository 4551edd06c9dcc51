"""The grid of a past moment over HTTP: today's grid before something happened, as JSON and as a file."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from tests.web.edge import bearer
from tests.web.live import Site, another_order


@pytest.fixture(scope="module")
def past(site: Site) -> dict[str, Any]:
    """What the grid answered, and what happened since."""
    orders = [site.post("orders", another_order()).get_json() for _ in range(3)]
    site.follow()
    grid = site.get("/queries/orders").get_json()
    csv = site.get("/queries/orders.csv").data
    site.post(f"orders/{orders[0]['order_id']}/cancel", {})
    site.post("orders", another_order())
    return {"grid": grid, "csv": csv, "position": grid["position"]}


def test_it_is_the_grid_that_was_answered_then(site: Site, past: dict[str, Any]) -> None:
    told = site.get(f"/audit/grid?position={past['position']}", Role.AUDITOR).get_json()
    assert told["items"] == past["grid"]["items"]
    assert (told["count"], told["position"], told["unreadable"]) == (3, past["position"], [])
    again = site.get(f"/audit/grid?as_of={told['as_of']}&limit=2").get_json()
    assert (again["items"], again["count"]) == (told["items"][:2], 3)
    assert site.get(f"/audit/grid?as_of={told['as_of']}&status=Canceled").get_json()["items"] == []


def test_the_file_is_the_export_of_then(site: Site, past: dict[str, Any]) -> None:
    answer = site.get(f"/audit/grid.csv?position={past['position']}", Role.AUDITOR)
    assert answer.data == past["csv"]
    assert answer.headers["Daybook-Position"] == str(past["position"])


def test_one_is_made_at_a_time_and_the_next_one_finds_its_place(site: Site, past: dict[str, Any]) -> None:
    path = f"/audit/grid?position={past['position']}"
    unread = FlaskClient(site.app, site.app.response_class)  # the test client of the site reads to the end
    first = unread.get(path, headers=bearer(site.keys[Role.ADMIN]))
    pieces: Any = iter(first.response)
    next(pieces)
    assert site.get(path).get_json()["code"] == "export_busy"
    first.close()
    assert site.get(path).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("", 400, "missing_parameter"),
        ("?as_of=2026-01-01&position=1", 400, "missing_parameter"),
        ("?position=999999", 409, "position_unknown"),
        ("?as_of=2999-01-01", 422, "invalid_parameter"),
        ("?as_of=soon", 400, "invalid_parameter"),
        ("?position=1&colour=red", 400, "unknown_parameter"),
        ("?position=1&cursor=x", 400, "unknown_parameter"),
        ("?position=1&status=Lost", 422, "invalid_parameter"),
    ],
)
def test_what_cannot_be_asked_is_refused(site: Site, asked: str, status: int, code: str) -> None:
    answer = site.get(f"/audit/grid{asked}")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code), answer.text


def test_it_is_for_auditors(site: Site) -> None:
    assert site.get("/audit/grid?position=1", Role.INTEGRATOR).status_code == 403
