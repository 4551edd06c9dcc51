"""Approvals: agreeing to what somebody else asked for, deciding against it, taking it back."""

from dataclasses import dataclass
from typing import Any

from application import claims
from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork
from domain.approval import Approval, Subject
from domain.refusals import Kind, Refusal, unknown
from eventstore.event_keys import event_id

APPROVER = "admin"
"""The kind of caller who may approve: a person, who administers; never a program, a process or a provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRequest:
    """What was asked for is to be done, as it was asked for: on the order as it was then, or as `If-Match` names it."""


def approve(work: UnitOfWork, _command: ApproveRequest, context: CommandContext) -> None:
    """Agree to what another person asked for; it is done right after."""
    approval = _found(work, context)
    _require_approver(approval, context)
    subject = Subject(work.root.version, seen=context.expected_version is not None)
    approval.grant(context.actor, context.same_person, subject, context.now)
    context.claims.append(claims.approval_work(approval.id, work.root.id))
    _decided(work, approval, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRequest:
    """What was asked for is not to be done."""


def reject(work: UnitOfWork, _command: RejectRequest, context: CommandContext) -> None:
    """Decide against what somebody asked for."""
    approval = _found(work, context)
    _require_approver(approval, context)
    approval.reject(context.actor, context.now)
    _decided(work, approval, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequest:
    """Whoever asked wants it no more."""


def withdraw(work: UnitOfWork, _command: WithdrawRequest, context: CommandContext) -> None:
    """Take back what one asked for oneself."""
    approval = _found(work, context)
    approval.withdraw(context.actor, context.same_person, context.now)
    _decided(work, approval, context)


def _found(work: UnitOfWork, context: CommandContext) -> Approval:
    found = work.aggregates.get(context.target)
    if not isinstance(found, Approval):
        raise unknown("approval", context.target)
    return found


def _require_approver(approval: Approval, context: CommandContext) -> None:
    """Refuse who may not decide: the right to approve, and the right to the command itself."""
    role, name = context.actor.type, approval.requested.command
    if role != APPROVER:
        raise Refusal("forbidden", f"Only a person with a key of the role {APPROVER} decides.", kind=Kind.FORBIDDEN)
    kept = context.merchant.rights.get(name)
    if kept is not None and role not in kept:
        detail = f"The role {role} has no right to {name}, and so cannot decide about it; it is kept to: "
        raise Refusal("forbidden", f"{detail}{', '.join(sorted(kept))}.", kind=Kind.FORBIDDEN)


def _decided(work: UnitOfWork, approval: Approval, context: CommandContext) -> None:
    context.because = event_id(approval.id, 1)
    context.releases.append(claims.approval_deadline(approval.requested.expires_at, approval.id, work.root.id))


_CODES = ("approval_not_open", "forbidden")
COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="approvals/approve",
        value=ApproveRequest,
        handle=approve,
        summary="Agree to what another person asked for, and have it done.",
        codes=(*_CODES, "approval_erased", "approval_outdated", "own_approval"),
        right="administer",
        unheard_of=True,
    ),
    CommandType(
        name="approvals/reject",
        value=RejectRequest,
        handle=reject,
        summary="Decide against what somebody asked for.",
        codes=_CODES,
        right="administer",
        unheard_of=True,
    ),
    CommandType(
        name="approvals/withdraw",
        value=WithdrawRequest,
        handle=withdraw,
        summary="Take back what one asked for oneself.",
        codes=("approval_not_open", "not_own_approval"),
        unheard_of=True,
    ),
)
