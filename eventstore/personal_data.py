"""Keys of personal data: one data key per partition, wrapped under the master key.

Erasing a customer deletes the wrapped keys; the sealed bytes stay in the log, unreadable, so
that history and its proofs remain intact. From the master key three keys are derived (HKDF, ``master_key``):
for wrapping data keys, for the hash of requests, for the hash of customers. A plaintext key
must never be written anywhere, and a nonce is never used twice under one key.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eventstore.errors import SealBroken
from eventstore.master_key import MasterKey, derived
from eventstore.randomness import NONCE_BYTES, new_key, new_nonce
from eventstore.records import DataKey, NewDataKey

HASH_BYTES = 32
CACHED_CIPHERS = 4096
_CHUNK_BYTES = 2047  # from 2,048 on hashlib gives up the GIL: see randomness.py


class Cipher:
    """Seals and opens the personal parts of one partition's events.

    `from_position`: events before it were sealed under a key that has been erased.
    """

    __slots__ = ("_aead", "from_position")

    def __init__(self, key: bytes, from_position: int = 0) -> None:
        self._aead = AESGCM(key)
        self.from_position = from_position

    def seal(self, plain: bytes, stream_id: UUID, version: int) -> bytes:
        """Return nonce (12 bytes) and AES-GCM ciphertext, bound to the event's place."""
        nonce = new_nonce()
        place = stream_id.bytes + version.to_bytes(4, "big")
        return nonce + self._aead.encrypt(nonce, plain, place)

    def unseal(self, sealed: bytes, stream_id: UUID, version: int) -> bytes:
        """Return the plain bytes; raises SealBroken when they were altered or moved."""
        place = stream_id.bytes + version.to_bytes(4, "big")
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except InvalidTag:
            raise SealBroken(f"sealed part of {stream_id} version {version} does not open") from None


class Sealed(Protocol):
    """What says of an event where its personal part belongs."""

    @property
    def position(self) -> int: ...
    @property
    def stream_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def sealed(self) -> bytes | None: ...


def unsealed(row: Sealed, cipher: Cipher | None) -> bytes | None:
    """Return the plain bytes of an event's personal part; None when it has none, or when that is erased.

    What was sealed before the key's `from_position` was sealed under a key that is no more. Raises SealBroken.
    """
    if row.sealed is None or cipher is None or row.position < cipher.from_position:
        return None
    return cipher.unseal(row.sealed, row.stream_id, row.version)


class Keyring:
    """Makes, wraps and unwraps data keys; hashes requests and customers. Thread-safe."""

    def __init__(self, master_key: bytes | MasterKey) -> None:
        whole = master_key if isinstance(master_key, MasterKey) else MasterKey.of(master_key)
        self._opening = [AESGCM(derived(key, b"daybook data key wrapping v1")) for key in whole.opening]
        self._wrapping = self._opening[0]
        self._request_key, self._customer_key = whole.hashing
        self._unwrap = lru_cache(CACHED_CIPHERS)(self._open)

    def new_data_key(self, partition_id: UUID, customer_id: str | None = None) -> tuple[NewDataKey, Cipher]:
        """Return a fresh key: the row for the append, and the cipher to seal its events with."""
        key = new_key()
        wrapped = self._wrapped(partition_id, key)
        customer = None if customer_id is None else self.customer_hash(customer_id)
        return NewDataKey(partition_id, customer, wrapped), Cipher(key)

    def cipher(self, partition_id: UUID, data_key: DataKey | None) -> Cipher | None:
        """Return the cipher of a partition, or None when it has no key (never had, or erased)."""
        if data_key is None:
            return None
        return self._unwrap(partition_id, data_key.wrapped, data_key.from_position)

    def request_hash(self, request: bytes) -> bytes:
        """Return the keyed hash (32 bytes) of a request, so that the log tells nothing about it."""
        return _keyed_hash(self._request_key, request)

    def customer_hash(self, customer_id: str) -> bytes:
        """Return the keyed hash (32 bytes) under which a customer's data keys are found."""
        return _keyed_hash(self._customer_key, customer_id.encode())

    def customer_stream(self, customer_id: str) -> UUID:
        """Return the id of the stream that tells what became of a customer: as keyed as the hash, and of version 8."""
        number = int.from_bytes(self.customer_hash(customer_id)[:16], "big")
        number = number & ~(0xF << 76) | 8 << 76
        return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)

    def rewrapped(self, partition_id: UUID, wrapped: bytes) -> bytes | None:
        """Return a data key wrapped under the master key that wraps now; None when it is. Raises SealBroken."""
        which, key = self._opened(partition_id, wrapped)
        return self._wrapped(partition_id, key) if which else None

    def _wrapped(self, partition_id: UUID, key: bytes) -> bytes:
        nonce = new_nonce()
        return nonce + self._wrapping.encrypt(nonce, key, partition_id.bytes)

    def _open(self, partition_id: UUID, wrapped: bytes, from_position: int) -> Cipher:
        return Cipher(self._opened(partition_id, wrapped)[1], from_position)

    def _opened(self, partition_id: UUID, wrapped: bytes) -> tuple[int, bytes]:
        """Which of the master keys opens a data key, and the key."""
        for which, master in enumerate(self._opening):
            with suppress(InvalidTag):
                return which, master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], partition_id.bytes)
        raise SealBroken(f"the data key of {partition_id} does not open under this master key")


def _keyed_hash(key: bytes, data: bytes) -> bytes:
    """BLAKE2b with its own key parameter (RFC 7693), a message authentication code like HMAC."""
    digest = blake2b(key=key, digest_size=HASH_BYTES)
    for at in range(0, len(data), _CHUNK_BYTES):
        digest.update(data[at : at + _CHUNK_BYTES])
    return digest.digest()
