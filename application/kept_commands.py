"""A command as plain values, to be kept until a second person has agreed to it, and the same command again.

What is kept is the accepted body as a caller may have written it: fields that say nothing are left out. Here is also
what becomes of a command that has to wait.
"""

from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from application import claims
from application.catalogue import COMMANDS
from application.command import Actor, Cause, Command
from application.command_context import CommandContext
from application.holding import Held, HoldingRules, worths_of
from application.unit_of_work import UnitOfWork
from domain.approval import Approval, ApprovalRequested, ApprovalState
from domain.order import Order
from domain.refusals import Refusal
from domain.values import to_text

WAITING_MAX = 20
"""How many requests may wait for an order, or a customer, at once."""

_encode = msgspec.json.Encoder(decimal_format="string").encode


def plain_body(body: object) -> dict[str, Any]:
    """What is asked for as plain JSON values, without what is as usual anyway."""
    plain: dict[str, Any] = msgspec.json.decode(_encode(body))
    usual = {each.name: each.default for each in fields(body) if each.default is not MISSING}  # type: ignore[arg-type]
    return {name: value for name, value in plain.items() if name not in usual or getattr(body, name) != usual[name]}


def typed_body(name: str, plain: dict[str, Any]) -> object:
    """What was asked for, as its command takes it."""
    try:
        return msgspec.convert(plain, COMMANDS[name].value)
    except (KeyError, msgspec.ValidationError) as error:
        detail = f"What was asked for can no longer be read as {name}, which has changed since. Ask anew."
        raise Refusal("approval_unreadable", detail) from error


def ask(work: UnitOfWork, command: Command, held: Held, rules: HoldingRules, context: CommandContext) -> None:
    """Keep a command that has to wait, in a unit of work in which nothing of it was decided."""
    worth, actor = held.worth, command.cause.actor
    asked = ApprovalRequested(
        occurred_at=context.now,
        command=command.name,
        target_id=context.target,
        order_number=work.order.document_number if isinstance(work.root, Order) else None,
        amount=worth.amount if worth else None,
        altogether=worth.altogether if worth else None,
        currency=worth.currency if worth else None,
        subject_version=work.root.version,
        requested_by=actor.id,
        role=actor.type,
        conversation_id=command.cause.correlation_id,
        expires_at=context.now + rules.lasts,
        happened_at=command.occurred_at,
        silent=command.silent,
        body=plain_body(command.body),
        customer_id=command.customer_id,
    )
    others = [each for each in work.aggregates.values() if isinstance(each, Approval)]
    for other in others:
        if other.asks_the_same(asked):
            detail = f"The same waits for a second person already, as {other.id}."
            raise Refusal("approval_pending", detail, facts={"approval_id": str(other.id)})
    if sum(each.waits for each in others) >= WAITING_MAX:
        detail = f"{WAITING_MAX} requests wait already. Have some of them decided, or withdraw them."
        raise Refusal("too_many_approvals", detail)
    approval = work.new(Approval, context.new_id())
    approval.request(asked)
    context.claims.append(claims.approval_deadline(asked.expires_at, approval.id, work.root.id))


def kept_command(state: ApprovalState, causation_id: UUID | None, reason: str | None) -> Command:
    """The command that was approved: its caller's own, because of the command that approved it."""
    asked = state.requested
    if asked is None or asked.body is None:
        raise Refusal("approval_erased", "What was asked for was erased with its customer.")
    return Command(
        name=asked.command,
        target=asked.target_id,
        body=typed_body(asked.command, asked.body),
        cause=cause_of(asked, causation_id, reason),
        occurred_at=asked.happened_at,
        silent=asked.silent,
        customer_id=asked.customer_id,
    )


def cause_of(asked: ApprovalRequested, causation_id: UUID | None, reason: str | None = None) -> Cause:
    """Why something of a request is recorded once it was decided: its caller's act, because of the decision."""
    return Cause(
        actor=Actor(asked.role, asked.requested_by),
        correlation_id=asked.conversation_id,
        causation_id=causation_id,
        reason=reason,
    )


def require_as_approved(work: UnitOfWork, asked: ApprovalRequested) -> None:
    """Refuse a command whose pending events are worth more than what was approved, or something else."""
    if asked.amount is None or asked.currency is None:
        return
    for worth in worths_of(asked.command, work):
        if worth.currency != asked.currency or worth.amount > asked.amount:
            now = f"{to_text(worth.amount, worth.currency)} {worth.currency}"
            then = f"{to_text(asked.amount, asked.currency)} {asked.currency}"
            detail = f"It is worth {now} by now, and {then} were approved. Ask anew."
            raise Refusal("exceeds_approved", detail)


def due(state: ApprovalState) -> datetime | None:
    """Until when it may be decided."""
    return None if state.requested is None else state.requested.expires_at
