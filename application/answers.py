"""What a command answers: what it changed as it is now, and the names of what happened."""

from collections.abc import Sequence
from typing import Any

from application.command import Answer
from application.unit_of_work import UnitOfWork
from domain.aggregate import Aggregate
from domain.customer import Customer
from domain.dispatch import Dispatch
from domain.document_number import number_text
from domain.erasure import CustomerErased
from domain.events import Event
from domain.invoice import InvoiceIssued
from domain.order import Order


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
