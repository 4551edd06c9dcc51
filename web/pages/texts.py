"""The texts of the pages in the visitor's language: English as written in the templates, others from `.po` files.

The files are read when the process starts, so there is no build step. A text without a translation stays English.
"""

import re
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from web.pages.formats import LANGUAGES

CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=8)
def translations(language: str) -> NullTranslations:
    """The texts of a language."""
    source = files("web.pages") / "translations" / f"{language}.po"
    if language not in LANGUAGES or not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def words_of(code: str) -> str:
    """A code as English words: ``partially_paid`` is "Partially paid"."""
    words = code.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def status_words(code: str) -> str:
    """A status as English words: an order on which nothing was paid or asked is called unpaid, not "None"."""
    return "Unpaid" if code == "none" else words_of(code)


def event_words(name: str) -> str:
    """The name of an event as English words: ``ItemsInvoiced`` is "Items invoiced"."""
    words = CAPITAL.sub(" ", name).strip().lower()
    return words[:1].upper() + words[1:]
