"""What was approved is done even where the server that should have done it died, and what nobody decides in time ends.

Both are found by their claims. Neither can happen twice: each is a fact of the request's own stream.
"""

from functools import partial
from uuid import UUID

from application import claims
from application.desk import Desk
from application.order_log import OrderLog
from application.processes.attempts import Attempts
from application.processes.process import Origin
from domain.approval import Approval
from domain.refusals import Refusal
from eventstore.errors import StreamConflict
from eventstore.event_keys import event_id
from eventstore.records import Claim

AT_ONCE = 50


class Approvals:
    """Carries out what is approved, and lets expire what is overdue."""

    name = "approving"

    def __init__(self, log: OrderLog, desk: Desk, origin: Origin, attempts: Attempts) -> None:
        self._log = log
        self._desk = desk
        self._origin = origin
        self._attempts = attempts

    def step(self) -> bool:
        """Do what is approved and end what is overdue, a bounded piece; tells whether there may be more."""
        for row in self._attempts.due():
            self._attempts.each(row.what, row.order_id, partial(self._again, row.what))
        approved = self._attempts.fresh(partial(self._log.claims, claims.WORK, "approval:", AT_ONCE), AT_ONCE)
        for claim in approved:
            self._attempts.each(claim.key, claim.partition_id, partial(self._again, claim.key))
        now = self._origin.clock().isoformat(timespec="microseconds")
        waiting = self._attempts.fresh(partial(self._log.claims, claims.APPROVAL, "", AT_ONCE), AT_ONCE)
        overdue = [claim for claim in waiting if claim.key.partition("|")[0] <= now]
        for claim in overdue:
            self._attempts.each(claim.key, claim.partition_id, partial(self._again, claim.key))
        return len(approved) == AT_ONCE or len(overdue) == AT_ONCE

    def _again(self, what: str) -> None:
        if what.startswith("approval:"):
            self._carry_out(UUID(what.removeprefix("approval:")))
        else:
            self._expire(what, UUID(what.rpartition("|")[2]))

    def _carry_out(self, approval_id: UUID) -> None:
        try:
            self._desk.carry_out(approval_id)
        except Refusal as refusal:
            if refusal.code != "concurrent_change":
                raise  # others keep changing the order: the next step tries again

    def _expire(self, what: str, approval_id: UUID) -> None:
        snapshot = self._log.load_approval(approval_id)
        approval = snapshot.work.document(Approval, approval_id)
        approval.expire(self._origin.clock())
        if not approval.pending_events:
            return  # decided just now
        claim = Claim(claims.APPROVAL, what, snapshot.work.root.id)
        try:
            self._log.append(
                snapshot, self._origin.cause(event_id(approval_id, 1)), self._origin.new_id(), releases=[claim]
            )
        except StreamConflict:
            return  # decided just now
