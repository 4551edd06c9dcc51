"""Customers: erase what is personal about one."""

from dataclasses import dataclass
from typing import Any

from application.command_context import CommandContext
from application.command_type import CommandType
from application.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCustomer:
    """All that is personal about the customer in the path is to be unreadable, everywhere and for good.

    The ``reason`` is kept: an auditor has to see why. It may still say something personal, so it is sealed under a key
    of the erasure's own, which the next erasure of that customer deletes; one that names the customer is refused.
    ``waive_retention`` erases although the law wants documents kept: whoever says so answers for it, in the log.
    """

    reason: str
    waive_retention: bool = False


def erase(work: UnitOfWork, command: EraseCustomer, context: CommandContext) -> None:
    """Erase the customer's orders, once none of them is open and no document must be kept."""
    records = context.customer()
    years = context.merchant.retention_years
    kept = [each.kept(years) for each in records.orders]
    work.customer.erase(kept, context.now, waive=command.waive_retention, more=records.elsewhere)
    records.require_unnamed(command.reason)
    for each in records.orders:
        each.order.erase_personal_data(context.now)


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="customers/erase",
        value=EraseCustomer,
        handle=erase,
        summary="Erase what is personal about a customer, everywhere and for good.",
        codes=("already_erased", "erasure_not_allowed", "reason_names_customer"),
        right="administer",
        unheard_of=True,
    ),
)
