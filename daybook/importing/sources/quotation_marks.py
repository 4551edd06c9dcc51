"""Rows of a table that go over several lines: texts with line ends in them, or a quotation mark that is not closed.

Such a mark makes one row of several, up to the next mark, and the number of fields may be right all the same. That is
told by what stands below: a line that is a whole row by itself, or a letter right behind a closing mark.
"""

import csv
from collections.abc import Iterator, Sequence
from functools import cached_property

MARK = '"'


class Marked:
    """The lines that one row is made of; the first line has the number 0."""

    def __init__(self, lines: Sequence[str], delimiter: str, columns: int) -> None:
        self.lines = len(lines)
        self._lines = list(lines) if len(lines) > 1 else []
        self._delimiter = delimiter
        self._columns = columns

    def is_broken(self, *, wrong_count: bool) -> bool:
        """Whether a mark in it was not closed."""
        return bool(self._lines) and (wrong_count or bool(self.whole_rows) or not self._is_well_formed)

    @cached_property
    def whole_rows(self) -> list[tuple[int, list[str]]]:
        """The lines below the first that are rows by themselves."""
        enough = self._columns - 1
        found = []
        for number, line in enumerate(self._lines[1:], start=1):
            fields = self._alone(line) if line.count(self._delimiter) >= enough else []
            if len(fields) == self._columns:
                found.append((number, fields))
        return found

    @property
    def swallowed(self) -> list[tuple[int, list[str]]]:
        """Of a broken row, the lines below the first that have enough fields for a row, marks or not."""
        enough = self._columns - 1
        below = list(enumerate(self._lines))[1:]
        return [
            (number, [field.strip(MARK) for field in line.rstrip("\r\n").split(self._delimiter)])
            for number, line in below
            if line.count(self._delimiter) >= enough
        ]

    @property
    def opened(self) -> int:
        """The line with the mark that is not closed: of those that go over a line end, the one above a whole row."""
        spans = list(self._spans())
        rows = [number for number, _ in self.whole_rows] or [self.lines - 1]
        over = [begin for begin, end in spans if any(begin < row <= end for row in rows)]
        return (over or [begin for begin, end in spans if end > begin] or [0])[0]

    def on_first_line(self, fields: Sequence[str]) -> list[str]:
        """Of the fields of the row those that stand on its first line, as if the mark were not there."""
        over = next((place for place, text in enumerate(fields) if "\n" in text or "\r" in text), len(fields))
        rest = fields[over].splitlines()[0].split(self._delimiter) if over < len(fields) else []
        return [*fields[:over], *rest]

    def _alone(self, line: str) -> list[str]:
        return next(csv.reader([line], delimiter=self._delimiter), [])

    @property
    def _is_well_formed(self) -> bool:
        try:
            list(csv.reader(self._lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return False
        return True

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Where each quoted text begins and ends."""
        begin, closed, at_start = -1, -1, True
        for number, line in enumerate(self._lines):
            for letter in line:
                if letter == MARK and closed >= 0:  # a second one: a mark within the text
                    closed = -1
                elif letter == MARK and begin >= 0:
                    closed = number
                elif letter == MARK and at_start:
                    begin = number
                elif closed >= 0:
                    yield begin, closed
                    begin = closed = -1
                at_start = begin < 0 and letter in {self._delimiter, "\n", "\r"}
        if begin >= 0:
            yield begin, self.lines - 1
