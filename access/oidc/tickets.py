"""What a browser keeps of a sign-in under way: signed by this installation, and good for some minutes.

So nobody can make one up: an answer of the provider is looked at only where its sign-in was begun here.
"""

import hmac
import re
import secrets
import time
from base64 import urlsafe_b64encode

TICKET_SECONDS = 600
_TICKET = re.compile(r"[A-Za-z0-9_-]{43}[0-9a-f]{10}[A-Za-z0-9_-]{43}")
_SIGNED = 53


def new_ticket(key: bytes) -> str:
    """256 random bits with the time, signed: 96 characters that may stand in a cookie."""
    body = f"{secrets.token_urlsafe(32)}{int(time.time()):010x}"
    return body + derived(key, f"ticket {body}")


def is_good(ticket: str, key: bytes) -> bool:
    """Whether it was made with this key, not long ago."""
    if not _TICKET.fullmatch(ticket):
        return False
    body, signature = ticket[:_SIGNED], ticket[_SIGNED:]
    if not hmac.compare_digest(signature, derived(key, f"ticket {body}")):
        return False
    return 0 <= time.time() - int(body[43:], 16) + 1 <= TICKET_SECONDS


def derived(secret: bytes, purpose: str) -> str:
    """A value of 43 characters that tells nothing of the secret, nor of one for another purpose."""
    return plain(hmac.digest(secret, f"daybook sign-in {purpose}".encode(), "sha256"))


def plain(digest: bytes) -> str:
    """Bytes as they may stand in an address."""
    return urlsafe_b64encode(digest).decode().rstrip("=")
