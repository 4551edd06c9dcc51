"""Making text fit: onto one line, into lines of a width, into a box. It measures and never draws.

What comes out is printable and within the width it was given, whatever went in.
"""

import re
from collections.abc import Sequence

from adapters.documents.shaping import reads_from_right
from adapters.documents.typeface import FROM_RIGHT, Style

ELLIPSIS = "…"
LEADING = 1.2
_STEP = 0.5
# A long word may be broken after these; anything else only where the line is full.
_BREAKS = re.compile(r"(?<=[-/_.,;:@])")


def one_line(style: Style, content: str | None, size: float, width: float, smallest: float) -> tuple[str, float]:
    """The text and the size at which it is no wider than ``width``; cut when it is not even at ``smallest``."""
    line = style.printable(content)
    natural = style.width(line, size)
    if natural <= width:
        return line, size
    fitted = max(smallest, size * width / natural)
    return (line, fitted) if fitted > smallest else (cut(style, line, smallest, width), smallest)


def cut(style: Style, line: str, size: float, width: float) -> str:
    """``line``, or as much of its beginning as fits with an ellipsis."""
    if style.width(line, size) <= width:
        return line
    room = width - style.width(ELLIPSIS, size)
    head = style.head(line, size, room).rstrip() + ELLIPSIS
    # Shaping may join the ellipsis in another way than it was measured.
    while len(head) > 1 and style.width(head, size) > width:
        head = head[:-2].rstrip() + ELLIPSIS
    return head


def wrap(style: Style, content: str | None, size: float, width: float) -> list[str]:
    """The text in lines of at most ``width``; words that are longer are broken.

    Every line of a text that is written from right to left is, also one that begins with a foreign word.
    """
    line = style.printable(content)
    if not style.is_plain(line) and reads_from_right(line):
        return [_from_right(style, part, size, width) for part in _wrapped(style, line, size, width)]
    return _wrapped(style, line, size, width)


def _from_right(style: Style, line: str, size: float, width: float) -> str:
    turned = FROM_RIGHT + line
    return line if reads_from_right(line) or not style.fits(turned, size, width) else turned


def _wrapped(style: Style, line: str, size: float, width: float) -> list[str]:
    if style.fits(line, size, width):
        return [line]
    lines: list[str] = []
    current = ""
    for word in line.split(" "):
        candidate = f"{current} {word}" if current else word
        if style.fits(candidate, size, width):
            current = candidate
            continue
        if current:
            lines.append(current)
        *full, current = _broken(style, word, size, width)
        lines += full
    return [*lines, current]


def _broken(style: Style, word: str, size: float, width: float) -> list[str]:
    if style.fits(word, size, width):
        return [word]
    lines: list[str] = []
    current = ""
    for part in _BREAKS.split(word):
        if style.fits(current + part, size, width):
            current += part
            continue
        if current:
            lines.append(current)
        current = part
        while not style.fits(current, size, width):
            head = style.head(current, size, width) or style.first(current)
            lines.append(head)
            current = current[len(head) :]
    return [*lines, current] if current else lines


def fit(
    style: Style, paragraphs: Sequence[str | None], box: tuple[float, float], largest: float, smallest: float
) -> tuple[list[str], float]:
    """Paragraphs wrapped at the largest size at which they fit into ``box`` (width, height).

    When they do not even at ``smallest``, every paragraph loses its end before the last ones are lost: of an address,
    the country and the place are the lines that matter.
    """
    width, height = box
    size = largest
    wrapped = [wrap(style, paragraph, size, width) for paragraph in paragraphs]
    while not _fits(wrapped, size, height) and size > smallest:
        size = max(smallest, size - _STEP)
        wrapped = [wrap(style, paragraph, size, width) for paragraph in paragraphs]
    for most in (3, 2, 1):
        if _fits(wrapped, size, height):
            break
        wrapped = [at_most(style, lines, size, width, most=most) for lines in wrapped]
    lines = [line for paragraph in wrapped for line in paragraph]
    return lines[: max(1, int((height + 0.01) / (size * LEADING)))], size


def at_most(style: Style, lines: list[str], size: float, width: float, *, most: int) -> list[str]:
    """The first ``most`` lines, the last with an ellipsis when there were more."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut(style, lines[most - 1] + ELLIPSIS, size, width)]


def _fits(wrapped: Sequence[Sequence[str]], size: float, height: float) -> bool:
    return sum(map(len, wrapped)) * size * LEADING <= height + 0.01
