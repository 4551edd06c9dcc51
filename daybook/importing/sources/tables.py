"""Tables of foreign files, row by row with the line each stands on; separators, marks and encodings as they come.

A row that has more or fewer fields than the head is refused with its line: what moved by a column is never guessed.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from daybook.importing.sources.order import Notes, Place
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


class Table(Protocol):
    """What the csv module reads rows with."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def read_table(
    path: Path, encoding: str, required: tuple[str, ...], what: str, *, quoted: bool = True
) -> Iterator[Row]:
    """The rows below the head. Raises Unreadable for a file that is no such table; ``what`` says which it should be.

    Not ``quoted``: a quotation mark is a letter as any other.
    """
    csv.field_size_limit(FIELD_MAX)
    try:
        with path.open(encoding=encoding, newline="") as file:
            delimiter = _delimiter(path, encoding)
            reader = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
            head = [name.strip() for name in next(reader, [])]
            if missing := [name for name in required if name not in head]:
                raise Unreadable(f"{path} is no {what}: it has no column {', '.join(missing)}")
            yield from _rows(path, reader, head)
    except UnicodeDecodeError as error:
        advice = "Name the one it has, such as --encoding cp1252 or --encoding shift_jis."
        raise Unreadable(f"{path} is not encoded as {encoding} ({error.reason}). {advice}") from None
    except csv.Error as error:
        raise Unreadable(f"{path} is no {what}: {error}") from None


def head_of(path: Path, encoding: str) -> list[str]:
    """The names of the columns, to tell files apart."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        return [name.strip() for name in next(csv.reader(file, delimiter=_delimiter(path, encoding)), [])]


def _rows(path: Path, reader: "Table", head: list[str]) -> Iterator[Row]:
    line = reader.line_num + 1
    for fields in reader:
        place, line = Place(path.name, line), reader.line_num + 1
        if not any(fields):
            continue
        fault = "" if len(fields) == len(head) else f"The row has {len(fields)} fields, the head has {len(head)}"
        if fault and (taken := line - place.line) > 1:
            fault += (
                f": a quotation mark in it is not closed, so it goes on to line {line - 1}. Nothing of these {taken} "
                "lines was taken; put the mark right, and import the file again"
            )
        yield Row(place, dict(zip(head, fields, strict=False)), fault)


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
