"""Bodies of the commands that place an order and change it before it is fulfilled."""

from typing import Any

from marshmallow.fields import Nested

from application.commands import orders
from domain import requests
from web.schemas.body import CommandBody, Part
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


class Customer(Part):
    """Who buys."""

    makes = requests.Customer

    id = Text(128, required=True)
    email = Text(254, pattern=EMAIL, hint="Must be an email address.", allow_none=True)
    name = label()
    group = label(64)
    guest = Flag()


class Shipping(Part):
    """How the goods travel and what that costs; an order of goods that do not travel has none."""

    makes = requests.RequestedShipping

    method = label(64)
    description = label()
    amount = money()
    tax_rate = rate()
    tax_amount = money(allow_none=True)


class Payment(Part):
    """How the order is paid."""

    makes = requests.RequestedPayment

    method = Text(64, required=True)


class OrderLine(Part):
    """What is ordered."""

    makes = requests.RequestedLine

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

    makes = (orders.PlaceOrder,)

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

    makes = (orders.AmendOrder,)

    lines = lines_of(OrderLine, low=0)
    shipping = Nested(Shipping)
    note = Text(4000, low=0)

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "lines", "shipping", "note")


class ChangeAddress(CommandBody):
    """The new address, or both."""

    makes = (orders.ChangeAddress,)

    billing_address = Nested(Address)
    shipping_address = Nested(Address)

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "billing_address", "shipping_address")


class Comment(CommandBody):
    """What somebody has to say about an order."""

    makes = (orders.Comment,)

    text = Text(4000, required=True)
    visible = Flag()
    notify = Flag()


class CancelOrder(CommandBody):
    """The units to cancel; without lines all that can be."""

    makes = (orders.CancelOrder,)

    lines = lines_of(LineQuantity)


class Nothing(CommandBody):
    """A command that asks for nothing beyond its path."""
