"""What a program is told of the configuration: the codes that commands take, and what its key may do."""

from collections.abc import Iterator
from typing import Any

import pytest

from access.roles import Role
from adapters.merchant.config import load
from daybook.configured import configured
from domain.payment_methods import METHODS
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site
from web.commands.routes import House

HOUSE = House({"orders/cancel": ("admin",), "import-history": ("integrator",)}, {"orders/hold"}, {"invoices/refund"})


@pytest.fixture(scope="module")
def kept(database: Database) -> Iterator[Site]:
    """A site whose merchant keeps a command to administrators and wants a reason for another."""
    with open_site(database, HOUSE) as site:
        yield site


def asked(site: Site, role: Role = Role.INTEGRATOR) -> Any:
    answer = site.get("/queries/configuration", role)
    assert answer.status_code == 200
    return answer.json


def test_it_names_what_commands_take(kept: Site) -> None:
    shown = asked(kept)
    assert {each["code"] for each in shown["carriers"]} == set(load().carriers)
    assert [each["code"] for each in shown["locations"]] == ["main"]
    modes = {each["code"]: each["capture_modes"] for each in shown["payment_methods"]}
    assert modes.keys() == METHODS.keys()
    assert modes["card_authorize"] == ["online", "offline", "none"]
    decimals = {each["code"]: each["decimals"] for each in shown["currencies"]}
    assert (decimals["EUR"], decimals["JPY"], decimals["KWD"]) == (2, 0, 3)
    assert "XAU" not in decimals


def test_it_names_the_stores_that_sold_something(kept: Site) -> None:
    for store in ("north", "south", "north"):
        assert kept.post("orders", another_order(store=store)).status_code == 201
    kept.follow()
    stores = {each["code"]: each["seen"] for each in asked(kept)["stores"]}
    assert stores == {"north": True, "south": True}


def test_a_key_is_told_what_it_may_do(kept: Site) -> None:
    commands = {each["name"]: each["reason_required"] for each in asked(kept)["commands"]}
    assert commands["orders/hold"] is True
    assert commands["orders/release"] is False
    assert "orders/cancel" not in commands
    assert "orders/cancel" in {each["name"] for each in asked(kept, Role.ADMIN)["commands"]}
    assert asked(kept, Role.AUDITOR)["commands"] == []
    may = {role: asked(kept, role)["key"]["may_import_history"] for role in (Role.INTEGRATOR, Role.ADMIN, Role.AUDITOR)}
    assert may == {Role.INTEGRATOR: True, Role.ADMIN: False, Role.AUDITOR: False}


def test_what_is_configured_for_a_store_is_told_before_it_sells() -> None:
    config = load()
    shown = configured(config, gateway=True)
    assert shown.gateway
    assert shown.languages == config.languages


def test_it_says_what_may_have_to_wait_for_a_second_person(kept: Site) -> None:
    assert [each["name"] for each in asked(kept)["commands"] if each["may_wait"]] == ["invoices/refund"]
