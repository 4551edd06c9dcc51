"""The lines of a bulk request as they arrive, each read into a command or into what is wrong with it.

It never reads more than a request may hold, and never waits for more than one line before it hands out another. What is
wrong with a line is raised as a Problem and concerns that line alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from web.commands.routes import Route
from web.problems import Problem
from web.requests import BODY_MAX_BYTES, KEY, KEY_MAX, Json, canonical_request, encode_sorted, parsed

LINES_MAX = 10_000
BYTES_MAX = 16 * 1024 * 1024
PIECE_BYTES = 2048
MEMBERS = frozenset({"command", "key", "body"})
PARTS = 3


def lines_of(environ: Mapping[str, Any]) -> Iterator[bytes]:
    """The lines of a body, without empty ones, as soon as each is there. Raises Problem 413 for too many."""
    total = count = 0
    for line in _raw_lines(environ):
        total += len(line)
        if total > BYTES_MAX:
            raise too_long(f"{BYTES_MAX // 1024 // 1024} MiB")
        stripped = line.strip()
        if not stripped:
            continue
        count += 1
        if count > LINES_MAX:
            raise too_long(f"{LINES_MAX} lines")
        yield stripped


def _raw_lines(environ: Mapping[str, Any]) -> Iterator[bytes]:
    source = environ["wsgi.input"]
    if environ.get("CONTENT_LENGTH"):  # bounded as a whole, so that a line is
        left = int(environ["CONTENT_LENGTH"])
        while left > 0 and (line := source.readline(left)):  # not every server says that the body ends there
            left -= len(line)
            yield line
        return
    rest = b""
    while piece := source.read(PIECE_BYTES):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > BYTES_MAX:
            raise too_long(f"{BYTES_MAX // 1024 // 1024} MiB")
    if rest:
        yield rest


class Line:
    """One line: its number, the route of its command, its target, its key and its body."""

    __slots__ = ("body", "canonical", "key", "number", "route", "target")

    def __init__(self, number: int, raw: bytes, routes: Mapping[str, Route]) -> None:
        self.number = number
        if len(raw) > BODY_MAX_BYTES:
            raise malformed(f"It is larger than {BODY_MAX_BYTES // 1024} KiB.")
        said, _ = parsed(raw)
        if not isinstance(said, dict):
            raise malformed("It must be a JSON object.")
        self.key: str = _key(said)
        strange = sorted(said.keys() - MEMBERS)
        if strange:
            raise malformed(f"It has {strange[0]!r}; a line has command, key and body.", self.key)
        path = said.get("command")
        self.route, self.target = _found(path, routes, self.key)
        self.body = said.get("body", {})
        self.canonical = canonical_request(f"/commands/{path}", encode_sorted(self.body))


def key_in(raw: bytes) -> str | None:
    """The key of a line that cannot be read as one, if it can be told."""
    try:
        said, _ = parsed(raw)
        return _key(said)
    except (Problem, AttributeError):
        return None


def _key(said: Json) -> str:
    key = said.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise malformed(f"key must be text of 1 to {KEY_MAX} visible ASCII characters without a comma.")
    return key


def _found(path: Any, routes: Mapping[str, Route], key: str) -> tuple[Route, UUID | None]:
    """The route that a path under /commands leads to, and the id in it."""
    if not isinstance(path, str):
        raise malformed('command must be a path under /commands, such as "orders".', key)
    parts = path.split("/")
    name = path if len(parts) == 1 else f"{parts[0]}/{parts[-1]}"
    route = routes.get(name)
    if route is None or (len(parts) == PARTS) != ("/" in route.name) or len(parts) not in {1, PARTS}:
        raise Problem(404, "not_found", f"There is no command {path[:200]}. A command is a path under /commands.")
    try:
        return route, UUID(parts[1]) if len(parts) == PARTS else None
    except ValueError:
        raise Problem(404, "not_found", f"{parts[1][:64]} in command is no UUID.") from None


def malformed(detail: str, key: str | None = None) -> Problem:
    about = "" if key is None else f" (key {key})"
    return Problem(400, "malformed_line", f"The line{about} cannot be read. {detail}")


def too_long(most: str) -> Problem:
    detail = f"A bulk request has at most {most}. The lines before this one were done; send the rest in another."
    return Problem(413, "bulk_too_long", detail)
