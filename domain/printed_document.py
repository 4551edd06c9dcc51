"""A document on paper as it is handed over, and the reason why there is none.

Who prints and who offers it over HTTP are strangers to each other, and both speak of it in these words.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A PDF, and a name to keep it under."""

    name: str
    pdf: bytes


class NothingToPrint(Exception):
    """The document exists and cannot be had in this form now; ``code`` names why for programs.

    ``errors`` are pointers to what is in the way, each with a sentence.
    """

    def __init__(self, code: str, detail: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.errors = errors
