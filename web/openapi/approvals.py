"""The OpenAPI description of approvals: what is asked about them, and what a command that waits is answered."""

from typing import Any

from domain.approval import STATUSES
from projections.approvals.shapes import ApprovalListed, ApprovalShown
from projections.paging.query import LIMIT_DEFAULT, LIMIT_MAX
from web.openapi import answers
from web.openapi.answers import COUNT, POSITIVE, STATUS, TEXT, TIME, UUID, array, said, shape
from web.openapi.parameters import POSITION, choices, parameter, path_id

Json = dict[str, Any]

ANSWER = "ApprovalAnswer"
SHAPES: tuple[type[Any], ...] = (ApprovalListed, ApprovalShown)
OUTCOME: Json = {"type": "string", "enum": list(STATUSES)}


def schemas(documents: Json) -> Json:
    """The page of the list, and the answer of whatever waits or is decided; ``documents`` are what may come of it."""
    required = {
        "approval_id": UUID,
        "command": said(TEXT, "What was asked for."),
        "status": said(OUTCOME, "Of the request for approval."),
        "version": said(COUNT, "Of the order now; 0 of a customer of whom nothing was recorded yet."),
        "position": said(POSITIVE, "Of the last event in the log: ask queries with min_position of it."),
        "events": said(array(TEXT), "What happened."),
    }
    optional = {
        "order_id": UUID,
        "order_number": TEXT,
        "order_status": said(STATUS, "Of the order now."),
        "expires_at": said(TIME, "Until when somebody may decide."),
        "code": said(TEXT, "approval_required while it waits; of what could not be done any more why not."),
        "detail": TEXT,
        "orders": said(array(UUID), "Of an erasure: which orders were erased."),
        "warnings": array(shape({"code": TEXT, "detail": TEXT})),
    }
    return {ANSWER: shape(required, optional | documents), "ApprovalPage": answers.page("ApprovalListed")}


def parameters() -> list[Json]:
    """What the list can be asked."""
    limit: Json = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
    return [
        parameter("status", choices(STATUSES)),
        parameter("command", choices(), description="The path under /commands, without the id."),
        parameter("requested_by", choices(), description="The id of the key that asked."),
        parameter("order_id", UUID),
        parameter("limit", limit),
        parameter("cursor", {"type": "string"}),
        POSITION,
    ]


ONE = [path_id("approval_id"), POSITION]
