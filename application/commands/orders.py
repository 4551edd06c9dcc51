"""Changing an order as a whole: what it consists of, where it goes, whether work on it goes on, and its end."""

from dataclasses import dataclass
from typing import Any

from application.command_context import CommandContext
from application.command_type import CommandType
from application.commands.placing import PRICE_CODES, check_method, line_attributes
from application.settlement import settle_and_invoice
from application.unit_of_work import UnitOfWork
from domain import canceling
from domain.lifecycle import require
from domain.payments import release_authorizations
from domain.pricing import grand_total, price_order
from domain.requests import (
    Address,
    RequestedCharge,
    RequestedDiscount,
    RequestedLine,
    RequestedShipping,
)
from domain.values import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """What changes in an order that is still pending; ``lines`` replace all lines, and ``charges`` all charges.

    ``discounts`` are those of the lines, and of the delivery, that are given with them.
    """

    lines: tuple[RequestedLine, ...] | None = None
    shipping: RequestedShipping | None = None
    note: str | None = None
    charges: tuple[RequestedCharge, ...] | None = None
    discounts: tuple[RequestedDiscount, ...] = ()


def amend(work: UnitOfWork, command: AmendOrder, context: CommandContext) -> None:
    """Replace lines, shipping or note of an order that nothing depends on yet."""
    order, basket = work.order, work.order.basket
    currency, includes_tax = order.state.currency, order.state.prices_include_tax
    require(order.state, "amend", context.at)
    quote = price_order(
        lines=command.lines,
        shipping=command.shipping,
        charges=command.charges or (),
        discounts=command.discounts,
        currency=currency,
        includes_tax=includes_tax,
    )
    lines = None if command.lines is None else quote.lines
    charges = None if command.charges is None else quote.charges
    total = grand_total(
        basket.lines if lines is None else lines,
        quote.shipping or basket.shipping,
        basket.charges if charges is None else charges,
    )
    check_method(order.state.method, total)
    order.amend(
        lines,
        quote.shipping,
        command.note,
        context.at,
        charges=charges,
        discounts=quote.discounts,
        line_attributes=line_attributes(command.lines or ()),
    )
    settle_and_invoice(work, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAddress:
    """The new address, or both."""

    billing_address: Address | None = None
    shipping_address: Address | None = None


def change_address(work: UnitOfWork, command: ChangeAddress, context: CommandContext) -> None:
    """Replace the billing or the shipping address."""
    work.order.change_address(command.billing_address, command.shipping_address, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody has to say about an order; ``visible`` to the customer, who is told with ``notify``."""

    text: str
    visible: bool = False
    notify: bool = False


def comment(work: UnitOfWork, command: Comment, context: CommandContext) -> None:
    """Keep a comment, visible to the customer or not."""
    work.order.comment(command.text, command.visible, command.notify, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagOrder:
    """Tags to put on the order, and others to take off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def tag(work: UnitOfWork, command: TagOrder, context: CommandContext) -> None:
    """Put tags on the order, and take others off."""
    work.order.tag(command.add, command.remove, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """Work on the order stops."""


def hold(work: UnitOfWork, _command: HoldOrder, context: CommandContext) -> None:
    """Stop work on the order."""
    work.order.hold(context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOrder:
    """The hold ends."""


def release(work: UnitOfWork, _command: ReleaseOrder, context: CommandContext) -> None:
    """End the hold; an automatic invoice that waited is issued."""
    work.order.release(context.at)
    settle_and_invoice(work, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """The units to cancel; without ``lines`` all that can be."""

    lines: tuple[Units, ...] | None = None


def cancel(work: UnitOfWork, command: CancelOrder, context: CommandContext) -> None:
    """Cancel named quantities, or all that can be; what is left may be paid for then."""
    canceling.cancel(work.order, work.shipments(), command.lines, context.at)
    settle_and_invoice(work, context)
    release_authorizations(work.order, context.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder:
    """An order that was not paid in time ends."""


def expire(work: UnitOfWork, _command: ExpireOrder, context: CommandContext) -> None:
    """Cancel an order that was not paid in time."""
    canceling.expire(work.order, context.now)


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders/amend",
        value=AmendOrder,
        handle=amend,
        summary="Replace lines with their discounts, charges, shipping or note of an order nothing depends on yet.",
        codes=(*PRICE_CODES, "order_not_editable"),
    ),
    CommandType(
        name="orders/change-address",
        value=ChangeAddress,
        handle=change_address,
        summary="Replace the billing or the shipping address.",
        codes=("address_locked", "nothing_to_change"),
    ),
    CommandType(
        name="orders/tag",
        value=TagOrder,
        handle=tag,
        summary="Put tags on the order, and take others off.",
        codes=("nothing_to_change", "too_many_tags"),
    ),
    CommandType(name="orders/comment", value=Comment, handle=comment, summary="Keep a comment on the order."),
    CommandType(
        name="orders/hold",
        value=HoldOrder,
        handle=hold,
        summary="Stop work on the order until it is released.",
        codes=("hold_not_available",),
    ),
    CommandType(
        name="orders/release", value=ReleaseOrder, handle=release, summary="End the hold.", codes=("not_on_hold",)
    ),
    CommandType(
        name="orders/cancel",
        value=CancelOrder,
        handle=cancel,
        summary="Cancel quantities of lines, or all that is neither invoiced nor shipped.",
        codes=(
            "item_not_in_order",
            "nothing_to_cancel",
            "order_on_hold",
            "payment_under_review",
            "quantity_exceeds_cancelable",
        ),
    ),
    CommandType(
        name="orders/expire",
        value=ExpireOrder,
        handle=expire,
        summary="Cancel an order that was not paid by its deadline.",
        codes=("expiry_not_due", "order_on_hold", "payment_present", "payment_under_review"),
    ),
)
