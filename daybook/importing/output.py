"""Where an import writes its results and its report: a file, or standard output for "-"."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def output_file(name: str) -> Iterator[BinaryIO]:
    """The file of that name, emptied; standard output for "-"."""
    if name == "-":
        yield sys.stdout.buffer
    else:
        with Path(name).open("wb") as file:
            yield file
