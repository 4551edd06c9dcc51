"""Numbers of orders and documents as people read them: nine digits, behind the prefix of their series if it has one."""


def number_text(number: int | None, prefix: str = "") -> str | None:
    """The text of a number; None while there is none."""
    return None if number is None else f"{prefix}{number:09d}"
