"""The pages of the API's reference: /docs, /docs/{operation}, /docs/schemas/{name}. Open to all, made once per process.

They work offline and under a policy without exceptions: one stylesheet, one small script, both from here. The script
only sends what the form of an operation says, with a key that stays in the tab; without it the pages are read all the
same.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Response, request
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from web import observing
from web.paths import NOTHING, Paths
from web.reference.contents import Contents

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
STATIC = {"reference.css": "text/css; charset=utf-8", "reference.js": "text/javascript; charset=utf-8"}


def install(paths: Paths, document: dict[str, Any]) -> None:
    """Serve the pages of this document."""
    pages = Reference(Contents(document))
    for path, view in (
        ("/docs", pages.index),
        ("/docs/<name>", pages.operation),
        ("/docs/schemas/<name>", pages.schema),
        ("/docs/static/<name>", static),
    ):
        paths.get(path, view, shows=NOTHING)


class Reference:
    """The views over what there is to show."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        made = Environment(loader=PackageLoader("web.reference"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
        made.globals |= {"contents": contents}
        made.filters["words"] = words
        self._page: Callable[..., str] = cache(lambda template, name: self._made(made, template, name))

    def index(self) -> Response:
        """Every operation, by what it is about."""
        return _html(self._page("index.html", None))

    def operation(self, name: str) -> Response:
        """One operation with a form to try it."""
        if name not in self._contents.operations:
            raise NotFound
        return _html(self._page("operation.html", name))

    def schema(self, name: str) -> Response:
        """One component."""
        if self._contents.schema(name) is None:
            raise NotFound
        return _html(self._page("schema.html", name))

    def _made(self, made: Environment, template: str, name: str | None) -> str:
        operation = self._contents.operations.get(name or "")
        found = self._contents.schema(name) if name and operation is None else None
        return made.get_template(template).render(operation=operation, schema=found, name=name)


def words(text: str) -> Markup:
    """A text whose words between backticks are code."""
    pieces = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(each) if at % 2 else each for at, each in enumerate(pieces))


def _html(text: str) -> Response:
    request.environ[observing.OWN_HEADERS] = True
    return Response(text, headers=HEADERS, content_type="text/html; charset=utf-8")


def static(name: str) -> Response:
    """The stylesheet and the script."""
    if name not in STATIC:
        raise NotFound
    content = (files("web.reference") / "static" / name).read_bytes()
    return Response(content, headers={"Cache-Control": "no-cache"}, content_type=STATIC[name])
