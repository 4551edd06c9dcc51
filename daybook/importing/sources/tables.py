"""Tables of foreign files, row by row with the line each stands on; separators, marks and encodings as they come.

A row that has more or fewer fields than the head is refused with its line: what moved by a column is never guessed.
Nor is what a quotation mark that is not closed makes of the rows below it: each of them is refused.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from daybook.importing.sources.encodings import encoding_of, not_encoded_as
from daybook.importing.sources.order import Notes, Place
from daybook.importing.sources.quotation_marks import Marked
from daybook.importing.sources.refused import Unreadable

FIELD_MAX = 1_000_000
SNIFFED_BYTES = 65_536
KEPT = "attributes"
LINE_KEPT = "lines[].attributes"
ATTRIBUTE_MAX = 1_000


class Row(NamedTuple):
    """What a row says by column, and where it stands; ``fault`` is why it cannot be read."""

    place: Place
    values: dict[str, str]
    fault: str = ""


class Lines:
    """The lines of a file, and those that the row which is read just now is made of."""

    def __init__(self, file: Iterator[str]) -> None:
        self._file = file
        self.read = 0
        self.of_row: list[str] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        self.of_row.append(next(self._file))
        self.read += 1
        return self.of_row[-1]


def read_table(
    path: Path, encoding: str, required: tuple[str, ...], what: str, *, quoted: bool = True
) -> Iterator[Row]:
    """The rows below the head. Raises Unreadable for a file that is no such table; ``what`` says which it should be.

    Not ``quoted``: a quotation mark is a letter as any other.
    """
    csv.field_size_limit(FIELD_MAX)
    found = encoding_of(path, encoding)
    try:
        with path.open(encoding=found, newline="") as file:
            yield from _rows(path, Lines(file), _delimiter(path, found), required, what, quoted=quoted)
    except UnicodeError:
        raise not_encoded_as(path, found) from None


def head_of(path: Path, encoding: str) -> list[str]:
    """The names of the columns, to tell files apart."""
    found = encoding_of(path, encoding)
    try:
        with path.open(encoding=found, newline="", errors="replace") as file:
            return [name.strip() for name in next(csv.reader(file, delimiter=_delimiter(path, found)), [])]
    except UnicodeError:
        raise not_encoded_as(path, found) from None


def _rows(
    path: Path, lines: Lines, delimiter: str, required: tuple[str, ...], what: str, *, quoted: bool
) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    first = 1
    try:
        head = [name.strip() for name in next(reader, [])]
        if missing := [name for name in required if name not in head]:
            raise Unreadable(f"{path} is no {what}: it has no column {', '.join(missing)}")
        lines.of_row.clear()
        first = lines.read + 1
        for fields in reader:
            if any(fields) and [field.strip() for field in fields] != head:  # files that were put together
                yield from _row(path, first, fields, head, Marked(lines.of_row, delimiter, len(head)))
            lines.of_row.clear()
            first = lines.read + 1
    except csv.Error as error:
        opened = f"the quotation mark that opens on line {first} is not closed" if len(lines.of_row) > 1 else str(error)
        raise Unreadable(f"{path} is no {what}: {opened}. Put it right, and import the file again") from None


def _row(path: Path, first: int, fields: list[str], head: list[str], marked: Marked) -> Iterator[Row]:
    """The row; where an open quotation mark made one of several, each of them, none of which is taken."""
    values = dict(zip(head, fields, strict=False))
    fault = "" if len(fields) == len(head) else f"The row has {len(fields)} fields, the head has {len(head)}"
    if marked.is_broken(wrong_count=bool(fault)):
        begin, last = first + marked.opened, first + marked.lines - 1
        fault = (
            f"A quotation mark that opens on line {begin} is not closed where its text ends, so that nothing of the "
            f"lines {first} to {last} was taken. Put the mark right (one within a text is written twice, one that is "
            "too many goes), and import the file again"
        )
        values = dict(zip(head, marked.on_first_line(fields), strict=False))
    yield Row(Place(path.name, first), values, fault)
    for number, swallowed in marked.swallowed if fault else ():
        yield Row(Place(path.name, first + number), dict(zip(head, swallowed, strict=False)), fault)


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        first = file.readline(SNIFFED_BYTES)
    return max("\t,;", key=first.count)


def keep_the_rest(values: Mapping[str, str], fields: Mapping[str, str], kept_as: str, notes: Notes) -> dict[str, str]:
    """What goes into ``attributes`` under its own name; a column that nobody knows is dropped and said so."""
    kept = {}
    for name, value in values.items():
        if not value.strip():
            continue
        where = fields.get(name)
        if where is None:
            notes.dropped.append(f"column {name!r}: {value.strip()[:200]}")
        elif where == kept_as:
            kept[name] = value.strip()[:ATTRIBUTE_MAX]
            if len(value.strip()) > ATTRIBUTE_MAX:
                notes.dropped.append(f"column {name!r}: what is beyond {ATTRIBUTE_MAX} characters")
    return kept
