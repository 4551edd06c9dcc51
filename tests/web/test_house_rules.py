"""What the merchant keeps to some roles, and what needs a reason."""

from collections.abc import Iterator
from typing import Any

import pytest

from access.roles import Role
from adapters.merchant.config import ConfigError, load
from adapters.merchant.rights import IMPORT_HISTORY
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site
from web.commands import routes
from web.commands.routes import House

RULES = House({"orders/hold": ("admin",), "orders/refund-payment": ("admin",)}, {"orders/hold"})


@pytest.fixture(scope="module")
def strict(database: Database) -> Iterator[Site]:
    """An edge under rules of the house."""
    with open_site(database, RULES) as site:
        yield site


@pytest.fixture
def order_id(strict: Site) -> str:
    found: str = strict.post("orders", another_order()).get_json()["order_id"]
    return found


def code(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.get_json().get("code")


def test_a_command_that_is_kept_to_people_is_refused_to_programs(strict: Site, order_id: str) -> None:
    refused = strict.post(f"orders/{order_id}/hold", {"reason": "x"}, role=Role.INTEGRATOR)
    assert code(refused) == (403, "forbidden")
    assert "orders/hold" in refused.get_json()["detail"]
    assert strict.post(f"orders/{order_id}/hold", {"reason": "x"}, role=Role.ADMIN).status_code == 200
    assert strict.post(f"orders/{order_id}/release", role=Role.INTEGRATOR).status_code == 200


def test_a_right_gives_nobody_more_than_the_role_has(strict: Site, order_id: str) -> None:
    assert code(strict.post(f"orders/{order_id}/hold", {"reason": "x"}, role=Role.AUDITOR)) == (403, "forbidden")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}])
def test_a_reason_that_is_required_is_missed(strict: Site, order_id: str, body: dict[str, Any]) -> None:
    refused = strict.post(f"orders/{order_id}/hold", body, role=Role.ADMIN)
    assert code(refused) == (422, "reason_required")
    assert refused.get_json()["errors"][0]["pointer"] == "/reason"


def test_the_description_tells_who_may(strict: Site) -> None:
    paths = strict.client.get("/openapi.json").get_json()["paths"]
    assert paths["/commands/orders/{order_id}/hold"]["post"]["security"] == [{"key": ["admin"]}]
    assert paths["/commands/orders/{order_id}/release"]["post"]["security"] == [{"key": ["admin", "integrator"]}]


def test_what_an_order_accepts_is_said_whoever_asks(strict: Site, order_id: str) -> None:
    shown = strict.get(f"/queries/orders/{order_id}", Role.INTEGRATOR).get_json()
    assert "hold" in shown["allowed_commands"]


def test_the_merchants_file_says_it(tmp_path: Any) -> None:
    file = tmp_path / "merchant.toml"
    file.write_text(
        '[rights]\n"invoices/refund" = ["admin"]\nimport-history = ["admin", "integrator"]\n'
        '[reasons]\nrequired = ["invoices/refund"]\n'
    )
    config = load(file)
    house = House(config.rights, config.reasons)
    assert house.roles("invoices/refund") == frozenset({Role.ADMIN})
    assert house.historians == {Role.ADMIN, Role.INTEGRATOR}
    assert config.reasons == {"invoices/refund"}
    assert IMPORT_HISTORY == routes.IMPORT_HISTORY


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('[rights]\n"orders/explode" = ["admin"]', "there is no command orders/explode"),
        ('[rights]\n"orders/hold" = []', "rights.orders/hold must be a list of admin, integrator"),
        ('[rights]\n"orders/hold" = ["auditor"]', "rights.orders/hold must be a list of admin, integrator"),
        ('[reasons]\nrequired = ["hold"]', "there is no command hold"),
        ('[reasons]\nneeded = ["orders/hold"]', "reasons.needed is not a key"),
    ],
)
def test_a_mistake_in_the_merchants_file_is_named(tmp_path: Any, text: str, mistake: str) -> None:
    file = tmp_path / "merchant.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=mistake):
        load(file)
