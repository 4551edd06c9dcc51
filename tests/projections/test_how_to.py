"""Following docs/how-to/add-a-read-model.md to the letter, as far as the log goes; the rest is in tests/how_to."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import psycopg
import pytest

from projections.engine import slices
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.follower import Follower
from projections.orders.queries import read_pool
from tests.projections.shop import CODEC, KEYRING, Shop, catch_up
from tests.support.orders import line

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "add-a-read-model.md").read_text(encoding="utf-8")


def block(beginning: str) -> str:
    """The page's only block that begins so, without its first lines."""
    (found,) = re.findall(rf"^```{beginning}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


FILE = "python\n# projections/payments_due.py"


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    """The page's file, imported."""
    path = tmp_path / "payments_due.py"
    path.write_text(block(FILE), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("payments_due", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["payments_due"] = module
    spec.loader.exec_module(module)
    return module


def test_the_new_read_model_follows_the_log(shop: Shop, module: ModuleType) -> None:
    with psycopg.connect(shop.database.owner_url) as owner:
        owner.execute(block("sql").encode())
    first = shop.place(line(quantity=1), method="cash_on_delivery")
    second = shop.place(line(quantity=2), method="cash_on_delivery")
    shop.place(line(quantity=3))
    shop.do("orders/invoices", first, lines="all_remaining")
    shop.do("orders/cancel", second, lines=[{"line_id": "1", "quantity": 1}])
    with connect(shop.database.projector_url) as connection:
        slices.create(connection, "payments_due")
        follower = Follower(connection, module.PAYMENTS_DUE, Decoder.of(module.PAYMENTS_DUE, CODEC, KEYRING))
        assert catch_up(follower) == shop.events()
    with read_pool(shop.database.app_url) as pool:
        waiting = module.PaymentsDue(pool).oldest(10, shop.events())
    assert [(each["order_number"], each["due"]) for each in waiting] == [("000000002", "9.99"), ("000000003", "29.97")]


def test_the_file_keeps_the_house_rules(tmp_path: Path) -> None:
    path = tmp_path / "payments_due.py"
    path.write_text(block(FILE), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff comes with the development tools")
    checked = subprocess.run(
        [ruff, "check", "--no-cache", "--config", ROOT / "ruff.toml", "--ignore", "INP", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
