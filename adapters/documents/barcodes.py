"""Bars and squares: the widths of a Code 128, the module a label printer can print exactly, a QR code's dark runs.

Widths are in modules and alternate bar, space, bar. This module draws nothing: whoever draws must keep the quiet zones.
"""

from collections.abc import Iterator

import segno
from reportlab.graphics.barcode.code128 import Code128  # type: ignore[import-untyped]

DOT = 72 / 203
"""A dot of the usual label printer (203 dpi), in points."""

QUIET_MODULES = 10
_FNC1 = "\xf1"


def gs1_bars(element_string: str) -> list[int]:
    """The bars of a GS1-128; ``element_string`` is AI and data without parentheses."""
    return _bars(_FNC1 + element_string)


def code128_bars(text: str) -> list[int] | None:
    """The bars of a Code 128; None for text that it cannot hold (anything but printable ASCII)."""
    return _bars(text) if text.isascii() and text.isprintable() and text else None


def _bars(value: str) -> list[int]:
    code = Code128(value, quiet=0)
    code.validate()
    code.encode()
    return [ord(letter) - 64 if letter.isupper() else ord(letter) - 96 for letter in code.decompose()]


def dots_per_module(bars: list[int], width: float, most: int) -> int:
    """Dots of a label printer per module, so that code and quiet zones fit into ``width`` points; 0: it cannot."""
    modules = sum(bars) + 2 * QUIET_MODULES
    return min(most, int(width / DOT / modules))


def qr_runs(text: str) -> tuple[int, list[tuple[int, int, int]]]:
    """A QR code: modules per side and its dark runs as (column, row, length); quiet zone not included."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    return len(rows), [run for number, row in enumerate(rows) for run in _runs(number, row)]


def _runs(number: int, row: list[int]) -> Iterator[tuple[int, int, int]]:
    start = None
    for column, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, number, column - start
            start = None
