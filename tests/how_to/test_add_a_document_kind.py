"""Following the page that says how to add a kind of document, and counting the files of the product that it takes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.how_to.scratch import Scratch
from tests.support.postgres import Database

PAGE = "add-a-document-kind.md"
FILES_MAX = 11


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A copy of the tree with the new kind."""
    scratch = Scratch(tmp_path_factory.mktemp("kind"))
    page = scratch.follow(PAGE)
    for name, text in re.findall(r"^```python\n# ([^\n]+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        scratch.write(name, text)
    return scratch


def test_a_new_kind_of_document_takes_so_many_files_of_the_product(scratch: Scratch) -> None:
    assert len(set(scratch.changed)) <= FILES_MAX, sorted(set(scratch.changed))


def test_a_new_kind_is_made_listed_shown_exported_printed_and_described(scratch: Scratch, database: Database) -> None:
    script = """
from io import BytesIO
from access.roles import Role
from pypdf import PdfReader
from tests.web.live import open_site
from web.commands.routes import ROUTES
from web.openapi.document import describe
with open_site(database) as site:
    built = site.post("pallets", {"location": "main", "parcels": 12})
    pallet = built.get_json()["pallet_id"]
    site.follow()
    told = [
        built.headers["Location"] == f"/queries/pallets/{pallet}",
        [each["parcels"] for each in site.get("/queries/pallets?pallet_number=1").get_json()["items"]],
        site.get(f"/queries/pallets/{pallet}").get_json()["location"],
        site.get("/queries/pallets.csv").get_data(as_text=True).splitlines()[0],
        site.get("/queries/pallets/7").get_json()["detail"],
    ]
    visitor = site.app.test_client()
    visitor.post("/sign-in", data={"key": site.keys[Role.ADMIN]})
    pages = [visitor.get(path) for path in ("/pallets", f"/pallets/{pallet}")]
    told.append([page.status_code == 200 and "000000001" in page.text and "main" in page.text for page in pages])
    slip = site.get(f"/queries/pallets/{pallet}/pallet-slip.pdf").data
print(json.dumps([
    *told,
    PdfReader(BytesIO(slip)).pages[0].extract_text().split()[-4:],
    sorted(path for path in describe(ROUTES)["paths"] if "pallet" in path),
]))
"""
    told = json.loads(scratch.run(script, database).splitlines()[-1])
    made, listed, shown, exported, misread, pages, slip, paths = told
    assert pages == [True, True]
    assert (made, listed, shown) == (True, [12], "main")
    assert exported == "pallet_number,built_at,location,parcels"
    assert "GET /queries/pallets?pallet_number=7 tells the id" in misread
    assert slip == ["Location", "main", "Parcels", "12"]
    assert paths == [
        "/commands/pallets",
        "/queries/pallets",
        "/queries/pallets.csv",
        "/queries/pallets.xlsx",
        "/queries/pallets/{pallet_id}",
        "/queries/pallets/{pallet_id}/pallet-slip.pdf",
    ]


def test_what_the_page_writes_keeps_the_house_rules(scratch: Scratch) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff comes with the development tools")
    command = [str(ruff), "check", "--no-cache", *sorted(set(scratch.changed))]
    checked = subprocess.run(command, cwd=scratch.folder, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
