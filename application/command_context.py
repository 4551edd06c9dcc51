"""What a handler gets beside the unit of work: the request, the time, new ids, and names to take or give back."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.command import Actor, Merchant
from application.customer_records import CustomerRecords
from application.unit_of_work import UnitOfWork
from domain.approval import SamePerson
from domain.shipment import Shipment
from eventstore.records import Claim


def nobody() -> CustomerRecords:
    """Of a command that names no customer."""
    raise LookupError("this command names no customer")


class Lookup(Protocol):
    """What a handler may ask the log beside its own unit of work."""

    def order_book(self, order_id: UUID) -> UnitOfWork:
        """Another order as it is now; refuses unknown ones."""

    def require_orders(self, order_ids: Sequence[UUID], pointer: str) -> None:
        """Refuse unless all of them exist."""

    def attach_shipments(self, shipment_ids: Sequence[UUID]) -> list[Shipment]:
        """Bring shipments of other orders into the unit of work, in the order asked for; refuses unknown ones."""

    def claims(self, kind: str, prefix: str, limit: int) -> list[Claim]:
        """The claims of a kind whose key begins with ``prefix``."""


@dataclass(slots=True)
class CommandContext:
    """One run of a handler; ``claims`` are the unique names its events take, ``releases`` those given back.

    ``at`` is when it happened as the caller says, ``now`` when it is decided. ``expected_version`` is the caller's, of
    what the command begins from. ``customer`` brings the orders of the customer whom the command names into the unit of
    work, to be erased. ``same_person`` tells whether two keys have one holder.
    ``because`` is the event that the command answers to, where it names one.
    """

    target: UUID
    actor: Actor
    at: datetime
    now: datetime
    merchant: Merchant
    new_id: Callable[[], UUID]
    new_token: Callable[[], str]
    lookup: Lookup
    claims: list[Claim] = field(default_factory=list)
    releases: list[Claim] = field(default_factory=list)
    expected_version: int | None = None
    customer: Callable[[], CustomerRecords] = nobody
    same_person: SamePerson = operator.eq
    because: UUID | None = None
