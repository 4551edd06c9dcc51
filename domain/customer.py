"""Customers, as far as the log knows them: nothing but that all that is personal about one was erased, and when.

The stream has the customer's keyed hash for an id, so that it tells nothing about who it was. It names the orders that
were erased, for events may come to them later and bring a new key, which the next erasure has to find. Nothing in
here may ever hold what could be recognised; the reason is sealed under a key of this stream alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.erasure import CustomerErased
from domain.events import Event
from domain.refusals import Kind, Refusal
from domain.status import Status

SETTLED = frozenset({Status.COMPLETE, Status.CLOSED, Status.CANCELED})
"""Of orders that wait for nothing any more."""
NAMED_MAX = 20


@dataclass(frozen=True, slots=True)
class Retained:
    """A document that the law wants kept as it is until a moment."""

    kind: str
    number: str
    until: datetime


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order of the customer: what it waits for shows its status; ``retained`` are its documents that must stay."""

    order_id: UUID
    number: str | None
    status: Status
    retained: Sequence[Retained] = ()


@dataclass(slots=True)
class CustomerState:
    """``orders`` were erased, the last time at ``erased_at``."""

    orders: set[UUID] = field(default_factory=set)
    erased_at: datetime | None = None


def apply(state: CustomerState, event: Any) -> None:
    """Change ``state`` by a recorded fact."""
    state.orders |= set(event.orders)
    state.erased_at = event.occurred_at


def retained_until(issued_at: datetime, years: int) -> datetime | None:
    """When a document's retention ends: with the calendar year (UTC) in which so many years have passed; None for 0."""
    return datetime(issued_at.astimezone(UTC).year + years + 1, 1, 1, tzinfo=UTC) if years else None


class Customer(Aggregate):
    """Decides whether a customer may be erased."""

    NAME = "customer"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = CustomerState()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)

    def erase(self, orders: Sequence[KeptOrder], at: datetime, *, waive: bool, more: bool = False) -> None:
        """Erase these orders of the customer; ``more`` says that something else is kept besides.

        Refused while one of them waits for something, or must be kept and that is not waived.
        """
        if not orders and not more:
            raise self._nothing()
        self._require_settled([order for order in orders if order.status not in SETTLED])
        retained = [document for order in orders for document in order.retained if document.until > at]
        if retained and not waive:
            raise _retained(retained)
        erased = tuple(order.order_id for order in orders)
        self.trigger(CustomerErased(occurred_at=at, orders=erased, waived=bool(retained)))

    def _nothing(self) -> Refusal:
        if self.state.erased_at is None:
            return Refusal("not_found", "Nothing is kept under this customer id.", kind=Kind.UNKNOWN)
        moment = self.state.erased_at.isoformat()
        detail = f"This customer was erased at {moment}, and nothing came since. There is nothing left to erase."
        return Refusal("already_erased", detail, facts={"erased_at": moment})

    @staticmethod
    def _require_settled(waiting: Sequence[KeptOrder]) -> None:
        if not waiting:
            return
        named = _listed(f"{order.number} ({order.status})" for order in waiting)
        detail = f"Orders of this customer are open: {named}. Complete, close or cancel them first."
        facts = [
            {"order_id": str(order.order_id), "order_number": order.number, "status": str(order.status)}
            for order in waiting[:NAMED_MAX]
        ]
        raise Refusal("erasure_not_allowed", detail, facts={"open_orders": facts})


def _retained(documents: Sequence[Retained]) -> Refusal:
    last = max(document.until for document in documents).date().isoformat()
    named = _listed(f"{each.kind.replace('_', ' ')} {each.number} until {each.until.date()}" for each in documents)
    detail = f"Documents of this customer have to be kept, the last until {last}: {named}. Or say waive_retention."
    facts = [
        {"document": each.kind, "number": each.number, "until": each.until.isoformat()}
        for each in documents[:NAMED_MAX]
    ]
    return Refusal("erasure_not_allowed", detail, facts={"retained_until": last, "retained": facts})


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = len(every) - NAMED_MAX
    return ", ".join(every[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
