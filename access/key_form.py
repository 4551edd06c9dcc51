"""What a key looks like: ``dbk_ID_SECRET``. The prefix lets scanners for leaked secrets find it, the ID names it.

The database keeps the SHA-256 of the whole key, which is enough for a random secret (a slow hash is for passwords).
A key must never reach a log line or an error text.
"""

import hmac
import re
import secrets
from hashlib import sha256

PREFIX = "dbk"
KEY = re.compile(r"[a-z]{1,16}_([a-z0-9-]{1,40})_[A-Za-z0-9_-]{16,128}")


def new_key() -> str:
    """A key that nobody has: 192 random bits behind an id of 48."""
    return f"{PREFIX}_{secrets.token_hex(6)}_{secrets.token_hex(24)}"


def key_of_form(secret: bytes, form: str) -> str:
    """The key that a form makes, the same however often it is sent: of all that it says, and what the server knows."""
    drawn = hmac.digest(secret, f"daybook key {form}".encode(), "sha512").hex()
    return f"{PREFIX}_{drawn[:12]}_{drawn[12:60]}"


def id_in(key: str) -> str | None:
    """The id that stands in a key; None for what is no key."""
    matched = KEY.fullmatch(key)
    return matched[1] if matched else None


def named_id(text: str) -> str:
    """The id of the key that somebody names: by its id, by its beginning ``dbk_ID``, or by the whole key."""
    return id_in(text) or text.removeprefix(f"{PREFIX}_")


def hash_of(key: str) -> bytes:
    """What is kept of a key; 32 bytes."""
    return sha256(key.encode()).digest()
