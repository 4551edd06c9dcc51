"""The master key as it is written down: the one that wraps, those that still open, and what hashes are made with.

    NEW                   at first; hashes are derived from it
    NEW OLD               while `daybook keys rewrap` runs: new keys are wrapped under NEW, both open, OLD still hashes
    NEW hash:...          afterwards: OLD is gone, and what was derived of it for hashes goes on

Hashes have to stay what they are: under them customers are found and repeated requests recognised. From what stands
behind ``hash:`` no master key can be computed. Nothing in here may ever be logged or shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from eventstore.randomness import KEY_BYTES

MASTER_KEY_BYTES = 32
KEYS_MAX = 5
_HASH = "hash:"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """``opening`` are the keys that open what is wrapped, the first of which wraps; ``hashing`` hashes requests and
    customers, 32 bytes each.
    """

    opening: tuple[bytes, ...] = field(repr=False)
    hashing: tuple[bytes, bytes] = field(repr=False)

    @classmethod
    def of(cls, *keys: bytes) -> MasterKey:
        """Of keys alone, the newest first; the last one, which was there first, hashes. Raises ValueError."""
        if not keys or any(len(key) != MASTER_KEY_BYTES for key in keys):
            raise ValueError(f"the master key must have {MASTER_KEY_BYTES} bytes")
        first = keys[-1]
        return cls(keys, (derived(first, b"daybook request hash v1"), derived(first, b"daybook customer hash v1")))

    @classmethod
    def parse(cls, text: str) -> MasterKey:
        """From what is written down: keys in hexadecimal digits, separated by blanks. Raises ValueError."""
        words = text.split()
        keys = [bytes.fromhex(word) for word in words if not word.startswith(_HASH)]
        hashes = [bytes.fromhex(word.removeprefix(_HASH)) for word in words if word.startswith(_HASH)]
        if len(words) > KEYS_MAX or len(hashes) > 1 or any(len(each) != 2 * KEY_BYTES for each in hashes):
            raise ValueError("not a master key")
        whole = cls.of(*keys)
        return cls(whole.opening, (hashes[0][:KEY_BYTES], hashes[0][KEY_BYTES:])) if hashes else whole

    @property
    def renewed(self) -> str:
        """How it is written down once nothing is wrapped under the earlier keys any more."""
        return f"{self.opening[0].hex()} {_HASH}{b''.join(self.hashing).hex()}"


def derived(master_key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose (32 bytes), which tells nothing about the master key."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master_key)
