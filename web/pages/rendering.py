"""From a template and values to a page: one environment of Jinja2, escaping everything, in the visitor's language.

Templates get what they show as plain values; they must never ask a reader or decide what may be done.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
from flask import Response, request
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from web.pages.cells import pill, rows
from web.pages.command_words import field_called
from web.pages.listing import Asked, Column, Filter
from web.pages.navigation import entries
from web.pages.remembering import forget, told
from web.pages.static_files import address
from web.pages.texts import event_words, status_words, translations, words_of
from web.pages.visitor import Visitor, translate, visitor_now

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
"""Of a path as the server knows it; the description of the API writes it in braces."""
FIGURE = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
AMOUNT = re.compile(r"-?\d+\.\d{2,4}")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@lru_cache(maxsize=8)
def environment(language: str) -> Environment:
    """The templates in one language, compiled once per process."""
    made = Environment(
        loader=PackageLoader("web.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    found = translations(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        found.gettext, found.ngettext, newstyle=True
    )
    made.globals |= {"static": address, "query": query, "json": as_json, "new_key": lambda: str(uuid4())}
    made.globals |= {"pill": partial(pill, language)}
    made.globals |= {"filter_panel": partial(filter_panel, language), "column_choice": partial(column_choice, language)}
    made.tests |= {"figures": _are_figures, "filled": _is_filled}
    made.filters |= {"event_word": lambda name: found.gettext(event_words(str(name)))}
    made.filters |= {"as_path": lambda rule: VARIABLE.sub(r"{\1}", rule)}
    made.filters |= {"fact": _fact, "report_text": lambda text: found.gettext(str(text))}
    made.filters |= {"status_word": lambda code: found.gettext(status_words(code))}
    made.filters |= {"word": lambda code: found.gettext(words_of(str(code))) if code else "", "json": as_json}
    return made


# The panels beside a list are a third of its page, and the same for everybody who asks the same: drawn once, kept.


@lru_cache(maxsize=128)
def filter_panel(language: str, asked: Asked, filters: tuple[Filter, ...]) -> Markup:
    """The form that a list is narrowed down with, filled with what is asked."""
    return Markup(environment(language).get_template("filter_panel.html").render(asked=asked, filters=filters))  # noqa: S704  (an escaping template)


@lru_cache(maxsize=128)
def column_choice(language: str, columns: tuple[Column, ...], shown: int) -> Markup:
    """The boxes of every column, of which the first ``shown`` are ticked."""
    return Markup(environment(language).get_template("column_choice.html").render(columns=columns, shown=shown))  # noqa: S704  (an escaping template)


def query(path: str, *parts: Mapping[str, Any] | None) -> str:
    """A path with parameters; an empty value leaves its parameter out."""
    pairs = [(name, value) for part in parts for name, value in (part or {}).items() if value not in {None, ""}]
    return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path


def _fact(value: Any) -> Any:
    """A plain fact of an event: times and amounts as the visitor writes them, yes and no in words."""
    if isinstance(value, bool):
        return translate("yes") if value else translate("no")
    writing = visitor_now().writing
    if isinstance(value, str) and AMOUNT.fullmatch(value):
        return writing.money(value, None)
    return writing.moment(value) if isinstance(value, str) and TIME.fullmatch(value) else value


def _are_figures(column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a column of a report has counts or amounts, which are read from the right."""
    values = [row[column] for row in rows if row[column] is not None]
    return bool(values) and all(FIGURE.fullmatch(str(value)) and not isinstance(value, bool) for value in values)


def _is_filled(column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there is anything in a column."""
    return any(row[column] is not None for row in rows)


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def render(template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> Response:
    """A page for the visitor of the request at hand."""
    answer = Response(
        text_of(template, **values),
        status,
        headers=HEADERS | dict(headers or {}),
        content_type="text/html; charset=utf-8",
    )
    forget(answer)
    return answer


def text_of(template: str, **values: Any) -> str:
    """The same as text."""
    visitor = visitor_now()
    return environment(visitor.writing.language).get_template(template).render(_around(visitor) | values)


def _around(visitor: Visitor) -> dict[str, Any]:
    """What every template has at hand."""
    writing = visitor.writing
    return {
        "visitor": visitor,
        "writing": writing,
        "money": writing.money,
        "price": writing.price,
        "number": writing.number,
        "percent": writing.percent,
        "moment": writing.moment,
        "day": writing.day,
        "country": writing.country,
        "ago": writing.ago,
        "rows": partial(rows, writing),
        "path": request.path,
        "told": told(),
        "called_field": field_called,
        "navigation": [(path, translate(name), key) for path, name, key in entries(visitor.caller)],
        "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(visitor.csrf),
    }
