"""The shapes of what is answered about approvals, declared beside the code that makes them."""

from typing import Annotated, Any, TypedDict

from domain.approval import STATUSES
from projections.answer_types import Amount, Count, Id, Time, Version, one_of, told
from projections.order_history.actors import ActorShown


class RefusalShown(TypedDict):
    """Why what was approved could not be done any more."""

    code: str
    detail: str


class ApprovalSummary(TypedDict):
    """A request for approval as its list shows it."""

    approval_id: Id
    status: Annotated[str, one_of(STATUSES, "What became of it: requested while it waits, executed once it is done.")]
    command: Annotated[str, told("What was asked for: the path under /commands, without the id.", "invoices/refund")]
    target_id: Annotated[Id, told("Of what: the order, invoice or shipment; of a customer a number that names nobody.")]
    order_id: Annotated[Id | None, told("Null where it is about a customer.")]
    order_number: str | None
    amount: Annotated[Amount | None, told("What it is worth; null where the command is not measured.")]
    altogether: Annotated[Amount | None, told("That, with all that had gone back on the order before.")]
    currency: str | None
    requested_at: Time
    requested_by: ActorShown
    expires_at: Annotated[Time, told("Until when it may be decided.")]
    decided_at: Annotated[Time | None, told("When somebody decided, or it expired.")]
    decided_by: Annotated[ActorShown | None, told("Who did; the process where it expired.")]
    refusal: Annotated[RefusalShown | None, told("Of what was approved and could not be done any more.")]


class ApprovalListed(ApprovalSummary):
    """A request for approval in a list."""

    updated_at: Time
    position: Annotated[Count, told("The log position of what last happened to it.")]


class ApprovalStep(TypedDict):
    """Something that happened to a request."""

    type: str
    recorded_at: Time
    actor: ActorShown
    reason: Annotated[str | None, told("Why, for who may read the audit trail.")]
    position: Count


class ApprovalShown(ApprovalSummary):
    """A request for approval in full."""

    body: Annotated[dict[str, Any] | None, told("All that was asked for; null once it was erased.")]
    customer_id: Annotated[str | None, told("Whom it is about, where it is about a customer and was not erased.")]
    reason: Annotated[str | None, told("Why it was asked for; for who may read the audit trail.")]
    occurred_at: Annotated[Time | None, told("When it happened, where whoever asked said so.")]
    silent: Annotated[bool, told("Whether nobody is told of what it brings about.")]
    subject_version: Annotated[
        Count | None,
        told("Which version of the order it was asked of, or of the customer's record; null of older requests."),
    ]
    order_version: Annotated[
        Version | None,
        told("Which version the order has now, for If-Match of an approval; null where it is about a customer."),
    ]
    history: list[ApprovalStep]
    version: Annotated[Version, told("How many things happened to the request.")]
    position: Annotated[Count, told("The log position that this was read at.")]
