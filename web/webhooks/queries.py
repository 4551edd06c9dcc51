"""Webhooks that we send, to look at: GET /queries/webhooks, one of them, and what was sent to it.

A whole URL, which may hold a secret of the receiver, is told to who administers; others see where it leads.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from access.roles import RIGHTS, Right
from projections.paging.times import rfc3339
from web.guard import View, caller_now
from web.parameters import invalid_parameter, single_parameters, whole_number
from web.queries.answering import FRESH, json_answer
from web.requests import refuse_parameters
from web.webhooks.commands import no_webhook
from webhooks.deliveries import STATUSES, Delivery, Listed, Standing
from webhooks.desk import EndpointDesk, NoEndpoint
from webhooks.endpoints import Endpoint

Json = dict[str, Any]
LIMIT_DEFAULT = 100
LIMIT_MAX = 500


def webhooks_view(desk: EndpointDesk) -> View:
    """GET /queries/webhooks."""

    def view() -> Response:
        refuse_parameters(request)
        return json_answer(msgspec.json.encode({"items": [shown(*each) for each in desk.all()]}), FRESH)

    return view


def webhook_view(desk: EndpointDesk) -> View:
    """GET /queries/webhooks/{webhook_id}."""

    def view(webhook_id: UUID) -> Response:
        refuse_parameters(request)
        found = desk.one(webhook_id)
        if found is None:
            raise no_webhook(request.view_args)
        return json_answer(msgspec.json.encode(shown(*found)), FRESH | {"ETag": f'"{found[0].version}"'})

    return view


def deliveries_view(desk: EndpointDesk) -> View:
    """GET /queries/webhooks/{webhook_id}/deliveries: newest first."""

    def view(webhook_id: UUID) -> Response:
        given = single_parameters(request, {"cursor", "limit", "status", "event_id"})
        limit = whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX)
        items, following = page_of(desk, webhook_id, given, limit)
        link = None
        if following is not None:
            kept = {name: value for name, value in given.items() if name != "cursor"}
            link = f"{request.path}?{urlencode(kept | {'cursor': following})}"
        return json_answer(msgspec.json.encode({"items": [told(each) for each in items], "next": link}), FRESH)

    return view


def page_of(
    desk: EndpointDesk, webhook_id: UUID, given: dict[str, str], limit: int
) -> tuple[list[Delivery], int | None]:
    """A page of deliveries, and the cursor of the next one; raises Problem."""
    status = given.get("status")
    if status is not None and status not in STATUSES:
        raise invalid_parameter("status", f"Must be one of: {', '.join(STATUSES)}.", malformed=False)
    before = whole_number(given, "cursor", 0, 1, 2**63 - 1) if "cursor" in given else None
    try:
        event_id = UUID(given["event_id"]) if "event_id" in given else None
    except ValueError:
        raise invalid_parameter("event_id", "Must be the UUID of an event.") from None
    try:
        found = desk.deliveries(webhook_id, Listed(limit + 1, before, status, event_id))
    except NoEndpoint:
        raise no_webhook({"webhook_id": webhook_id}) from None
    return found[:limit], found[limit - 1].position if len(found) > limit else None


def shown(found: Endpoint, standing: Standing) -> Json:
    """A webhook as its readers see it."""
    whole = Right.ADMINISTER in RIGHTS[caller_now().role]
    return {
        "webhook_id": str(found.webhook_id),
        "version": found.version,
        "url": found.url if whole else found.origin,
        "events": list(found.events),
        "description": found.description,
        "state": found.state,
        "paused_why": found.paused_why,
        "paused_at": _time(found.paused_at),
        "waiting": standing.waiting,
        "dead": standing.dead,
        "oldest_waiting_at": _time(standing.oldest),
        "position": found.position,
        "failures": found.failures,
        "failing_since": _time(found.failing_since),
        "succeeded_at": _time(found.succeeded_at),
        "old_secret_ends_at": _time(found.old_secret_ends_at),
        "created_at": _time(found.created_at),
        "updated_at": _time(found.updated_at),
    }


def told(found: Delivery) -> Json:
    """A delivery with its attempts."""
    return {
        "event_id": str(found.event_id),
        "type": found.topic,
        "position": found.position,
        "order_id": None if found.order_id is None else str(found.order_id),
        "recorded_at": _time(found.recorded_at),
        "status": found.status,
        "next_attempt_at": _time(found.ready_at),
        "tries": found.tries,
        "ended_at": _time(found.ended_at),
        "attempts": list(found.attempts),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
