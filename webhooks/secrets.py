"""Secrets of endpoints: how one is written, how it is kept, and how a request is signed, as Standard Webhooks says.

A secret is told once, when it is made. Kept it is sealed under a key that comes from the master key; it must never
reach the log, a log line or an error text.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from eventstore.errors import SealBroken
from eventstore.randomness import KEY_BYTES, NONCE_BYTES, new_key, new_nonce

PREFIX = "whsec_"


class SecretBox:
    """Seals what is kept of endpoints; each thing is bound to its place. Thread-safe."""

    def __init__(self, master_key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"daybook webhook secrets v1")
        self._aead = AESGCM(derived.derive(master_key))

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Nonce (12 bytes) and AES-GCM ciphertext."""
        nonce = new_nonce()
        return nonce + self._aead.encrypt(nonce, plain, place)

    def unseal(self, sealed: bytes, place: bytes) -> bytes:
        """The plain bytes; raises SealBroken when they belong elsewhere or under another master key."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except InvalidTag:
            raise SealBroken("what was sealed for a webhook does not open under this master key") from None


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
