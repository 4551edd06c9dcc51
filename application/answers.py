"""What a command answers: what it changed as it is now, and the names of what happened."""

from collections.abc import Sequence
from typing import Any

from application.command import Answer
from application.unit_of_work import UnitOfWork
from domain.aggregate import Aggregate
from domain.approval import Approval
from domain.customer import Customer
from domain.dispatch import Dispatch
from domain.document_number import number_text
from domain.erasure import CustomerErased, PersonalDataErased
from domain.events import Event
from domain.invoice import InvoiceIssued
from domain.order import Order

APPROVAL_REQUIRED = "approval_required"
WAITS = "This needs a second person and waits for one: nothing of it is done yet."


def _status(root: Any) -> str:
    return str(root.status if isinstance(root, Order) else root.state.status)


def _erased(customer: Customer, done: Sequence[tuple[Aggregate, Event]], position: int) -> Answer:
    """Of an erasure: which orders were erased. The customer is not named."""
    own = [event for aggregate, event in done if aggregate is customer]
    return {
        "version": customer.version,
        "position": position,
        "status": "erased",
        "events": [type(event).__name__ for event in own],
        "orders": [str(each) for event in own if isinstance(event, CustomerErased) for each in event.orders],
    }


def answer(work: UnitOfWork, done: Sequence[tuple[Aggregate, Event]], position: int) -> Answer:
    """The answer after ``done`` was recorded up to ``position``; what happened to other orders is theirs."""
    approval = next((aggregate for aggregate, _ in done if isinstance(aggregate, Approval)), None)
    if approval is not None:
        return _decided(work, approval, done, position)
    return _done(work, done, position)


def _decided(work: UnitOfWork, approval: Approval, done: Sequence[tuple[Aggregate, Event]], position: int) -> Answer:
    """Of a request for approval, with what was done because it was approved; ``status`` is that of the request."""
    told = _done(work, done, position)
    status = told["status"]
    if isinstance(work.root, Customer):
        told["events"] = [type(event).__name__ for _, event in done if not isinstance(event, PersonalDataErased)]
        if not told["orders"]:
            del told["orders"]
    else:
        told["order_status"] = status
    told |= {"approval_id": str(approval.id), "command": approval.requested.command, "status": approval.state.status}
    if approval.state.status == "requested":
        expires_at = approval.requested.expires_at.isoformat().replace("+00:00", "Z")
        told |= {"code": APPROVAL_REQUIRED, "detail": WAITS, "expires_at": expires_at}
    if approval.state.refused is not None:
        told |= {"code": approval.state.refused.code, "detail": approval.state.refused.detail}
    return told


def _done(work: UnitOfWork, done: Sequence[tuple[Aggregate, Event]], position: int) -> Answer:
    root = work.root
    if isinstance(root, Customer):
        return _erased(root, done, position)
    own = [(aggregate, event) for aggregate, event in done if work.partition_of(aggregate) == root.id]
    result: Answer = {
        f"{root.NAME}_id": str(root.id),
        f"{root.NAME}_number": root.document_number,
        "version": root.version,
        "position": position,
        "status": _status(root),
        "events": [type(event).__name__ for _, event in own],
    }
    for aggregate, _ in own:
        if aggregate is not root and aggregate.document_number is not None:
            result[f"{aggregate.NAME}_id"] = str(aggregate.id)
            result[f"{aggregate.NAME}_number"] = aggregate.document_number
    issued = next((event for _, event in own if isinstance(event, InvoiceIssued)), None)
    if issued is not None:
        result["capture"] = issued.capture
    if isinstance(root, Dispatch):
        result["manifest_number"] = number_text(root.manifest_number)
        if root.state.withheld:
            result["withheld"] = [
                {"shipment_id": str(each.shipment_id), "code": each.code} for each in root.state.withheld
            ]
    return result
