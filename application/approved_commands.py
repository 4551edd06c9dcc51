"""Doing what a second person has agreed to: the command as it was asked for, as its caller's own, exactly once.

That it is done stands in the stream of the request, in the append of what it does: so neither a crash, nor a repeat,
nor two who try at once can do it twice, and a claim keeps it findable until then. The order may have gone on meanwhile:
then the refusal is what is recorded.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from application import claims
from application.command import Answer, Cause, Command
from application.command_context import CommandContext
from application.kept_commands import cause_of, kept_command, require_as_approved
from application.order_log import OrderLog, Snapshot
from application.processes.attempts import EVERYTHING_WAITS
from domain.approval import Approval, ApprovalGranted
from domain.refusals import Refusal
from eventstore.errors import ClaimTaken, StreamConflict

ATTEMPTS = 50
Done = tuple[Answer, UUID, UUID]
"""The answer, the partition, and the id of the command."""


class ApprovedCommands:
    """Carries out what was approved. Thread-safe; ``handle`` decides a command as any other is decided."""

    def __init__(
        self,
        log: OrderLog,
        clock: Callable[[], datetime],
        new_id: Callable[[], UUID],
        handle: Callable[[Snapshot, Command], CommandContext],
    ) -> None:
        self._log = log
        self._clock = clock
        self._new_id = new_id
        self._handle = handle

    def carry_out(self, approval_id: UUID) -> Done | None:
        """Do it, or record why not; None where one of these happened already. Raises what everything waits for."""
        for _ in range(ATTEMPTS):
            snapshot = self._log.load_approval(approval_id)
            approval = snapshot.work.document(Approval, approval_id)
            if approval.state.status != "approved":
                return None
            try:
                return self._done(snapshot, approval)
            except StreamConflict:
                continue
        raise Refusal("concurrent_change", "Others keep changing this at the same time. Try again.")

    def _done(self, snapshot: Snapshot, approval: Approval) -> Done:
        causation_id = _approved_by(snapshot, approval)
        try:
            command = kept_command(approval.state, causation_id, self._log.reason_of(snapshot, approval.id))
            seen = snapshot.work.root.version
            context = self._handle(snapshot, command)
            require_as_approved(snapshot.work, approval.requested)
            if command.silent:
                snapshot.work.silence()
            approval.execute(seen, self._clock())
            return self._append(snapshot, approval, command.cause, context)
        except ClaimTaken as taken:
            return self._refused(approval, causation_id, "concurrent_change", f"Another has the {taken.kind}.")
        except Refusal as refusal:
            if refusal.code in EVERYTHING_WAITS:
                raise
            return self._refused(approval, causation_id, refusal.code, refusal.detail)

    def _refused(self, approval: Approval, causation_id: UUID, code: str, detail: str) -> Done:
        """Record that it could not be done. Raises StreamConflict where something was recorded meanwhile."""
        snapshot = self._log.load_approval(approval.id)
        current = snapshot.work.document(Approval, approval.id)
        if current.state.status != "approved":
            raise StreamConflict(approval.id, current.version)
        current.refuse(code, detail, self._clock())
        return self._append(snapshot, current, cause_of(approval.requested, causation_id), None)

    def _append(self, snapshot: Snapshot, approval: Approval, cause: Cause, context: CommandContext | None) -> Done:
        work, command_id = snapshot.work, self._new_id()
        releases = [claims.approval_work(approval.id, work.root.id), *(context.releases if context else ())]
        answer = self._log.append(snapshot, cause, command_id, context.claims if context else (), releases)
        return answer, work.root.id, command_id


def _approved_by(snapshot: Snapshot, approval: Approval) -> UUID:
    """The command that approved it."""
    return next(
        row.command_id
        for row in reversed(snapshot.rows)
        if row.stream_id == approval.id and row.topic == ApprovalGranted.TOPIC
    )
