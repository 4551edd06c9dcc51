"""Folders and files with secrets in them: made with exactly the rights they need, whatever the umask says.

What exists already keeps its rights: it may be somebody's own choice.
"""

import os
from pathlib import Path


def make_folder(path: Path, mode: int) -> None:
    """Create a folder (and missing ones above it) with this mode, unless it exists."""
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)


def write_private(path: Path, text: str) -> Path:
    """Write a file only its owner may read, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return path
