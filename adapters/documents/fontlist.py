"""Which font files there are besides the shipped ones, and which characters each of them has.

Fontconfig is asked where it is installed; else the usual folders are looked through. The order is fixed by what the
fonts are called, never by what was printed before: the same machine prints the same bytes.
"""

import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import uharfbuzz as hb  # type: ignore[import-untyped]

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FOLDERS_OF_MACOS = ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts")
FILES_MAX = 5000
ANSWER_WITHIN_SECONDS = 20
_FIELDS = ("file", "index", "family", "style", "weight", "slant", "outline", "color", "variable", "charset")
_FORMAT = "\\t".join(f"%{{{name}}}" for name in _FIELDS) + "\\n"
_REGULAR, _BOLD = 80, 200  # as fontconfig counts
# Han characters are drawn otherwise in each of these: the ones behind are turned to when the first is not there.
HAN_ORDER = ("JP", "SC", "TC", "KR", "HK")
_PLACEHOLDERS = ("last resort", "lastresort", "adobe blank", "adobe notdef")


class FontError(Exception):
    """A font file that cannot be used; the message names it."""


@dataclass(frozen=True)
class FontFile:
    """A face in a font file; ``charset`` are the ranges of its characters as fontconfig writes them (hexadecimal)."""

    path: Path
    index: int = 0
    family: str = ""
    weight: int = _REGULAR
    slanted: bool = False
    variable: bool = False
    charset: str = ""

    @cached_property
    def _ranges(self) -> tuple[list[int], list[int]]:
        pairs = [part.partition("-") for part in self.charset.split()]
        return [int(first, 16) for first, _, _ in pairs], [int(last or first, 16) for first, _, last in pairs]

    def __contains__(self, char: str) -> bool:
        firsts, lasts = self._ranges
        place = bisect_right(firsts, ord(char)) - 1
        return place >= 0 and ord(char) <= lasts[place]

    def rank(self, *, bold: bool, han: str) -> tuple[object, ...]:
        """Its place among others: upright sans serif of the right weight first; where Han is written, in its way."""
        name = self.family.lower()
        kind = next(
            (place for place, start in enumerate(("noto sans", "noto serif", "noto")) if name.startswith(start)), 3
        )
        odd = sum(word in name for word in ("mono", "display", "nastaliq", "condensed", "unifont"))
        orders = (han, *HAN_ORDER)
        region = next((orders.index(code) for code in HAN_ORDER if self.family.endswith(f" {code}")), 0)
        weight = 0 if self.variable else abs(self.weight - (_BOLD if bold else _REGULAR))
        return (self.slanted, kind, odd, region, name.endswith(" ui"), weight, self.family, str(self.path), self.index)


def installed() -> tuple[FontFile, ...]:
    """The fonts of this machine, in no order."""
    program = shutil.which("fc-list")
    if program is None:
        folders = [Path(name).expanduser() for name in (*FOLDERS, *FOLDERS_OF_MACOS)]
        return tuple(face for folder in folders if folder.is_dir() for face in in_folder(folder))
    try:
        answer = subprocess.run(
            [program, "--format", _FORMAT],
            capture_output=True,
            check=True,
            timeout=ANSWER_WITHIN_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(_listed(answer.stdout.decode(errors="replace").splitlines()))


def _listed(lines: Iterable[str]) -> Iterator[FontFile]:
    for line in lines:
        row = dict(zip(_FIELDS, line.split("\t"), strict=False))
        family = row.get("family", "").partition(",")[0]
        drawn = row.get("outline") == "True" and row.get("color") != "True"
        if not (drawn and row.get("charset")) or family.lower().startswith(_PLACEHOLDERS):
            continue
        yield FontFile(
            path=Path(row["file"]),
            index=int(row["index"]) & 0xFFFF,  # what stands above are named instances
            family=family,
            weight=int(float(row["weight"])) if row["weight"].replace(".", "").isdigit() else _REGULAR,
            slanted=row["slant"] not in {"0", ""},
            variable=row["variable"] == "True",
            charset=row["charset"],
        )


def in_folder(folder: Path) -> tuple[FontFile, ...]:
    """The faces of all font files in and below a folder; files that are none are passed over."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)[:FILES_MAX]
    faces: list[FontFile] = []
    for path in files:
        try:
            faces += faces_of(path)
        except FontError:
            continue
    return tuple(faces)


def faces_of(path: Path) -> tuple[FontFile, ...]:
    """The faces in one file; raises ``FontError``."""
    try:
        blob = hb.Blob.from_file_path(str(path))
        count = max(1, hb.Face(blob).count)
        faces = [hb.Face(blob, index) for index in range(count)]
    except (OSError, hb.HarfBuzzError) as error:
        raise FontError(f"{path} cannot be read as a font: {error}") from None
    found = tuple(_face(path, index, face) for index, face in enumerate(faces) if _has_outlines(face))
    if not found:
        raise FontError(f"{path} is not a TrueType or OpenType font with outlines that can be embedded")
    return found


def _has_outlines(face: hb.Face) -> bool:
    return bool({"glyf", "CFF ", "CFF2"} & set(face.table_tags)) and face.upem > 0 and len(face.unicodes) > 0


def _face(path: Path, index: int, face: hb.Face) -> FontFile:
    family = face.get_name(16) or face.get_name(1) or path.stem
    style = (face.get_name(17) or face.get_name(2) or "").lower()
    return FontFile(
        path=path,
        index=index,
        family=family,
        weight=_BOLD if "bold" in style else _REGULAR,
        slanted="italic" in style or "oblique" in style,
        variable="fvar" in face.table_tags,
        charset=_ranges_of(sorted(face.unicodes)),
    )


def _ranges_of(codes: list[int]) -> str:
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return " ".join(f"{first:x}-{last:x}" for first, last in ranges)
