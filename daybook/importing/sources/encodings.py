"""How the letters of a foreign file are encoded: as its mark says, else as people say, never by a guess.

A spreadsheet program saves "Unicode text" as UTF-16, and its plain CSV in whatever the computer is set to. What cannot
be told is asked for, with a piece of the file as each of the usual encodings reads it.
"""

import codecs
import re
from pathlib import Path

from daybook.importing.sources.refused import Unreadable

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
USUAL = ("cp1252", "cp1250", "mac_roman", "shift_jis", "gb18030")
UNMARKED = {"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32", "utf-7"}
LOOKED_AT = 4_096
READ_AT_ONCE = 1 << 20
PIECE_MAX = 60
_PIECES = re.compile(rb'[,;\t"\r\n]')


def encoding_of(path: Path, named: str) -> str:
    """The encoding to read with: that of the mark at the beginning, else the ``named`` one.

    Raises Unreadable where the named one would read every letter with an accent wrong.
    """
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    zeros = [start[first::2].count(0) for first in (0, 1)]
    if max(zeros) > len(start) // 4 and not min(zeros):  # no text has a zero byte but in UTF-16
        return "utf-16-le" if zeros[1] else "utf-16-be"
    known = codecs.lookup(named).name
    if not known.startswith("utf") and known not in UNMARKED and _is_utf8(path):
        raise Unreadable(f"{path} is encoded as UTF-8, not as {named}. Leave --encoding out")
    return named


def _is_utf8(path: Path) -> bool:
    """Whether all of it is UTF-8, with a letter that another encoding would have written otherwise."""
    decoder, beyond_ascii = codecs.getincrementaldecoder("utf-8")(), False
    try:
        with path.open("rb") as file:
            while read := file.read(READ_AT_ONCE):
                beyond_ascii = not decoder.decode(read).isascii() or beyond_ascii
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return beyond_ascii


def not_encoded_as(path: Path, encoding: str) -> Unreadable:
    """What to tell people of a file that has letters which its encoding does not know."""
    line, piece = _first_wrong(path, encoding)
    read = {name: text for name in USUAL if name != encoding and (text := _as(piece, name))}
    choices = [f"--encoding {name} reads {text!r}" for name, text in read.items()]
    shown = f": {', '.join(choices)}. Name the one that reads right" if choices else ""
    named = "UTF-8" if codecs.lookup(encoding).name.startswith("utf-8") else encoding
    return Unreadable(f"{path} is not encoded as {named}. Line {line} tells in what it is{shown}")


def _first_wrong(path: Path, encoding: str) -> tuple[int, bytes]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not _as(line, encoding):
                return number, next((each for each in _PIECES.split(line) if each and not _as(each, encoding)), line)
    return 1, b""


def _as(piece: bytes, encoding: str) -> str:
    """The text in an encoding, as much as is shown of it; "" where it has none in that."""
    try:
        return piece.decode(encoding)[:PIECE_MAX]
    except UnicodeDecodeError:
        return ""
