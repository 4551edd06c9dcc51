"""Rows as files that spreadsheets open: CSV piece by piece, XLSX by way of a temporary file. Both in constant memory.

Numbers are numbers and times times. A text that a spreadsheet would take for a formula is made harmless; nothing is
ever left out in silence.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

ROWS_MAX = 1_048_575  # of a worksheet, without its header
PIECE_BYTES = 64 * 1024
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Rows = Iterable[Sequence[dict[str, Any]]]


class TooManyRows(Exception):
    """A worksheet cannot hold the list."""


def harmless(value: Any, *, amount: bool) -> Any:
    """A value for a cell of CSV: a text that begins like a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, str) and not amount and value.startswith(FORMULA):
        return f"'{value}"
    return value


def csv_pieces(rows: Rows, columns: Sequence[str], amounts: frozenset[str], *, bom: bool) -> Iterator[bytes]:
    """The file as UTF-8, header first, a piece for each piece of rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if bom:
        text.write(BYTE_ORDER_MARK)
    writer.writerow(columns)
    kinds = [(column, column in amounts) for column in columns]
    for piece in rows:
        writer.writerows([harmless(row.get(column), amount=amount) for column, amount in kinds] for row in piece)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    if text.tell():
        yield text.getvalue().encode()


def xlsx_file(
    rows: Rows,
    columns: Sequence[str],
    amounts: frozenset[str],
    times: frozenset[str],
    *,
    rows_max: int = ROWS_MAX,
) -> IO[bytes]:
    """The workbook as an open temporary file; raises TooManyRows. Times are in UTC, which their header says."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    try:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
            _Sheet(workbook, columns, amounts, times).fill(rows, rows_max)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


class _Sheet:
    """The one sheet of a workbook, written row by row."""

    def __init__(self, workbook: Any, columns: Sequence[str], amounts: frozenset[str], times: frozenset[str]) -> None:
        self._sheet = workbook.add_worksheet()
        self._columns = list(enumerate(columns))
        self._amounts = amounts
        self._times = times
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._plain = workbook.add_format({"quote_prefix": True})
        self._sheet.write_row(0, 0, [f"{name} (UTC)" if name in times else name for name in columns])

    def fill(self, rows: Rows, rows_max: int) -> None:
        for place, row in enumerate((row for piece in rows for row in piece), start=1):
            if place > rows_max:
                raise TooManyRows
            for column, name in self._columns:
                value = row.get(name)
                if value is not None and value != "":
                    self._cell(place, column, name, value)

    def _cell(self, place: int, column: int, name: str, value: Any) -> None:
        if name in self._times:
            self._sheet.write_datetime(place, column, _naive(value), self._moment)
        elif name in self._amounts:
            self._sheet.write_number(place, column, Decimal(value))
        elif isinstance(value, str):
            self._sheet.write_string(place, column, value, self._plain if value.startswith(FORMULA) else None)
        else:
            self._sheet.write_number(place, column, value)


def _naive(text: str) -> datetime:
    """A workbook knows no zones: the time in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """The file, to be sent, and closed in the end."""
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece
