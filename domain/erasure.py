"""What an erasure leaves in the log: a fact of the customer, who is not named, and one of each order.

Neither may ever hold what a person could be recognised by.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import Event, OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEvent(Event):
    """A fact about a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerErased(CustomerEvent):
    """All that was personal about a customer can be read no more: the keys of ``orders`` are gone.

    ``waived`` says that a retention which was still running was waived.
    """

    TOPIC: ClassVar[str] = "customer.erased"

    orders: tuple[UUID, ...] = ()
    waived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataErased(OrderEvent):
    """What was personal in the order until here can be read no more; who followed the order forgets it here.

    Why stands in the event of its customer, of the same command.
    """

    TOPIC: ClassVar[str] = "order.personal_data_erased"


CUSTOMER_EVENTS: tuple[type[CustomerEvent], ...] = (CustomerErased,)
ERASED_ORDER_EVENTS: tuple[type[OrderEvent], ...] = (PersonalDataErased,)
