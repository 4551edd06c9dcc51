"""Bodies of the commands that place an order and change it before it is fulfilled."""

from typing import Any

from marshmallow.fields import Nested

from web.schemas.body import Body, CommandBody
from web.schemas.fields import Exact, Flag, Id, Moment, Reference, Text, Whole
from web.schemas.parts import (
    EMAIL,
    WEIGHT_GRAMS_MAX,
    Address,
    LineQuantity,
    code,
    label,
    line_name,
    lines_of,
    money,
    one_of,
    rate,
    units,
)


class Customer(Body):
    """Who buys."""

    id = Text(128, required=True)
    email = Text(254, pattern=EMAIL, hint="Must be an email address.", allow_none=True)
    name = label()
    group = label(64)
    guest = Flag()


class Shipping(Body):
    """How the goods travel and what that costs; an order of goods that do not travel has none."""

    method = label(64)
    description = label()
    amount = money()
    tax_rate = rate()
    tax_amount = money(allow_none=True)


class Payment(Body):
    """How the order is paid."""

    method = Text(64, required=True)


class OrderLine(Body):
    """What is ordered."""

    line_id = line_name()
    sku = Text(128, required=True)
    name = label()
    quantity = units()
    unit_price = money(required=True)
    tax_rate = rate()
    tax_amount = money(allow_none=True)
    discount = money()
    weight_grams = Whole(0, WEIGHT_GRAMS_MAX, allow_none=True)
    shippable = Flag()


class PlaceOrder(CommandBody):
    """An order as a checkout posts it."""

    external_reference = Reference(128, allow_none=True)
    order_id = Id()
    store = code(required=True)
    currency = Text(3, pattern="[A-Z]{3}", hint="Must be an ISO 4217 code of three capital letters.", required=True)
    customer = Nested(Customer, required=True)
    billing_address = Nested(Address, required=True)
    shipping_address = Nested(Address, required=True)
    shipping = Nested(Shipping, allow_none=True)
    payment = Nested(Payment, required=True)
    lines = lines_of(OrderLine, low=0, required=True)
    prices_include_tax = Flag()
    base_rate = Exact(high=1_000_000_000, places=10, above_low=True, allow_none=True)
    expires_at = Moment(allow_none=True)
    note = label(4000)
    expected_grand_total = money(allow_none=True)


class AmendOrder(CommandBody):
    """What changes in an order that is still pending; lines replace all lines."""

    lines = lines_of(OrderLine, low=0)
    shipping = Nested(Shipping)
    note = Text(4000, low=0)

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "lines", "shipping", "note")


class ChangeAddress(CommandBody):
    """The new address, or both."""

    billing_address = Nested(Address)
    shipping_address = Nested(Address)

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "billing_address", "shipping_address")


class Comment(CommandBody):
    """What somebody has to say about an order."""

    text = Text(4000, required=True)
    visible = Flag()
    notify = Flag()


class CancelOrder(CommandBody):
    """The units to cancel; without lines all that can be."""

    lines = lines_of(LineQuantity)


class Nothing(CommandBody):
    """A command that its path says in full."""
