"""Following the page that connects a carrier: its lines of the merchant's file, and what it says of trying them."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.carriers.easypost_carrier import EasyPostCarrier
from adapters.carriers.simulated import BEHAVIOURS, SimulatedCarrier
from adapters.merchant.config import MerchantConfig, load
from application.carrier import Bought, LabelRequest, Parcel
from daybook.carrying import carrier_reports, carriers
from daybook.settings import Settings, SettingsError
from tests.adapters.carriers.easypost_server import EasyPostServer, serving
from web.problem_codes import CODES

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "connect-a-carrier.md").read_text(encoding="utf-8")
LINES = [
    re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^(?:    .*)?\n)+", PAGE, re.MULTILINE)
]


@pytest.fixture
def config(tmp_path: Path) -> MerchantConfig:
    """The merchant's file with the page's lines, whose warehouse is where its labels are bought."""
    file = tmp_path / "shop.toml"
    file.write_text("\n".join(block for block in LINES if block.strip().startswith("[carriers")), encoding="utf-8")
    return load(file)


@pytest.fixture
def server() -> Iterator[EasyPostServer]:
    with serving() as server:
        yield server


def test_the_lines_of_the_page_buy_labels(config: MerchantConfig, server: EasyPostServer, tmp_path: Path) -> None:
    told = {"DAYBOOK_HOME": str(tmp_path), "EASYPOST_API_KEY": "EZTK_1", "EASYPOST_URL": server.url}
    connected = carriers(Settings.from_env(told), config)
    assert {code: type(each) for code, each in connected.items()} == {"ups": SimulatedCarrier, "usps": EasyPostCarrier}
    services = {}
    for code, carrier in connected.items():
        ship_to = {"name": "Ana Silva", "street": ["Rua Nova 1"], "city": "Porto", "country": "PT"}
        parcel = Parcel(carrier=code, service=None, origin="main", ship_to=ship_to, weight_grams=900)
        bought = carrier.buy(LabelRequest(intent_id=uuid4(), parcel=parcel))
        assert isinstance(bought, Bought)
        services[code] = bought.service
    assert services == {"ups": "ground", "usps": "Priority"}


def test_without_the_key_it_says_what_to_set(config: MerchantConfig, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"carriers\.usps\.account .* set EASYPOST_API_KEY"):
        carriers(Settings.from_env({"DAYBOOK_HOME": str(tmp_path)}), config)


def test_reports_are_taken_once_there_is_a_secret(config: MerchantConfig) -> None:
    told = {"EASYPOST_WEBHOOK_SECRET": "s"}
    found = [carrier_reports(Settings.from_env(each), config, lambda *_: []) for each in ({}, told)]
    assert [list(each) for each in found] == [[], ["easypost"]]


def test_the_simulated_carrier_does_what_the_page_says() -> None:
    assert {int(digits) for digits in re.findall(r"\((9[0-9])\)", PAGE)} == set(BEHAVIOURS)


def test_the_problems_it_names_exist() -> None:
    assert "label_not_bought" in PAGE
    assert {"label_not_bought", "carrier_not_connected"} <= CODES.keys()
