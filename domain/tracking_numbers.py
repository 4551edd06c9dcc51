"""Carriers' numbers: when two ways of writing one are the same number.

Labels print ``1Z 999 AA1``, carriers report ``1Z999AA1`` and people type ``1z999-aa1``: spaces, hyphens, case and
invisible characters do not count. A number is shown as it was given and compared by its key. Keys contain no space,
so a space can stand between them and whatever is written beside them.
"""

import unicodedata

# Spaces, hyphens and dashes, and what is not seen at all: control and format characters.
_NOTHING = frozenset({"Zs", "Zl", "Zp", "Pd", "Cc", "Cf"})
_MINUS = "\u2212"


def plain_number(tracking_number: str) -> str:
    """The number without what does not count; empty when nothing else is in it."""
    if tracking_number.isascii() and tracking_number.isalnum():
        return tracking_number.upper()
    written = unicodedata.normalize("NFKC", tracking_number).upper()
    return "".join([sign for sign in written if sign != _MINUS and unicodedata.category(sign) not in _NOTHING])


def number_key(carrier: str, tracking_number: str) -> str:
    """Under which a number of a carrier is known."""
    return f"{carrier} {plain_number(tracking_number)}"
