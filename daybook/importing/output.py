"""Where an import writes its results and its report: a file, or standard output for "-"."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
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


def unused_name(stem: str, ending: str) -> str:
    """``stem``.``ending``, or with a number from 2 where there is such a file: what an earlier run said is kept."""
    names = (f"{stem}.{ending}" if number == 1 else f"{stem}-{number}.{ending}" for number in count(1))
    return next(name for name in names if not Path(name).exists())
