"""Reading a configuration table strictly: every key is asked for by name, and what nobody asked for is refused.

The messages name the key as it is written in the file ("carriers.ups.name") and say in one sentence what it must be.
"""

from collections.abc import Callable, Iterator
from typing import Any, Self


class ConfigError(Exception):
    """A configuration that cannot be used; the message is one sentence that names the key."""


class Table:
    """One table of a TOML file; used as a context it refuses, at its end, the keys that were not read."""

    def __init__(self, values: Any, path: str = "") -> None:
        self.path = path
        if not isinstance(values, dict):
            raise ConfigError(f"{path} must be a table.")
        self._values: dict[str, Any] = dict(values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self._values:
            raise ConfigError(f"{self.name(next(iter(self._values)))} is not a key of the configuration.")

    def name(self, key: str) -> str:
        """The key as one would look for it in the file."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        return key in self._values

    def unread(self) -> list[str]:
        """The names of what was not read yet."""
        return list(self._values)

    def take(self, key: str) -> Any:
        """The value of a key that must be there."""
        if key not in self._values:
            raise ConfigError(f"{self.name(key)} is missing.")
        return self._values.pop(key)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value: str = self._checked(key, self.take(key), _is_text, "a text that is not empty")
        return value

    def text_or_none(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none when the key is missing."""
        values = self._values.pop(key, [])
        valid = isinstance(values, list) and all(map(_is_text, values))
        if not valid:
            raise ConfigError(f"{self.name(key)} must be a list of texts.")
        return tuple(values)

    def flag(self, key: str) -> bool:
        """True or false; false when the key is missing."""
        value: bool = self._checked(key, self._values.pop(key, False), lambda v: isinstance(v, bool), "true or false")
        return value

    def whole(self, key: str) -> int | None:
        """A whole number from 1; None when the key is missing."""
        if not self.has(key):
            return None
        value: int = self._checked(key, self.take(key), lambda v: type(v) is int and v > 0, "a whole number from 1")
        return value

    def table(self, key: str) -> "Table":
        return Table(self.take(key), self.name(key))

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Every key of this table, each of which must be a table."""
        for key in list(self._values):
            yield key, self.table(key)

    def list_of_tables(self, key: str) -> Iterator["Table"]:
        """The tables of an array; none when the key is missing."""
        values = self._values.pop(key, [])
        if not isinstance(values, list):
            raise ConfigError(f"{self.name(key)} must be a list of tables.")
        for place, value in enumerate(values, start=1):
            yield Table(value, f"{self.name(key)}[{place}]")

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value: str = self._checked(key, self.take(key), lambda v: v in allowed, f"one of {', '.join(allowed)}")
        return value

    def _checked(self, key: str, value: Any, valid: Callable[[Any], bool], expected: str) -> Any:
        if not valid(value):
            raise ConfigError(f"{self.name(key)} must be {expected}.")
        return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def check_code(code: str, where: str) -> None:
    """Refuse a name of the merchant's own that could not stand in a request; ``where`` it stands in the file."""
    if not (code.isascii() and code.replace("-", "").replace("_", "").isalnum() and code == code.lower()):
        raise ConfigError(f"{where} must be named with lower-case letters, digits, - and _.")
