"""What keeps a document from being an electronic invoice, as something that people can act on."""

from collections.abc import Sequence
from dataclasses import dataclass

MISSING = "einvoice_data_missing"
NOT_APPLICABLE = "einvoice_not_applicable"
CONTRADICTION = "einvoice_amounts_contradict"
CODES = (MISSING, NOT_APPLICABLE, CONTRADICTION)


@dataclass(frozen=True, slots=True)
class Lack:
    """A field that has no usable value: a pointer to it, and what is wanted and where it is set."""

    pointer: str
    message: str


class EInvoiceImpossible(Exception):
    """The document cannot be said in EN 16931. ``code`` is stable; ``lacks`` name each field."""

    def __init__(self, code: str, detail: str, lacks: Sequence[Lack] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.lacks = tuple(lacks)


def missing(lacks: Sequence[Lack]) -> EInvoiceImpossible:
    """The refusal over fields that are missing."""
    names = ", ".join(lack.pointer for lack in lacks)
    return EInvoiceImpossible(MISSING, f"An electronic invoice needs what is not known: {names}.", lacks)
