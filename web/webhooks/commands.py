"""Webhooks that we send, as people and programs keep them: POST /commands/webhooks and its verbs, for administrators.

Each takes an Idempotency-Key and, where something is there already, an If-Match, as every command does. A secret is
answered to who makes one, and never again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid4

from flask import Response, request
from marshmallow import ValidationError

from web.answers import JsonAnswer
from web.audit.ports import EventFeed
from web.capacity import aside
from web.commands.endpoint import encode
from web.guard import View, caller_now
from web.problems import RETRY_AFTER_SECONDS, Problem, invalid_header
from web.requests import canonical_request, expected_version, idempotency_key, read_json, refuse_parameters
from web.schemas.body import Body
from web.schemas.faults import OfValue
from web.webhooks.bodies import ChangeWebhook, CreateWebhook, NoMore, Redeliver, ResumeWebhook, RotateSecret
from webhooks import deliveries, endpoints
from webhooks.addresses import Allowance, BadAddress, NotFound
from webhooks.desk import Asking, EndpointDesk, KeyReused, NoEndpoint, locked
from webhooks.endpoints import (
    ENDPOINTS_MAX,
    Connection,
    Endpoint,
    EndpointExists,
    TooManyEndpoints,
    VersionPassed,
    Wanted,
)

Json = dict[str, Any]
ALL = "*"
TESTS_AT_ONCE = 4


class Tester(Protocol):
    """Sends an event that says that it is a test, at once."""

    def test(self, webhook_id: UUID) -> Json:
        """What came of it. Raises NoEndpoint."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the edge needs for webhooks: who keeps them, who knows the events, where they may go, who tries them."""

    desk: EndpointDesk
    feed: EventFeed
    allowance: Allowance
    tester: Tester
    tests: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(TESTS_AT_ONCE))


Act = Callable[[Connection, Endpoint, Json], Json]


class Verb(NamedTuple):
    """A command on an endpoint: its body, what it says of itself, and what it does."""

    body: type[Body]
    summary: str
    act: Act


def create_view(to: Outgoing) -> View:
    """POST /commands/webhooks: 201 with the secret."""
    schema = CreateWebhook()

    def view() -> Response:
        refuse_parameters(request)
        if expected_version(request) is not None:
            raise invalid_header("If-Match", "Nothing is there yet whose version could be expected.")
        asking, said = _read(schema)
        wanted = _wanted(to, said, None)
        webhook_id: UUID = said.get("webhook_id") or uuid4()

        def act(connection: Connection) -> Json:
            secret = endpoints.create(connection, to.desk.box, webhook_id, wanted, to.feed.head())
            return _answer(webhook_id, 1, endpoints.ACTIVE) | {"secret": secret}

        return _performed(to, asking, act, 201)

    return view


def verb_view(to: Outgoing, verb: Verb) -> View:
    """POST /commands/webhooks/{webhook_id}/{verb}."""
    schema = verb.body()

    def view(target: UUID) -> Response:
        refuse_parameters(request)
        version = expected_version(request)
        asking, said = _read(schema)
        if "url" in said:
            _require_allowed(to.allowance, said["url"])
        _require_events(to.feed, said.get("events") or ())

        def act(connection: Connection) -> Json:
            before = locked(connection, target, version)
            more = verb.act(connection, before, said)
            after = endpoints.endpoint(connection, target)
            return _answer(target, *((after.version, after.state) if after else (before.version, "deleted"))) | more

        return _performed(to, asking, act, 200)

    return view


