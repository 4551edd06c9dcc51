"""The pages of approvals: what waits for a second person, each with what was asked for, and the buttons to decide.

Everybody who may query sees what waits, and so what became of their own requests. Deciding goes by the commands that
programs send, with their refusals; which buttons there are is a convenience and no rule.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from access.roles import RIGHTS, Right
from projections.approvals.queries import PARAMETERS, parse_approval_query
from web.guard import caller_now
from web.pages import command_words
from web.pages.acting import Acting
from web.pages.listing import Asked, asked_of, items_of, page_of
from web.pages.remembering import remember
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.pages.warehouse import Refused
from web.queries.answering import refuse_when_behind
from web.queries.ports import ApprovalQueries

HOME = "/approvals"
WAITING = "requested"
TABS = (WAITING, "executed", "refused", "rejected", "withdrawn", "expired")
VERBS = frozenset({"approve", "reject", "withdraw"})
Json = Mapping[str, Any]


class ApprovalPages:
    """The views."""

    def __init__(self, approvals: ApprovalQueries, acting: Acting) -> None:
        self._approvals = approvals
        self._acting = acting

    def page(self) -> Any:
        """GET /approvals: what waits, or what the address asks for."""
        if not request.args:
            return redirect(f"{HOME}?status={WAITING}", 303)
        return refuse_when_behind(self._listed)()

    def _listed(self) -> Response:
        asked = asked_of(PARAMETERS)
        found = page_of(asked, parse_approval_query, self._approvals.page)
        return render(
            "approvals.html",
            items=items_of(found),
            following=asked.beyond(found.next),
            previous=asked.beyond(found.previous),
            tabs=TABS,
            status_asked=asked.first("status"),
            own=caller_now().key_id,
            home=HOME,
            called=command_words.called,
        )

    def one(self, approval_id: UUID) -> Response:
        """GET /approvals/{approval_id}: what was asked for, why, and what became of it."""
        found = self._approvals.detail(approval_id, None, reasons=Right.AUDIT in RIGHTS[caller_now().role])
        if found is None:
            raise NotFound
        # Of the order that is decided about, so that nobody decides about another.
        version = found["order_version"] if found["status"] == WAITING else None
        return render(
            "approval.html",
            approval=found,
            version=version,
            has_changed=version is not None and found["subject_version"] not in {None, version},
            verbs=self._verbs(found),
            home=HOME,
            called=command_words.called,
        )

    @staticmethod
    def _verbs(approval: Json) -> list[str]:
        """What the person may try."""
        caller = caller_now()
        if approval["status"] != WAITING:
            return []
        if approval["requested_by"]["id"] == caller.key_id:
            return ["withdraw"]
        return ["approve", "reject"] if Right.ADMINISTER in RIGHTS[caller.role] else []

    def act(self, approval_id: UUID, verb: str) -> Any:
        """POST /approvals/{approval_id}/{verb}: decide, and show what came of it."""
        name = f"approvals/{verb}"
        if verb not in VERBS or not self._acting.knows(name):
            raise NotFound
        reason = request.form.get("reason", "").strip()
        version = request.form.get("version", "") if verb == "approve" else ""
        outcome = self._acting.send(
            name,
            approval_id,
            {"reason": reason} if reason else {},
            key=request.form.get("key") or None,
            version=int(version) if version.isdecimal() else None,
        )
        if not outcome.done:
            raise Refused(outcome)
        answer = redirect(f"{HOME}/{approval_id}", 303)
        remember(answer, _said(outcome.document), outcome.document.get("position"))
        return answer


def _said(document: Json) -> str:
    """What was done, in a sentence."""
    words = {
        "executed": _("Approved, and done."),
        "approved": _("Approved. It is done in a moment."),
        "refused": _("Approved, but it could not be done any more:") + f" {document.get('detail', '')}",
        "rejected": _("Rejected. Nothing was done."),
        "withdrawn": _("Withdrawn. Nothing was done."),
    }
    return words[document["status"]]


def waiting_for(approvals: ApprovalQueries, order_id: UUID) -> list[dict[str, Any]]:
    """What of an order waits for a second person, as far as the list has it."""
    asked = Asked(HOME, (("order_id", str(order_id)), ("status", WAITING)))
    return items_of(page_of(asked, parse_approval_query, approvals.page))
