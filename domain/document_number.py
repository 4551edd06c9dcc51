"""Numbers of orders and documents as people read them: nine digits, behind the prefix of their series if it has one.

An order or document that came with a number of its own keeps that, whatever it looks like.
"""

from typing import Any


def number_text(number: int | None, prefix: str = "") -> str | None:
    """The text of a number; None while there is none."""
    return None if number is None else f"{prefix}{number:09d}"


def as_read(number: str) -> str:
    """What people take for the same number: its case, a # in front of it and leading zeros do not count."""
    folded = number.removeprefix("#").casefold()
    return folded.lstrip("0") or "0" if folded.isascii() and folded.isdigit() else folded


def number_of(event: Any) -> str | None:
    """The number of what ``event`` brought into being, its own or that of its series; None where it brought nothing."""
    external = getattr(event, "external", None)
    own: str | None = external.number if external else getattr(event, "order_number", None)
    return own or number_text(getattr(event, "number", None), getattr(event, "prefix", ""))
