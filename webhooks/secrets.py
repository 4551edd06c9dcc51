"""Secrets of endpoints: how one is written, how it is kept, and how a request is signed, as Standard Webhooks says.

A secret is told once, when it is made. Kept it is sealed under a key that comes from the master key; it must never
reach the log, a log line or an error text.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eventstore.errors import SealBroken
from eventstore.master_key import MasterKey, derived
from eventstore.randomness import NONCE_BYTES, new_key, new_nonce

PREFIX = "whsec_"


class SecretBox:
    """Seals what is kept of endpoints; each thing is bound to its place. Thread-safe."""

    def __init__(self, master_key: bytes | MasterKey) -> None:
        whole = master_key if isinstance(master_key, MasterKey) else MasterKey.of(master_key)
        self._opening = [AESGCM(derived(key, b"daybook webhook secrets v1")) for key in whole.opening]

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Nonce (12 bytes) and AES-GCM ciphertext."""
        nonce = new_nonce()
        return nonce + self._opening[0].encrypt(nonce, plain, place)

    def unseal(self, sealed: bytes, place: bytes) -> bytes:
        """The plain bytes; raises SealBroken when they belong elsewhere or under another master key."""
        return self._opened(sealed, place)[1]

    def resealed(self, sealed: bytes, place: bytes) -> bytes | None:
        """The same sealed under the master key that seals now; None when it is. Raises SealBroken."""
        which, plain = self._opened(sealed, place)
        return self.seal(plain, place) if which else None

    def _opened(self, sealed: bytes, place: bytes) -> tuple[int, bytes]:
        for which, key in enumerate(self._opening):
            with suppress(InvalidTag):
                return which, key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        raise SealBroken("what was sealed for a webhook does not open under this master key")


def new_secret() -> str:
    """A secret that nobody has: 256 random bits."""
    return PREFIX + b64encode(new_key()).decode()


def signed_headers(event_id: UUID, moment: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a request: one signature for each secret, so that a receiver may know either."""
    timestamp = int(moment.timestamp())
    signed = b"%s.%d.%s" % (str(event_id).encode(), timestamp, body)
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
