"""A line of any script as glyphs in their places: direction (Unicode's algorithm), fonts, then HarfBuzz.

What comes out is what is drawn, from left to right, in units of 1/2048 of the font's size, with the characters that
each glyph stands for, so that the text can be found and copied again. Nothing here knows a page.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import uharfbuzz as hb  # type: ignore[import-untyped]
from bidi import algorithm as bidi  # type: ignore[import-untyped]

UNITS = 2048
ZERO_WIDTH_JOINER = "\u200d"
JOINERS = frozenset({"\u200c", ZERO_WIDTH_JOINER})
RIGHT_TO_LEFT = frozenset({"R", "AL"})
_COMMON = "Zyyy"
# Scripts that stack their letters (Burmese, Tibetan) are set smaller, so that lines do not touch.
_HIGHEST = 1.75


@dataclass(frozen=True, slots=True)
class Face:
    """A face to take glyphs from, at a weight if it has several."""

    path: Path
    index: int = 0
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph ``x`` and ``y`` units from the line's start. ``text`` is what it stands for; the glyphs of one
    ``cluster`` share a text, which the first of them carries.
    """

    face: Face
    glyph: int
    x: int
    y: int
    text: str
    cluster: int


@dataclass(frozen=True, slots=True)
class Line:
    """Glyphs from left to right; ``breaks`` are places in the text at which it may be cut, and ``before`` them are so
    many units.
    """

    glyphs: tuple[Glyph, ...]
    width: int
    breaks: tuple[int, ...]
    before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters of one direction, script and face."""

    start: int
    end: int
    level: int
    script: str
    face: Face


def reads_from_right(text: str) -> bool:
    """Whether the first character that has a direction is written from right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in RIGHT_TO_LEFT:
            return True
        if direction == "L":
            return False
    return False


@lru_cache(maxsize=64)
def font_of(face: Face) -> Any:
    """The face ready for shaping and for taking outlines."""
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(face.path)), face.index))
    font.scale = (UNITS, UNITS)
    if face.weight is not None:
        font.set_variations({"wght": float(face.weight)})
    extents = font.get_font_extents("ltr")
    height = extents.ascender - extents.descender
    if height > _HIGHEST * UNITS:
        font.scale = (round(UNITS * UNITS * _HIGHEST / height),) * 2
    return font


@lru_cache(maxsize=8192)
def _script_of(char: str) -> str:
    """The ISO 15924 code of a character's script; that of common ones for what belongs to every script."""
    buffer = hb.Buffer()
    buffer.add_codepoints([ord(char)])
    buffer.guess_segment_properties()
    return buffer.script or _COMMON


def _levels(text: str) -> list[int]:
    """The embedding level of every character: odd ones are written from right to left."""
    base = 1 if reads_from_right(text) else 0
    if not base and not any(unicodedata.bidirectional(char) in RIGHT_TO_LEFT | {"AN"} for char in text):
        return [0] * len(text)
    storage = bidi.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    bidi.get_embedding_levels(text, storage)
    for place, char in enumerate(storage["chars"]):
        char["place"] = place
    for step in (bidi.explicit_embed_and_overrides, bidi.resolve_weak_types, bidi.resolve_neutral_types):
        step(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    known = {char["place"]: char["level"] for char in storage["chars"]}
    levels: list[int] = []
    for place in range(len(text)):  # joiners have no level: they go with what stands before them
        levels.append(known.get(place, levels[-1] if levels else base))
    return levels


def _scripts(text: str) -> list[str]:
    """The script of every character; common ones take that of their neighbours."""
    scripts = [_script_of(char) for char in text]
    last = next((script for script in scripts if script != _COMMON), _COMMON)
    for place, script in enumerate(scripts):
        last = script if script != _COMMON else last
        scripts[place] = last
    return scripts


def line(text: str, faces: Callable[[str], Sequence[Face]]) -> Line:
    """``text`` as one line; ``faces`` answers the face for each of its characters."""
    facts = list(zip(_levels(text), _scripts(text), faces(text), strict=True))
    pieces = []
    start = 0
    for (level, script, face), group in groupby(facts):
        end = start + sum(1 for _ in group)
        pieces.append(_Piece(start, end, level, script, face))
        start = end
    setting = _Setting(text)
    for piece in _from_left(pieces):
        setting.add(piece)
    breaks = sorted(setting.breaks)
    return Line(tuple(setting.glyphs), setting.x, tuple(breaks), tuple(setting.widths_before(breaks)))


def _from_left(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Pieces as they stand on paper (rule L2 of Unicode's bidirectional algorithm)."""
    order = list(pieces)
    highest = max((piece.level for piece in order), default=0)
    for level in range(highest, 0, -1):
        turned: list[_Piece] = []
        for deep, group in groupby(order, key=lambda piece: piece.level >= level):
            members = list(group)
            turned += members[::-1] if deep else members
        order = turned
    return order


class _Setting:
    """A line while its pieces are set one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._codes = list(map(ord, text))
        self.glyphs: list[Glyph] = []
        self.breaks = {0, len(text)}
        self.x = 0
        self._advances = [0] * len(text)

    def _leans(self, place: int) -> bool:
        """Whether the character at a place belongs to what stands before it."""
        char, before = self._text[place], self._text[place - 1] if place else ""
        return unicodedata.category(char)[0] == "M" or char in JOINERS or before == ZERO_WIDTH_JOINER

    def add(self, piece: _Piece) -> None:
        """Set a piece to the right of the others."""
        buffer = hb.Buffer()
        buffer.add_codepoints(self._codes, piece.start, piece.end - piece.start)
        buffer.direction = "rtl" if piece.level % 2 else "ltr"
        buffer.script = piece.script
        buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.language = "und"  # not that of whoever started the process
        hb.shape(font_of(piece.face), buffer)
        starts = sorted({info.cluster for info in buffer.glyph_infos})
        self.breaks.update(place for place in starts if not self._leans(place))
        ends = dict(zip(starts, [*starts[1:], piece.end], strict=True))
        before = None
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            cluster = info.cluster
            text = "" if cluster == before else self._text[cluster : ends[cluster]]
            before = cluster
            self.glyphs.append(
                Glyph(piece.face, info.codepoint, self.x + place.x_offset, place.y_offset, text, cluster)
            )
            self._advances[cluster] += place.x_advance
            self.x += place.x_advance

    def widths_before(self, breaks: Sequence[int]) -> Iterator[int]:
        """How wide the text before each of these places is, in whatever direction it stands."""
        sums = [0, *accumulate(self._advances)]
        return (sums[place] for place in breaks)
