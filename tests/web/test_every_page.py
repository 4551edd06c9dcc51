"""No page is forgotten by the tests that look at pages in a browser."""

import re

from tests.browser import pages
from tests.web.live import Site
from web.commands.routes import ROUTES
from web.openapi.document import describe
from web.pages.guard import API

VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
LOOKED_AT = {**pages.OF_THE_DESK, **pages.OF_CUSTOMERS, **pages.OF_STRANGERS, **pages.WITH_APPROVALS}


def served(site: Site) -> set[str]:
    """Every path that answers a GET and stands in no description for programs."""
    rules = (rule for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    paths = {VARIABLE.sub(r"{\1}", rule.rule) for rule in rules if not rule.rule.startswith(API)}
    return paths - set(describe(ROUTES)["paths"])


def test_every_page_is_looked_at_in_a_browser(site: Site) -> None:
    found = {path for path in served(site) if not any(re.fullmatch(why_not, path) for why_not in pages.NO_PAGES)}
    assert found - LOOKED_AT.keys() == set(), "add these to tests/browser/pages.py"
    assert LOOKED_AT.keys() - found == set(), "these are no pages any more"


def test_what_is_excepted_exists(site: Site) -> None:
    paths = served(site)
    assert [each for each in pages.NO_PAGES if not any(re.fullmatch(each, path) for path in paths)] == []
