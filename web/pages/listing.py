"""What every list of the pages has: the question that its address asks, chips to take filters away, headers to sort by.

The query string of a page is that of the API's list, so that a link, a bookmark and the back button are the view. Two
parameters are the page's own: ``columns`` and, kept per person where it is missing, the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request
from werkzeug.utils import redirect

from projections.engine.positions import Behind, PositionUnknown
from projections.paging.query import Cursor, GridPage, InvalidParameterError
from web.pages.remembering import seen
from web.pages.texts import status_words
from web.pages.visitor import translate
from web.parameters import invalid_parameter
from web.requests import unknown_parameters

T = TypeVar("T")

# Where in a list one is and how it is shown: no filter, and not part of a saved view.
PLACE = frozenset({"cursor", "min_position", "limit", "count"})
OWN = frozenset({"columns"})
NO_FILTER = PLACE | OWN | {"sort"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: ``kind`` says how a value is shown, ``sort`` whether the list can be ordered by it."""

    name: str
    label: str
    kind: str = "text"
    sort: bool = True
    currency: str = "currency"


@dataclass(frozen=True, slots=True)
class Filter:
    """A question that can be asked of a list: the parameters it is asked with, and for choices their values."""

    label: str
    kind: str
    names: tuple[str, ...]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of an address: every parameter as it came, without those that are the page's own."""

    path: str
    pairs: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()

    @property
    def sort(self) -> str:
        return next((value for name, value in self.pairs if name == "sort"), "")

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What narrows the list down."""
        return [(name, value) for name, value in self.pairs if name not in NO_FILTER]

    def first(self, name: str) -> str:
        return next((value for key, value in self.pairs if key == name), "")

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def address(self, *, without: Sequence[str] = (), **more: str) -> str:
        """The same list, without its place and some parameters, with others."""
        left_out = {*PLACE - {"limit"}, *without, *more}
        kept = [pair for pair in self.pairs if pair[0] not in left_out]
        kept += [(name, value) for name, value in more.items() if value]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def less(self, name: str, value: str) -> str:
        """The same list without one filter."""
        kept = [pair for pair in self.pairs if pair[0] not in PLACE - {"limit"} and pair != (name, value)]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def first_page(self) -> "Asked":
        """The same question from its beginning."""
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair[0] not in {"cursor", "min_position"}))

    def query(self) -> str:
        """What a saved view keeps: filters and sort."""
        return urlencode([pair for pair in self.pairs if pair[0] not in PLACE])

    def api(self) -> str:
        """The query string of the API's list, place and all."""
        return urlencode(self.pairs)

    def export(self, columns: Sequence[Column]) -> str:
        """The query string of the same list as a file, with these columns."""
        pairs = [pair for pair in self.pairs if pair[0] not in PLACE]
        pairs += [("columns", ",".join(column.name for column in columns))] if columns else []
        return f"?{urlencode(pairs)}" if pairs else ""

    def beyond(self, cursor: Cursor | None) -> str | None:
        return None if cursor is None else self.address(cursor=cursor.token())


@dataclass(slots=True)
class Listed:
    """A list as its template shows it."""

    asked: Asked
    columns: Sequence[Column]
    items: Sequence[Mapping[str, Any]]
    next: str | None
    previous: str | None
    position: int
    filters: tuple[Filter, ...] = ()
    warnings: Sequence[Any] = ()
    every_column: tuple[Column, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def headers(self) -> Iterator[tuple[Column, str | None, str | None]]:
        """Each column, where its header leads, and how the list is sorted by it."""
        wanted = self.asked.sort or self.more.get("default_sort", "")
        for column in self.columns:
            direction = None
            if wanted.removeprefix("-") == column.name:
                direction = "descending" if wanted.startswith("-") else "ascending"
            turned = column.name if direction == "descending" or (direction is None and column.kind == "text") else ""
            yield column, self.asked.address(sort=turned or f"-{column.name}") if column.sort else None, direction

    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Each filter: its name, its value, and where the list is without it."""
        known = {name: each for each in self.filters for name in each.names}
        for name, value in self.asked.filters:
            label = known[name].label if name in known else (translate("Search") if name == "q" else name)
            chosen = name in known and value in known[name].choices
            shown = translate(status_words(value)) if chosen else value
            yield f"{label}{_end(name)}", shown, self.asked.less(name, value)


def _end(name: str) -> str:
    """Which end of a range a parameter is."""
    ends = {"_from": " ≥", "_to": " ≤", "_min": " ≥", "_max": " ≤"}
    return next((sign for end, sign in ends.items() if name.endswith(end)), ":")


def asked_of(known: frozenset[str]) -> Asked:
    """The question of the request at hand; raises Problem 400 for a parameter that does not exist."""
    pairs = list(request.args.items(multi=True))
    strange = sorted({name for name, _ in pairs} - known - OWN)
    if strange:
        raise unknown_parameters(strange)
    columns = tuple(name for name in request.args.get("columns", "").split(",") if name)
    return Asked(request.path, tuple(pair for pair in pairs if pair[0] not in OWN), columns)


def tidied() -> Any:
    """Where to go when the address has parameters without a value, as a form sends them; None when it has none."""
    pairs = list(request.args.items(multi=True))
    kept = [(name, value) for name, value in pairs if value.strip()]
    if len(kept) == len(pairs):
        return None
    return redirect(f"{request.path}?{urlencode(kept)}" if kept else request.path, 303)


def read(asked: Asked, parse: Callable[[Mapping[str, Sequence[str]]], T]) -> T:
    """The query as the readers know it; raises Problem for what the API would turn down."""
    given: dict[str, list[str]] = {}
    for name, value in asked.pairs:
        given.setdefault(name, []).append(value)
    try:
        return parse(given)
    except InvalidParameterError as error:
        raise invalid_parameter(error.name, error.message, malformed=error.malformed) from None


Q = TypeVar("Q")


def page_of(asked: Asked, parse: Callable[[Mapping[str, Sequence[str]]], Q], reader: Callable[[Q], T]) -> T:
    """The page, at least as of the person's own last command; when that takes too long, as it is."""
    position = seen()
    if position is None or asked.first("min_position"):
        return reader(read(asked, parse))
    fresh = Asked(asked.path, (*asked.pairs, ("min_position", str(position))))
    try:
        return reader(read(fresh, parse))
    except (Behind, PositionUnknown):
        return reader(read(asked, parse))


def items_of(page: GridPage) -> list[dict[str, Any]]:
    """The rows of a page."""
    rows: list[dict[str, Any]] = msgspec.json.decode(b"[" + page.items + b"]")
    return rows
