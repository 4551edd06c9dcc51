"""The file of the keys that sign checkpoints, readable by its owner only; beside it the public list of all keys ever.

A line a key. The first signs for the log; those below are being retired: they sign beside it, so that who knows only an
earlier verifier key still can check what is new. No key is ever replaced in silence, and none is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.private_files import make_folder, write_private
from eventstore.seals.note import NoteError, SigningKey, VerifierKey

VERIFIER_KEYS = "verifier-keys.txt"


class KeyFileError(Exception):
    """The keys cannot be used; the message is one sentence that says what to do."""


class KeyFile:
    """Reads the file again when it has changed, so that a running sealer takes up a new key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.verifier_keys = path.with_name(VERIFIER_KEYS)
        self._read: tuple[int, list[SigningKey]] | None = None

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def create(self, name: str) -> None:
        """Make the first key, under the log's name. Raises KeyFileError when there is one."""
        if self.exists:
            raise KeyFileError(f"{self.path} exists; a new key comes by `daybook seals rotate`.")
        self._write([SigningKey.generate(name)])

    def signing(self) -> Sequence[SigningKey]:
        """The log's key, then those being retired. Raises KeyFileError."""
        try:
            changed = self.path.stat().st_mtime_ns
            if self._read is None or self._read[0] != changed:
                lines = self.path.read_text().split("\n")
                self._read = (changed, [SigningKey.parse(line) for line in lines if line.strip()])
        except OSError as error:
            raise KeyFileError(
                f"{self.path} cannot be read ({error.strerror}); bring it back, or make another: daybook seals rotate."
            ) from None
        except NoteError as error:
            raise KeyFileError(f"{self.path} cannot be read: {error}; bring the file back as it was.") from None
        if not self._read[1]:
            raise KeyFileError(f"{self.path} holds no key; bring it back, or make a new one: daybook seals rotate.")
        return self._read[1]

    def rotate(self, name: str) -> SigningKey:
        """Make a new key that signs from now on; those before it go on signing beside it until `retire`."""
        earlier = self.signing() if self.exists else []
        new = SigningKey.generate(name)
        self._write([new, *earlier])
        return new

    def retire(self) -> list[VerifierKey]:
        """Forget all keys but the log's; return what was forgotten. What they signed stays as it is."""
        current, *earlier = self.signing()
        self._write([current])
        return [key.verifier for key in earlier]

    def verifiers(self) -> list[VerifierKey]:
        """Every key that ever was in the file, as its public list has them. Raises KeyFileError."""
        try:
            lines = self.verifier_keys.read_text().split("\n") if self.verifier_keys.exists() else []
            return [VerifierKey.parse(line) for line in lines if line.strip()]
        except (OSError, NoteError) as error:
            raise KeyFileError(f"{self.verifier_keys} cannot be read: {error}; bring it back as it was.") from None

    def _write(self, keys: Sequence[SigningKey]) -> None:
        make_folder(self.path.parent, 0o711)
        known = self.verifiers()
        with self.verifier_keys.open("a") as file:
            file.writelines(f"{key.verifier}\n" for key in keys if key.verifier not in known)
        write_private(self.path, "".join(f"{key.secret_text()}\n" for key in keys))
        self._read = None
