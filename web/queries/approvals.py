"""What waits for a second person, and what became of what did."""

from uuid import UUID

from flask import Response

from access.roles import RIGHTS, Right
from projections.approvals.queries import PARAMETERS, parse_approval_query
from web.guard import View, caller_now
from web.problems import Problem
from web.queries.answering import min_position, page_answer, parse_query, refuse_when_behind, versioned
from web.queries.ports import ApprovalQueries


def list_view(approvals: ApprovalQueries) -> View:
    """GET /queries/approvals."""
    return refuse_when_behind(lambda: page_answer(approvals.page(parse_query(PARAMETERS, parse_approval_query))))


def detail_view(approvals: ApprovalQueries) -> View:
    """GET /queries/approvals/{approval_id}. Reasons are for those who may read the audit trail."""

    def view(approval_id: UUID) -> Response:
        reasons = Right.AUDIT in RIGHTS[caller_now().role]
        found = approvals.detail(approval_id, min_position(), reasons=reasons)
        if found is None:
            raise Problem(404, "not_found", f"There is no approval {approval_id}.")
        return versioned(found)

    return refuse_when_behind(view)