def test_view(to: Outgoing) -> View:
    """POST /commands/webhooks/{webhook_id}/test: what the receiver answered. It is sent each time that it is asked."""
    schema = NoMore()

    def view(target: UUID) -> Response:
        refuse_parameters(request)
        _read(schema)
        if not to.tests.acquire(blocking=False):
            detail = "As many webhooks are tested as can be. Ask again in a moment."
            raise Problem(503, "webhook_test_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
        try:
            with aside(request.environ):
                answer = to.tester.test(target)
        except NoEndpoint:
            raise no_webhook(request.view_args) from None
        finally:
            to.tests.release()
        return JsonAnswer(encode(answer), 200, {"ETag": f'"{answer["version"]}"'})

    return view


def verbs(to: Outgoing) -> dict[str, Verb]:
    """What can be done to an endpoint, by the last part of its path."""

    def change(connection: Connection, found: Endpoint, said: Json) -> Json:
        endpoints.change(connection, found, _wanted(to, said, found))
        return {}

    def pause(connection: Connection, found: Endpoint, _: Json) -> Json:
        endpoints.pause(connection, found)
        return {}

    def resume(connection: Connection, found: Endpoint, said: Json) -> Json:
        endpoints.resume(connection, found, to.feed.head() if said.get("missed") == "skip" else None)
        return {}

    def rotate(connection: Connection, found: Endpoint, said: Json) -> Json:
        hours = said.get("overlap_hours")
        overlap = endpoints.OVERLAP if hours is None else timedelta(hours=hours)
        secret, ends_at = endpoints.rotate(connection, to.desk.box, found, overlap)
        return {"secret": secret, "old_secret_ends_at": ends_at}

    def delete(connection: Connection, found: Endpoint, _: Json) -> Json:
        endpoints.delete(connection, found)
        return {}

    return {
        "change": Verb(ChangeWebhook, "Send other events, or elsewhere.", change),
        "pause": Verb(NoMore, "Send nothing until it is resumed; nothing is lost.", pause),
        "resume": Verb(ResumeWebhook, "Send again, what was missed too or only what happens from now on.", resume),
        "rotate-secret": Verb(RotateSecret, "Sign with a new secret, and for a while with the old one too.", rotate),
        "delete": Verb(NoMore, "Forget the webhook and what was to be sent to it.", delete),
        "redeliver": Verb(Redeliver, "Send an event again, or all that was given up since a moment.", _redeliver),
    }


def _redeliver(connection: Connection, found: Endpoint, said: Json) -> Json:
    event_id = said.get("event_id")
    if event_id is None:
        delivered = bool(said.get("delivered"))
        return {
            "deliveries": deliveries.redeliver_since(connection, found.webhook_id, said["since"], delivered=delivered)
        }
    if not deliveries.redeliver(connection, found.webhook_id, event_id):
        raise Problem(404, "not_found", f"Nothing is kept of an event {event_id} for this webhook.")
    return {"deliveries": 1}


def _read(schema: Body) -> tuple[Asking, Json]:
    """Who asks, and for what."""
    key = idempotency_key(request)
    parsed, canonical = read_json(request)
    said = schema.load(parsed)
    caller = caller_now()
    return Asking(caller.scope, caller.role.value, canonical_request(request.path, canonical), key), said


def _wanted(to: Outgoing, said: Mapping[str, Any], before: Endpoint | None) -> Wanted:
    """What the endpoint is to be: as it was but for what is said. Raises Problem 422 for where nothing may go."""
    if before is None:
        _require_allowed(to.allowance, said["url"])
        _require_events(to.feed, said["events"])
    url = said.get("url") or (before.url if before else "")
    events = said.get("events") or (before.events if before else ())
    description = said.get("description")
    if description is None:
        description = before.description if before else ""
    return Wanted(url, to.allowance.target(url).origin, list(events), description.strip())


def _require_allowed(allowance: Allowance, url: str) -> None:
    """Raise Problem 422 for a URL that nothing may be sent to; one whose name leads nowhere yet may come."""
    try:
        allowance.resolved(allowance.target(url))
    except BadAddress as bad:
        raise Problem(422, "webhook_url_refused", f"url: {bad}", errors=[("/url", str(bad))]) from None
    except NotFound:
        return


def _require_events(feed: EventFeed, patterns: Sequence[str]) -> None:
    for place, pattern in enumerate(patterns):
        try:
            known = pattern == ALL or any(not type_.startswith("access.") for type_ in feed.matching([pattern]))
        except ValueError:
            known = False
        if not known:
            message = f"There are no events {pattern}. See docs/reference/public-events.md for all."
            raise ValidationError({"events": {place: [OfValue(message)]}})


def _answer(webhook_id: UUID, version: int, state: str) -> Json:
    return {"webhook_id": str(webhook_id), "version": version, "state": state}


def _performed(to: Outgoing, asking: Asking, act: Callable[[Connection], Json], status: int) -> Response:
    try:
        done = to.desk.perform(asking, act)
    except NoEndpoint:
        raise no_webhook(request.view_args) from None
    except EndpointExists:
        raise Problem(409, "id_in_use", "There is a webhook of that id already.") from None
    except TooManyEndpoints:
        raise Problem(409, "too_many_webhooks", f"There are {ENDPOINTS_MAX} webhooks; delete one first.") from None
    except VersionPassed as passed:
        detail = f"The webhook is at version {passed.version}."
        raise Problem(412, "version_mismatch", detail, version=passed.version) from None
    except KeyReused:
        detail = "This Idempotency-Key was used for another request. Take a new one."
        raise Problem(422, "idempotency_key_reused", detail) from None
    headers = {"ETag": f'"{done.answer["version"]}"'}
    if status == 201:
        headers["Location"] = f"/queries/webhooks/{done.answer['webhook_id']}"
    if done.repeated:
        headers["Idempotent-Replayed"] = "true"
    return JsonAnswer(encode(done.answer), status, headers)


def no_webhook(arguments: Mapping[str, Any] | None) -> Problem:
    return Problem(404, "not_found", f"There is no webhook {next(iter((arguments or {}).values()), '')}.")
