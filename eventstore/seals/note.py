"""Signed notes as C2SP signed-note has them: text, an empty line, and a line per signature. Ed25519 only.

A verifier key (vkey) is ``name+keyid+base64``, a signing key ``PRIVATE+KEY+name+keyid+base64`` as Go's note package
writes it. Cosignatures of witnesses are C2SP tlog-cosignature v1. A private key never reaches a log line or an error.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE, COSIGNATURE = 1, 4
SIGNATURES_MAX = 64
NAME_BYTES_MAX = 255
_DASH = "\N{EM DASH} "
_PRIVATE = "PRIVATE+KEY+"
_COSIGNED = "cosignature/v1\ntime {}\n"


class NoteError(ValueError):
    """A note or a key that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may sign under a name; ``kind`` is SIGNATURE for a log, COSIGNATURE for a witness."""

    name: str
    public: bytes
    kind: int = SIGNATURE

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encoded(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises NoteError."""
        name, _, rest = text.strip().partition("+")
        key_id, _, written = rest.partition("+")
        material = decoded(written, "a verifier key")
        if len(material) != 33 or material[0] not in (SIGNATURE, COSIGNATURE):
            raise NoteError("a verifier key must be one of Ed25519: NAME+KEYID+BASE64")
        key = cls(checked_name(name), material[1:], material[0])
        if key.key_id.hex() != key_id.lower():
            raise NoteError(f"the key id of the verifier key {name} is not that of its key")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature (of a witness: the time and the signature) of a note's text."""
        signed = text.encode()
        if self.kind == COSIGNATURE:
            signed = _COSIGNED.format(int.from_bytes(signature[:8], "big")).encode() + signed
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs notes under a name."""

    name: str
    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        return cls(checked_name(name), Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Raises NoteError, whose message shows nothing of the key."""
        if not text.startswith(_PRIVATE):
            raise NoteError("a signing key must be written PRIVATE+KEY+NAME+KEYID+BASE64")
        name, _, rest = text.strip().removeprefix(_PRIVATE).partition("+")
        key_id, _, written = rest.partition("+")
        material = decoded(written, "a signing key")
        if len(material) != 33 or material[0] != SIGNATURE:
            raise NoteError("a signing key must be one of Ed25519")
        key = cls(checked_name(name), Ed25519PrivateKey.from_private_bytes(material[1:]))
        if key.verifier.key_id.hex() != key_id.lower():
            raise NoteError(f"the key id of the signing key {name} is not that of its key")
        return key

    def secret_text(self) -> str:
        """The key itself, for the file that keeps it."""
        secret = encoded(bytes([SIGNATURE]) + self._private.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{secret}"

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    def line(self, text: str) -> str:
        """The signature line under a note's text."""
        return f"{_DASH}{self.name} {encoded(self.verifier.key_id + self._private.sign(text.encode()))}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read; nothing of it is believed before `signers` has said who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Note:
        """Raises NoteError."""
        if any(character < " " and character != "\n" for character in note):
            raise NoteError("a note has no control characters")
        text, separator, lines = note.rpartition("\n\n")
        if not separator or not text or not lines.endswith("\n"):
            raise NoteError("a note is text, an empty line, and signature lines")
        if lines.count("\n") > SIGNATURES_MAX:
            raise NoteError(f"a note has at most {SIGNATURES_MAX} signatures")
        return cls(text + "\n", tuple(_signature(line) for line in lines.splitlines()))

    def signers(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Which of these keys signed it. Raises NoteError when a line of one of them is not its signature."""
        found = []
        for key in keys:
            lines = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
            for line in lines[:1]:
                if not key.verifies(self.text, line.signature):
                    raise NoteError(
                        f"the signature of {key.name} ({key.key_id.hex()}) is not of this text and this key"
                    )
                found.append(key)
        return found


def sign(text: str, keys: Iterable[SigningKey]) -> str:
    """The text as a note, signed by each key; it must end with a newline."""
    return f"{text}\n{''.join(key.line(text) for key in keys)}"


def checked_name(name: str) -> str:
    """The name of a key or a log; raises NoteError for what cannot be one."""
    if not name or "+" in name or not name.isprintable() or " " in name or len(name.encode()) > NAME_BYTES_MAX:
        raise NoteError("the name of a key is printable, without spaces and +, such as shop.example.com/audit")
    return name


def _signature(line: str) -> Signature:
    name, _, written = line.removeprefix(_DASH).partition(" ")
    data = decoded(written, "a signature")
    if not line.startswith(_DASH) or not name or len(data) < 5:
        raise NoteError("a signature line is a dash, the key's name and the signature")
    return Signature(name, data[:4], data[4:])


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


def decoded(text: str, what: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or encoded(data) != text:
        raise NoteError(f"{what} is not base64 as it should be")
    return data
