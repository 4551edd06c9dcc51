"""The cells and rows of a list as HTML, drawn in Python: a page has four hundred cells, and a template pays per cell.

Everything that comes from an order is escaped here; nothing is marked safe that was not.
"""

import html
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from web.pages.formats import Writing
from web.pages.listing import Column, Listed
from web.pages.texts import status_words, translations
from web.pages.visitor import translate as _

Item = Mapping[str, Any]
Draw = Callable[[Item], str]

TONES: Mapping[str, str] = {
    code: tone
    for tone, codes in {
        "ok": ("Complete", "paid", "dispatched", "delivered", "processed", "closed", "active", "executed", "bought"),
        "go": (
            "Processing",
            "waiting",
            "requested",
            "authorized",
            "booked",
            "partially_booked",
            "partially_dispatched",
            "processing",
            "scheduled",
            "in_transit",
            "picked_up",
            "out_for_delivery",
            "ready_for_pickup",
        ),
        "warn": (
            "Pending Payment",
            "paused",
            "On Hold",
            "partially_paid",
            "pending",
            "open",
            "delivery_delayed",
            "on_hold",
            "return_to_sender",
        ),
        "bad": (
            "Canceled",
            "Suspected Fraud",
            "voided",
            "canceled",
            "cancelled",
            "failed",
            "delivery_failed",
            "dead",
            "gone",
            "failing",
            "rejected",
        ),
        "violet": ("Payment Review", "refunded", "partially_refunded", "corrected", "returned"),
    }.items()
    for code in codes
}


@lru_cache(maxsize=1024)
def pill(language: str, code: str | None) -> Markup:
    """A status as a word on its colour; nothing for none."""
    if not code:
        return Markup("")
    word = escape(translations(language).gettext(status_words(code)))
    return Markup(f'<span class="pill {TONES.get(code, "")}">{word}</span>')  # noqa: S704  (escaped above)


def rows(writing: Writing, listed: Listed, link: str, pick: bool = False) -> Markup:
    """The rows of a list's table, each linked to ``link`` + its key; with ``pick`` each begins with a box to tick."""
    key = listed.more["key"]
    draws = [_draw(writing, column, link, key) for column in listed.columns]
    if pick:
        draws.insert(0, _box(listed))
    drawn = (f"<tr data-row>{''.join(draw(item) for draw in draws)}</tr>" for item in listed.items)
    return Markup("\n".join(drawn))  # noqa: S704  (each cell escapes what it shows)


def _box(listed: Listed) -> Draw:
    """A box that ticks the order, or in a list of documents the document."""
    of_orders = listed.more["key"] == "order_id"
    name, key = ("order", "order_id") if of_orders else ("document", listed.more["key"])
    number = "order_number" if of_orders else listed.columns[0].name
    words = _("Select order %(number)s") if of_orders else _("Select %(number)s")

    def draw(item: Item) -> str:
        label = _safe(words % {"number": item.get(number) or item[key]})
        return (
            f'<td class="check"><input type="checkbox" name="{name}" value="{_safe(item[key])}" data-pick '
            f'form="mass" aria-label="{label}"></td>'
        )

    return draw


def _draw(writing: Writing, column: Column, link: str, key: str) -> Draw:
    """How the cells of a column are drawn: an empty value is an empty cell, but for the one that names the row."""
    name, kind = column.name, column.kind
    if kind == "order":
        return lambda item: _named(f"{link}{item[key]}", item[name])
    number = kind in {"money", "number"}
    empty = f'<td class="empty-cell{" number" if number else ""}"></td>'
    shown = _shown(writing, column)

    def draw(item: Item) -> str:
        value = item.get(name)
        return empty if value is None or value == "" else shown(value, item)

    return draw


def _named(address: str, value: object) -> str:
    return f'<th scope="row" class="key"><a href="{_safe(address)}">{_safe(value)}</a></th>'


def _shown(writing: Writing, column: Column) -> Callable[[Any, Item], str]:
    """The cell of a value that is there, by the kind of the column."""
    currency, language = column.currency, writing.language

    def money(value: Any, item: Item) -> str:
        return f'<td class="number">{_safe(writing.money(value, item[currency] if currency else None))}</td>'

    def text(value: Any, _item: Item) -> str:
        safe = _safe(value)
        return f'<td dir="auto" title="{safe}">{safe}</td>'

    def order_link(value: Any, item: Item) -> str:
        return f'<td><a href="/orders/{_safe(item["order_id"])}">{_safe(value)}</a></td>'

    kinds: dict[str, Callable[[Any, Item], str]] = {
        "pill": lambda value, _item: f"<td>{pill(language, value)}</td>",
        "money": money,
        "number": lambda value, _item: f'<td class="number">{_safe(value)}</td>',
        "time": lambda value, _item: f"<td>{writing.moment(value)}</td>",
        "order_link": order_link,
    }
    return kinds.get(column.kind, text)


def _safe(value: object) -> str:
    """Any value as text of a page; a plain text, which is put together in a third of the time of a Markup."""
    return html.escape(str(value))
