"""Following the page that says how to add a read model to where it is asked over HTTP."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.how_to.scratch import Scratch, block
from tests.support.postgres import Database

PAGE = "add-a-read-model.md"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A copy of the tree with the new read model."""
    scratch = Scratch(tmp_path_factory.mktemp("read-model"))
    page = scratch.follow(PAGE)
    for name, text in re.findall(r"^```python\n# ([^\n]+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        scratch.write(name, text)
    scratch.write("migrations/0099_payments_due.sql", block(page, "sql"))
    return scratch


def test_a_new_read_model_answers_over_http_and_a_client_reads_its_own_write(
    scratch: Scratch, fresh_database: Database
) -> None:
    script = """
import migrations
from tests.web.live import another_order, open_site
migrations.migrate(database.owner_url)
with open_site(database) as site:
    placed = site.post("orders", another_order(payment={"method": "cash_on_delivery"})).get_json()
    site.follow()
    answer = site.get(f"/queries/payments-due?min_position={placed['position']}")
    (item,) = answer.get_json()["items"]
    told = [item["order_number"] == placed["order_number"], item["due"], "Daybook-Lag-Events" in answer.headers]
    for asked in ("limit=0", "x=1", "min_position=99"):
        told.append(site.get(f"/queries/payments-due?{asked}").get_json()["code"])
    told.append("/queries/payments-due" in site.get("/openapi.json").get_json()["paths"])
print(json.dumps(told))
"""
    last = scratch.run(script, fresh_database).splitlines()[-1]  # lines of the log stand above it
    assert json.loads(last) == [True, "43.01", True, "invalid_parameter", "unknown_parameter", "position_unknown", True]


def test_what_came_out_keeps_the_house_rules(scratch: Scratch) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff comes with the development tools")
    files = [scratch.folder / name for name in set(scratch.changed) if name.endswith(".py")]
    checked = subprocess.run([ruff, "check", "--no-cache", *files], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
