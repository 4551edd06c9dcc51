"""The audit trail of one order: every event with who, when, why and its place in the log."""

from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from web.access import View
from web.audit.ports import AuditTrail
from web.parameters import single_parameters, whole_number
from web.problems import Problem

LIMIT_DEFAULT = 100
LIMIT_MAX = 500


def order_events_view(audit: AuditTrail) -> View:
    """GET /audit/orders/{order_id}/events."""

    def view(order_id: UUID) -> Response:
        given = single_parameters(request, {"cursor", "limit"})
        after = whole_number(given, "cursor", 0, 0, 2**63 - 1)
        limit = whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX)
        events = audit.order_events(order_id, after, limit + 1)
        if events is None:
            raise Problem(404, "not_found", f"There is no order {order_id}.")
        page = events[:limit]
        following = None
        if len(events) > limit:
            following = f"{request.path}?{urlencode({'cursor': page[-1]['position'], 'limit': limit})}"
        return Response(msgspec.json.encode({"items": page, "next": following}), content_type="application/json")

    return view
