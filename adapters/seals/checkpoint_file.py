"""The file of checkpoints outside the database: notes one after another, only ever added to.

Copy it away, or have it on another machine's disk: what it says can then not be unsaid by who owns the database. A note
that was cut off by a crash is taken away again before the next one is written; nothing else is ever changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.private_files import make_folder
from eventstore.seals.checkpoint import SignedCheckpoint, listed, read_notes
from eventstore.seals.note import NoteError

_TAIL_BYTES = 65_536
_DASH = "\N{EM DASH} "


class CheckpointFile:
    """One writer at a time: the sealer, which holds a lock for that."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> SignedCheckpoint | None:
        """The last whole note; None when there is none. What is behind it is cut off. Raises OSError, NoteError."""
        if not self.path.exists():
            return None
        with self.path.open("rb+") as file:
            end = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, end - _TAIL_BYTES))
            tail = file.read()
            note, whole_bytes = _last_note(tail)
            if start + whole_bytes < end:
                file.truncate(start + whole_bytes)
        return None if note is None else SignedCheckpoint.parse(note, str(self.path))

    def write(self, note: str) -> None:
        """Add a note, on the disk when this returns. Raises OSError, and then nothing was added."""
        make_folder(self.path.parent, 0o711)
        with self.path.open("ab") as file:
            before = file.tell()
            try:
                file.write(listed(note).encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self.path, before)
                raise

    def read(self) -> Iterator[SignedCheckpoint]:
        """All of them, in their order. Raises OSError, NoteError."""
        for note in read_checkpoint_notes(self.path):
            yield SignedCheckpoint.parse(note, str(self.path))


def read_checkpoint_notes(path: Path) -> Iterator[str]:
    """The notes in a file: a single one, or a list of them. Raises OSError, NoteError."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from read_notes(file)
    except UnicodeDecodeError:
        raise NoteError("a note is UTF-8") from None


def _last_note(tail: bytes) -> tuple[str | None, int]:
    """The last whole note in the end of a file, and where it ends there."""
    blocks = tail.split(b"\n\n")
    for last in range(len(blocks) - 2, 0, -1):
        if blocks[last].startswith(_DASH.encode()):
            note = blocks[last - 1] + b"\n\n" + blocks[last] + b"\n"
            return note.decode(), sum(len(block) + 2 for block in blocks[: last + 1])
    return None, 0 if len(tail) < _TAIL_BYTES else len(tail)
