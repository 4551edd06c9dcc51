"""Placing the same order again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from application.command_context import CommandContext
from application.command_type import CommandType
from application.settlement import settle_and_invoice
from application.terms import terms
from application.unit_of_work import UnitOfWork
from domain.basket import Basket
from domain.document_kinds import ORDER
from domain.events import Event
from domain.lifecycle import require
from domain.order_events import AddressChanged, OrderPlaced
from domain.order_values import OrderDetails, OrderLine
from domain.payment_methods import method_named
from domain.pricing import TIP
from domain.refusals import Refusal, require_version, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder:
    """The same goods at the same prices for the same customer again."""


def reorder(work: UnitOfWork, _command: Reorder, context: CommandContext) -> None:
    """Place the same goods at the same prices for the same customer again."""
    source = context.lookup.order_book(context.target)
    placed = source.events[0]
    customer = placed.customer if isinstance(placed, OrderPlaced) else None
    asking = context.actor.customer_id
    if asking is not None and (customer is None or customer["id"] != asking):
        raise unknown("order", context.target)  # of others a customer learns nothing
    require_version(context.expected_version, source.order.version)
    require(source.order.state, "reorder", context.now)
    method = method_named(source.order.state.payment_method, context.merchant.payment_methods)
    if not isinstance(placed, OrderPlaced) or customer is None:
        raise Refusal("reorder_not_allowed", "The data of the customer was erased. Place a new order.")
    basket, addresses = source.order.basket, _addresses(placed, source.events)
    lines = basket.live_lines(source.order.state)
    work.order.trigger(
        OrderPlaced(
            **terms(method, placed.currency, context),
            store=placed.store,
            prices_include_tax=placed.prices_include_tax,
            lines=lines,
            shipping=basket.shipping,
            charges=tuple(charge for charge in basket.charges if charge.kind != TIP),
            details=_reordered(placed.details),
            attributes=placed.attributes,
            line_attributes=_attributes_of(basket, lines),
            vat_id=placed.vat_id,
            registration_id=placed.registration_id,
            customer_group=placed.customer_group,
            guest=placed.guest,
            reorder_of=source.order.id,
            customer=customer,
            billing_address=addresses["billing_address"],
            shipping_address=addresses["shipping_address"],
        )
    )
    settle_and_invoice(work, context)


def _addresses(placed: OrderPlaced, events: Iterable[Event]) -> dict[str, Any]:
    """Where the bill and the goods go now, by the names of the fields."""
    addresses = {"billing_address": placed.billing_address, "shipping_address": placed.shipping_address}
    for event in events:
        if isinstance(event, AddressChanged):
            addresses |= {kind: getattr(event, kind) for kind in event.kinds}
    return addresses


def _reordered(details: OrderDetails | None) -> OrderDetails | None:
    """What of an order's details holds for another one of the same goods: not what was about that purchase alone."""
    again = OrderDetails() if details is None else OrderDetails(delivery=details.delivery)
    return None if again == OrderDetails() else again


def _attributes_of(basket: Basket, lines: Iterable[OrderLine]) -> dict[str, dict[str, str]] | None:
    """What was chosen for those of an order's lines that are ordered again."""
    said = basket.line_attributes
    return {line.line_id: said[line.line_id] for line in lines if line.line_id in said} or None


COMMANDS: tuple[CommandType[Any], ...] = (
    CommandType(
        name="orders/reorder",
        value=Reorder,
        handle=reorder,
        summary="Place the same goods at the same prices for the same customer again.",
        codes=("order_on_hold", "payment_under_review", "reorder_not_allowed", "unknown_payment_method"),
        creates=ORDER,
        begins=True,
        right="reorder",
    ),
)
