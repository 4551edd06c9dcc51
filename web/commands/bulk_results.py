"""The results of the lines of a bulk request: those that can be done together are, all others one by one."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

import msgspec
import psycopg
from flask import Response
from marshmallow import ValidationError

from access.roles import Role
from application.command import Command, RepeatedAnswer
from domain.refusals import Refusal
from eventstore.errors import LogUnavailable, Unreadable
from web import problems
from web.auth import forbid_unless, keep_to
from web.commands.bulk_lines import Line
from web.commands.bulk_orders import PartitionsOf
from web.commands.endpoint import Asked, Sender, command_of
from web.commands.ports import Desk
from web.commands.results import result_of
from web.commands.routes import Route
from web.noting import UNNOTED, Noting
from web.problems import Problem
from web.rate_limits import RateLimits
from web.schemas.body import BodyReader

AT_ONCE = 4
# So many lines are at work by themselves in a process, of all its bulk requests. Most of them wait for a commit that
# they share; with a turn each, as single requests have, they would be too few to fill it.
AT_WORK = 48

log = logging.getLogger("daybook.bulk")
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Bulk:
    """What bulk requests are done with.

    ``places`` is how many run at once in a process, ``working`` how many of their lines by themselves.
    """

    routes: Mapping[str, Route]
    desk: Desk
    historians: Collection[Role]
    partitions_of: PartitionsOf
    noting: Noting = UNNOTED
    limits: RateLimits | None = None
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    working: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_WORK))
    readers: dict[str, BodyReader] = field(default_factory=dict)

    def reader(self, route: Route) -> BodyReader:
        """Reads the bodies of a route; made when it is first asked for."""
        found = self.readers.get(route.name)
        return found or self.readers.setdefault(route.name, route.reader())


class Results:
    """What becomes of the lines of one request, each as a line of the answer."""

    def __init__(self, bulk: Bulk, sender: Sender) -> None:
        self._bulk = bulk
        self._sender = sender
        self._sitting = bulk.desk.together()

    def together(self, lines: Sequence[Line]) -> list[bytes | None]:
        """The results of lines about different orders, as far as they can be done together; None where one cannot."""
        results: list[bytes | None] = [None] * len(lines)
        commands: dict[int, Command] = {}
        for place, line in enumerate(lines):
            try:
                commands[place] = self._command(line)
            except Exception as error:  # noqa: BLE001  (told as what it is, and logged where it is our fault)
                results[place] = self._failed(line, error)
        outcomes = self._executed(list(commands.values()))
        for place, outcome in zip(commands, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                results[place] = self._failed(lines[place], outcome)
            elif outcome is not None:
                results[place] = _answered(lines[place], outcome)
        return results

    def _executed(self, commands: Sequence[Command]) -> Sequence[Mapping[str, Any] | Refusal | None]:
        try:
            return self._sitting.execute(commands)
        except Exception:
            log.exception("commands that came together are done one by one")
            return [None] * len(commands)  # each has its key: what was recorded is found again by it

    def alone(self, line: Line) -> bytes:
        """The result of a line that is done by itself: its answer, or its problem."""
        try:
            with self._bulk.working:
                return _answered(line, self._bulk.desk.execute(self._command(line)))
        except Exception as error:  # noqa: BLE001  (told as what it is, and logged where it is our fault)
            return self._failed(line, error)

    def _command(self, line: Line) -> Command:
        route, caller = line.route, self._sender.caller
        forbid_unless(caller, route.right)
        if route.roles is not None:
            keep_to(caller, route.name, route.roles)
        asked = Asked(line.target, line.body, line.canonical, line.key)
        return command_of(route, self._bulk.reader(route), self._sender, asked)

    def _failed(self, line: Line, error: Exception) -> bytes:
        caller, correlation = self._sender.caller, self._sender.correlation_id
        self._bulk.noting.refused(line.route.name, line.target, caller, correlation, error)
        return met(line.number, line.key, error)


def _answered(line: Line, answer: Mapping[str, Any]) -> bytes:
    result = result_of(line.number, line.key, line.route.status_of(answer), answer)
    if isinstance(answer, RepeatedAnswer):
        result["replayed"] = True
    return encode(result) + b"\n"


def met(number: int | None, key: str | None, error: Exception) -> bytes:
    """The result of a line that met an error."""
    told = _problem(error)
    return encode(result_of(number, key, told.status_code, msgspec.json.decode(told.get_data()))) + b"\n"


def _problem(error: Exception) -> Response:
    """What the edge answers such an error with, wherever it was raised."""
    match error:
        case Refusal():
            return problems.of_refusal(error)
        case Problem():
            return problems.of_problem(error)
        case ValidationError():
            return problems.of_body(error)
        case psycopg.OperationalError() | LogUnavailable():
            return problems.of_database(error)
        case Unreadable():
            return problems.of_unreadable(error)
        case _:
            return problems.of_fault(error)
