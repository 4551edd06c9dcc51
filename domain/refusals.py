"""Refusals: the business saying no, as values.

A refusal carries a stable ``code``, a sentence and the kind of no it is. The kind is a word of the
business, never an HTTP number: the edge keeps the one table that turns kinds into answers.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Why a command is refused."""

    CONFLICT = "conflict"  # the state of the order does not allow it now
    INVALID = "invalid"  # the request can never be right, whatever the state
    UNKNOWN = "unknown"  # what it names does not exist
    STALE = "stale"  # the caller expected another version
    FORBIDDEN = "forbidden"  # somebody else may do this, but not this caller
    UNAVAILABLE = "unavailable"  # something outside did not answer; ask again


class Refusal(Exception):
    """A command that changes nothing, and why.

    ``code`` is part of the contract with callers, ``pointer`` names the field of the request
    (RFC 6901) where one is to blame, ``allowed_commands`` is what the order would accept instead. ``facts`` are what a
    program can go on with, such as the ``order_id`` of whoever has the name that was asked for; JSON-ready.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        kind: Kind = Kind.CONFLICT,
        pointer: str | None = None,
        allowed_commands: list[str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.kind = kind
        self.pointer = pointer
        self.allowed_commands = allowed_commands or []
        self.facts = facts or {}


def invalid(code: str, detail: str, pointer: str | None = None) -> Refusal:
    """A refusal of a request that no state of the order could accept."""
    return Refusal(code, detail, kind=Kind.INVALID, pointer=pointer)


def require_version(expected: int | None, version: int) -> None:
    """Refuse when the caller expected another version than the one that is."""
    if expected is not None and expected != version:
        detail = f"It is at version {version}, not {expected}: somebody changed it. Read it again first."
        raise Refusal("version_mismatch", detail, kind=Kind.STALE, facts={"version": version})


def unknown(what: str, name: object) -> Refusal:
    """A refusal because ``what`` named ``name`` does not exist."""
    return Refusal("not_found", f"There is no {what} {name}.", kind=Kind.UNKNOWN)
