"""What the next page has to know of the last step: a sentence about it, and from where in the log on lists must be.

Both lie in a cookie for some seconds. It holds no secret, and nothing is decided by it.
"""

from typing import Any
from urllib.parse import quote, unquote

from flask import request

TOLD = "daybook_told"
SEEN = "daybook_seen"
SECONDS = 30
TOLD_MAX = 600


def remember(answer: Any, told: str, position: int | None) -> None:
    """Let the next page say ``told`` and its lists wait for ``position``."""
    answer.set_cookie(TOLD, quote(told[:TOLD_MAX]), max_age=SECONDS, httponly=True, samesite="Lax", path="/")
    if position is not None:
        answer.set_cookie(SEEN, str(position), max_age=SECONDS, httponly=True, samesite="Lax", path="/")


def told() -> str:
    """What is to be said on this page."""
    return unquote(request.cookies.get(TOLD, ""))[:TOLD_MAX]


def forget(answer: Any) -> None:
    """Say it once."""
    if TOLD in request.cookies and "Set-Cookie" not in answer.headers:
        answer.delete_cookie(TOLD, httponly=True, samesite="Lax", path="/")


def seen() -> int | None:
    """The position of the person's own last command, while lists may not have it yet."""
    text = request.cookies.get(SEEN, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
