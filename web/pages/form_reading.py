"""From what a browser sends to the body that a program would post: names are paths, empty fields are left out.

Whether a value is right is for the command's schema to say; what cannot be read as a number goes there as it was typed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from web.pages.formats import Writing
from web.pages.schemas import Shape

Json = dict[str, Any]
ROWS_MAX = 600


def body_of(shapes: Sequence[Shape], form: Mapping[str, str], writing: Writing) -> Json:
    """The body that a form stands for."""
    body = _Reading(form, writing).parts(shapes, "")
    if "amount" in body and body.get("lines") == []:
        del body["lines"]  # an amount stands for lines
    return body


class _Reading:
    def __init__(self, form: Mapping[str, str], writing: Writing) -> None:
        self._form = form
        self._writing = writing
        self._comma = writing.locale.number_symbols.get("latn", {}).get("decimal") == ","

    def parts(self, shapes: Sequence[Shape], prefix: str) -> Json:
        found = {shape.name: self._value(shape, f"{prefix}{shape.name}") for shape in shapes}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, shape: Shape, path: str) -> Any:
        match shape.kind:
            case "object":
                return self.parts(shape.parts, f"{path}.") or None
            case "rows":
                return self._rows(shape, path)
            case "texts":
                lines = [line.strip() for line in self._form.get(path, "").splitlines() if line.strip()]
                return lines or None
            case _:
                text = self._form.get(path, "").strip()
                return self._read(shape.kind, text) if text else None

    def _rows(self, shape: Shape, path: str) -> Any:
        """The rows that say something; the word for everything where nothing is named and that is possible."""
        if f"{path}.rows" not in self._form:
            return None
        count = self._form[f"{path}.rows"]
        places = range(min(int(count), ROWS_MAX) if count.isascii() and count.isdigit() and len(count) < 5 else 0)
        rows = [self.parts(shape.parts, f"{path}.{place}.") for place in places]
        said = [row for row in rows if _says_something(row, shape)]
        if not said and shape.word and not places:
            return shape.word
        if len(said) == 1 and said[0].keys() == {"contents"}:
            return None  # one package of everything is what comes by itself
        # A list that may be empty, of which rows were shown: that none is meant is an answer too.
        shown_and_empty = bool(places) and bool(shape.word) and shape.least == 0
        return said if said or shape.required or shown_and_empty else None

    def _read(self, kind: str, text: str) -> Any:
        match kind:
            case "whole":
                digits = text.removeprefix("-")
                return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else text
            case "decimal":
                return text.replace(",", ".") if self._comma and text.count(",") == 1 and "." not in text else text
            case "yes_no":
                return text == "yes"
            case "time":
                return self._time(text)
            case _:
                return text

    def _time(self, text: str) -> str:
        """A local time of the person, as a moment."""
        try:
            return datetime.fromisoformat(text).replace(tzinfo=self._writing.zone).isoformat()
        except ValueError:
            return text


def _says_something(row: Json, shape: Shape) -> bool:
    """Whether a row is meant: of a row with a quantity, or contents, that has to be more than nothing."""
    for name in ("quantity", "contents"):
        if any(part.name == name for part in shape.parts):
            return bool(row.get(name))
    return bool(row)
