"""What waits for a second person, and what became of what did."""

from uuid import UUID

from flask import Response

from projections.approvals.queries import PARAMETERS, parse_approval_query
from web.guard import View
from web.problems import Problem
from web.queries.answering import asked, min_position, page_answer, versioned, waiting
from web.queries.ports import ApprovalQueries


def list_view(approvals: ApprovalQueries) -> View:
    """GET /queries/approvals."""
    return waiting(lambda: page_answer(approvals.page(asked(PARAMETERS, parse_approval_query))))


def detail_view(approvals: ApprovalQueries) -> View:
    """GET /queries/approvals/{approval_id}."""

    def view(approval_id: UUID) -> Response:
        found = approvals.detail(approval_id, min_position())
        if found is None:
            raise Problem(404, "not_found", f"There is no approval {approval_id}.")
        return versioned(found)

    return waiting(view)
