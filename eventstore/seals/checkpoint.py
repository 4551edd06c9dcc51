"""Checkpoints: how many events the log had and the root of their tree, signed. C2SP tlog-checkpoint.

A list of checkpoints, as the file outside the database is one, is notes one after another, each followed by an empty
line; a file with a single note reads the same.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eventstore.seals.note import Note, NoteError, SigningKey, checked_name, decoded, sign
from eventstore.seals.tree import HASH_BYTES

_SIZE = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)
NOTE_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log stood for: its first ``size`` events have this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    def signed(self, keys: Iterable[SigningKey]) -> str:
        """The checkpoint as a note."""
        return sign(self.text, keys)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """From a note's text; lines behind the third are of no concern to us. Raises NoteError."""
        lines = text.splitlines()
        if len(lines) < 3 or not _SIZE.fullmatch(lines[1]):
            raise NoteError("a checkpoint is three lines: the log's name, how many events, and their root")
        root = decoded(lines[2], "the root of a checkpoint")
        if len(root) != HASH_BYTES:
            raise NoteError("the root of a checkpoint has 32 bytes")
        return cls(checked_name(lines[0]), int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the note that it stands in."""

    checkpoint: Checkpoint
    note: Note
    source: str = ""

    @classmethod
    def parse(cls, note: str, source: str = "") -> SignedCheckpoint:
        """Raises NoteError."""
        parsed = Note.parse(note)
        return cls(Checkpoint.parse(parsed.text), parsed, source)


def read_notes(lines: Iterable[str]) -> Iterator[str]:
    """The notes of a list, one by one. Raises NoteError for what does not end as a note does."""
    note: list[str] = []
    empty = 0
    for line in lines:
        if line != "\n":
            note.append(line)
        elif note:
            empty += 1
            if empty == 2:
                yield "".join(note)
                note, empty = [], 0
                continue
            note.append(line)
        if sum(map(len, note[-1:])) > NOTE_BYTES_MAX:
            raise NoteError("a line is longer than any of a checkpoint")
    if note:
        yield "".join(note)


def listed(note: str) -> str:
    """A note as it stands in a list."""
    return f"{note}\n"
