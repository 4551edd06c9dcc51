"""Following docs/how-to/add-a-page.md to the letter: in a copy of `web`, for the page is none of ours."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.postgres import Database

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "add-a-page.md").read_text(encoding="utf-8")
LOOK = """
import sys
from access.roles import Role
from tests.support.postgres import Database
from tests.web.live import another_order, open_site

with open_site(Database(*sys.argv[1:])) as site:
    order = site.post("orders", another_order()).json["order_id"]
    site.post(f"orders/{order}/hold", {})
    site.follow()
    client = site.app.test_client()
    print("stranger", client.get("/held").status_code)
    client.post("/sign-in", data={"key": site.keys[Role.ADMIN]})
    print("person", order in client.get("/held").text)
"""


def block(language: str) -> str:
    """The page's only block in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_new_page_is_served_behind_the_guard(database: Database, tmp_path: Path) -> None:
    for entry in ROOT.iterdir():
        if entry.is_dir() and not entry.name.startswith((".", "var")) and entry.name != "web":
            (tmp_path / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "web", tmp_path / "web")
    pages = tmp_path / "web" / "pages"
    (pages / "held.py").write_text(block("python"), encoding="utf-8")
    (pages / "templates" / "held.html").write_text(block("html"), encoding="utf-8")
    routes = (pages / "routes.py").read_text(encoding="utf-8")
    start = routes.index("def _insight(")
    first = routes.index("    yield ", start)
    imported = "from web.pages.held import held_view\n"
    before = routes.index("from web.pages.insight")
    routes = routes[:before] + imported + routes[before:first] + block("text") + routes[first:]
    (pages / "routes.py").write_text(routes, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LOOK, database.owner_url, database.app_url, database.projector_url],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "stranger 303" in done.stdout, done.stderr
    assert "person True" in done.stdout, done.stderr
