"""One view for all commands: read the request, hand a Command to the desk, answer what it says."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from unicodedata import category
from uuid import UUID

import msgspec
from flask import Request, Response
from flask.globals import request_ctx

from access.roles import Caller, Role
from application.closing import HISTORY
from application.command import Actor, Cause, Command, RepeatedAnswer
from web.answers import JsonAnswer
from web.auth import keep_to
from web.commands.ports import Desk
from web.commands.routes import IMPORT_HISTORY, Route
from web.guard import View, caller_now
from web.observing import correlation
from web.problems import Problem, invalid_header
from web.requests import canonical_request, expected_version, idempotency_key, read_json, refuse_parameters
from web.schemas.body import BodyReader
from web.schemas.orders import CUSTOMER_ID_MAX

encode = msgspec.json.Encoder().encode


def command_view(route: Route, desk: Desk, historians: Collection[Role] = frozenset()) -> View:
    """The view of one command; ``historians`` are the roles that may bring in history."""
    reader = route.reader()

    def view(target: UUID | None = None, customer_id: str | None = None) -> Response:
        request = request_ctx.request
        refuse_parameters(request)
        if customer_id is not None and not can_be_customer(customer_id):
            raise Problem(404, "not_found", "Nothing is kept under this customer id.")
        key = idempotency_key(request)
        version = expected_version(request)
        if target is None and customer_id is None and version is not None:
            raise invalid_header("If-Match", "Nothing is there yet whose version could be expected.")
        parsed, canonical = read_json(request)
        sender = sender_now(request, historians)
        asked = Asked(target, parsed, canonical_request(request.path, canonical), key, version, customer_id)
        return _answer(route, desk.execute(command_of(route, reader, sender, asked)))

    return view


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends commands, as what, in which conversation, and whether nobody is to be told of what they bring about."""

    caller: Caller
    actor: Actor
    correlation_id: UUID
    silent: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One command as it was sent: its target, its body as plain values, and what its ``key`` stands for."""

    target: UUID | None
    body: Any
    canonical: bytes
    key: str | None = None
    version: int | None = None
    customer_id: str | None = None


def sender_now(request: Request, historians: Collection[Role]) -> Sender:
    """Of the request at hand, behind a guard."""
    caller = caller_now()
    actor = Actor(_kind(request, caller, historians), caller.key_id, caller.customer_id)
    return Sender(caller, actor, correlation(), _is_silent(request))


def command_of(route: Route, reader: BodyReader, sender: Sender, asked: Asked) -> Command:
    """What the desk is handed. Raises ValidationError or Problem for what cannot be asked so."""
    body, remarks = reader.accept(asked.body)
    if sender.caller.role is Role.CUSTOMER and remarks.occurred_at is not None:
        raise dated_by_customer()
    if route.reason_required and not says_something(remarks.reason or ""):
        raise reason_required()
    return Command(
        name=route.name,
        target=asked.target,
        occurred_at=remarks.occurred_at,
        body=body,
        cause=Cause(
            actor=sender.actor,
            correlation_id=sender.correlation_id,
            reason=remarks.reason,
            idempotency_key=asked.key,
            idempotency_scope=sender.caller.scope,
            request=asked.canonical,
        ),
        expected_version=asked.version,
        silent=remarks.notify is False or sender.silent,
        customer_id=asked.customer_id,
    )


def can_be_customer(customer_id: str) -> bool:
    """Whether an order can have come with this customer id."""
    return len(customer_id) <= CUSTOMER_ID_MAX and "\0" not in customer_id


def _kind(request: Request, caller: Caller, historians: Collection[Role]) -> str:
    """As what the caller acts: by its role, or as one who brings in history, for which it needs the right."""
    told = request.headers.get("Daybook-History")
    if told is None:
        return caller.role.value
    if told != "true":
        raise invalid_header("Daybook-History", "Must be true, or not be there.")
    keep_to(caller, IMPORT_HISTORY, historians)
    return HISTORY


def _is_silent(request: Request) -> bool:
    """Whether nobody is to be told of what the command brings about."""
    told = request.headers.get("Daybook-Silent")
    if told not in {None, "true", "false"}:
        raise invalid_header("Daybook-Silent", "Must be true or false.")
    return told == "true"


def dated_by_customer() -> Problem:
    detail = "An order that a customer places is dated when it arrives: leave occurred_at out."
    return Problem(403, "forbidden", detail, errors=[("/occurred_at", detail)])


def says_something(text: str) -> bool:
    """Whether anything of a text can be seen: blanks and invisible characters say nothing."""
    return any(category(letter)[0] not in "CZ" for letter in text)


def reason_required() -> Problem:
    detail = "This command needs a reason: say why in the field reason."
    return Problem(422, "reason_required", detail, errors=[("/reason", detail)])


def _answer(route: Route, answer: Any) -> Response:
    headers = {"ETag": f'"{answer["version"]}"'}
    location = route.location(answer)
    if location is not None:
        headers["Location"] = location
    if isinstance(answer, RepeatedAnswer):
        headers["Idempotent-Replayed"] = "true"
        if answer.notice is not None:
            headers["Daybook-Notice"] = answer.notice
    return JsonAnswer(encode(answer), route.status_of(answer), headers)
