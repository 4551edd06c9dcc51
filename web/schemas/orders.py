"""Bodies of the commands that place an order and change it before it is fulfilled."""

from typing import Any

from marshmallow.fields import Nested

from application.commands import orders, placing
from domain import requests
from domain.order import TAGS_MAX
from web.schemas.addresses import require_addresses, require_country
from web.schemas.body import CommandBody, Part
from web.schemas.fields import Choice, Day, Exact, Flag, Id, Items, Moment, Reference, Text, Texts, Whole, WordOrNames
from web.schemas.parts import (
    AMOUNT_MAX,
    CHARGES_MAX,
    EMAIL,
    LINES_MAX,
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

CUSTOMER_ID_MAX = 128
TAXES_MAX = 20
DISCOUNTS_MAX = 50
ATTRIBUTES_MAX = 50
# Printable: no control characters, no line or paragraph separators, nothing invisible at either end.
NUMBER = r"[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f])?"


class Customer(Part):
    """Who buys."""

    makes = requests.Customer

    id = Text(CUSTOMER_ID_MAX, required=True)
    email = Text(254, pattern=EMAIL, hint="Must be an email address.", allow_none=True)
    name = label()
    group = label(64)
    guest = Flag()


class Tax(Part):
    """One of several taxes; without ``collected_by`` it is the merchant's."""

    makes = requests.RequestedTax

    name = Text(128, required=True)
    rate = rate(allow_none=True)
    amount = money(required=True)
    collected_by = Choice(("merchant", "marketplace"))


def taxes() -> Items:
    return Items(Nested(Tax), low=0, high=TAXES_MAX)


class Discount(Part):
    """A reduction of the price of all lines, of some, or of the delivery."""

    makes = requests.RequestedDiscount

    code = label(64)
    name = label()
    amount = money(required=True)
    target = WordOrNames(("lines", "shipping"), high=LINES_MAX)


class Charge(Part):
    """What is billed beside the goods and their delivery."""

    makes = requests.RequestedCharge

    charge_id = line_name()
    name = Text(255, required=True)
    kind = Choice(("fee", "tip", "duty", "wrap", "surcharge", "shipping"), required=True)
    amount = money(required=True)
    tax_rate = rate(allow_none=True)
    tax_amount = money(allow_none=True)
    taxes = taxes()


class Shipping(Part):
    """How the goods travel and what that costs; an order of goods that do not travel has none."""

    makes = requests.RequestedShipping

    method = label(64)
    description = label()
    amount = money()
    tax_rate = rate(allow_none=True)
    tax_amount = money(allow_none=True)
    taxes = taxes()


class Payment(Part):
    """How the order is paid, and what the shop calls that."""

    makes = requests.RequestedPayment

    method = Text(64, required=True)
    title = label()


class OrderLine(Part):
    """What is ordered."""

    makes = requests.RequestedLine

    line_id = line_name()
    sku = Text(128, required=True)
    name = label()
    quantity = units()
    unit_price = Exact(high=AMOUNT_MAX, places=6, required=True)
    tax_rate = rate(allow_none=True)
    tax_amount = money(allow_none=True)
    discount = money()
    weight_grams = Whole(0, WEIGHT_GRAMS_MAX, allow_none=True)
    shippable = Flag()
    taxes = taxes()
    parent_line_id = Text(64, allow_none=True)
    gtin = Text(14, low=8, pattern="[0-9]{8}|[0-9]{12,14}", hint="Must be a GTIN of digits.", allow_none=True)
    unit = label(32)
    attributes = Texts(ATTRIBUTES_MAX, high=1000, allow_none=True)


def tags() -> Items:
    return Items(Text(64), low=0, high=TAGS_MAX)


class PlaceOrder(CommandBody):
    """An order as a checkout posts it."""

    makes = (placing.PlaceOrder,)

    external_reference = Reference(128, allow_none=True)
    order_id = Id()
    store = code(required=True)
    currency = Text(3, pattern="[A-Z]{3}", hint="Must be an ISO 4217 code of three capital letters.", required=True)
    customer = Nested(Customer, required=True)
    billing_address = Nested(Address, allow_none=True)
    shipping_address = Nested(Address, allow_none=True)
    shipping = Nested(Shipping, allow_none=True)
    payment = Nested(Payment, required=True)
    lines = lines_of(OrderLine, low=0, required=True)
    prices_include_tax = Flag()
    base_rate = Exact(high=1_000_000_000, places=10, above_low=True, allow_none=True)
    expires_at = Moment(allow_none=True)
    note = label(4000)
    expected_grand_total = money(allow_none=True)
    order_number = Text(64, pattern=NUMBER, hint="Must be printable characters.", allow_none=True)
    source = code(allow_none=True)
    tags = tags()
    attributes = Texts(ATTRIBUTES_MAX, high=1000, allow_none=True)
    customer_note = label(4000)
    discounts = Items(Nested(Discount), low=0, high=DISCOUNTS_MAX)
    charges = Items(Nested(Charge), low=0, high=CHARGES_MAX)
    tax_total = money(allow_none=True)
    purchase_order = Reference(64, allow_none=True)
    due_date = Day(allow_none=True)
    vat_id = label(32)
    registration_id = label(64)
    delivery = Choice(("ship", "pickup"))

    def check(self, body: dict[str, Any]) -> None:
        require_addresses(body)


class AmendOrder(CommandBody):
    """What changes in an order that is still pending; lines replace all lines, and the discounts of those before."""

    makes = (orders.AmendOrder,)

    lines = lines_of(OrderLine, low=0)
    shipping = Nested(Shipping)
    note = Text(4000, low=0)
    charges = Items(Nested(Charge), low=0, high=CHARGES_MAX)
    discounts = Items(Nested(Discount), low=0, high=DISCOUNTS_MAX)

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "lines", "shipping", "note", "charges")


class ChangeAddress(CommandBody):
    """The new address, or both."""

    makes = (orders.ChangeAddress,)

    billing_address = Nested(Address)
    shipping_address = Nested(Address)

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "billing_address", "shipping_address")
        for name in ("billing_address", "shipping_address"):
            if body.get(name) is not None:
                require_country(body, name)


class Comment(CommandBody):
    """What somebody has to say about an order."""

    makes = (orders.Comment,)

    text = Text(4000, required=True)
    visible = Flag()
    notify = Flag()


class TagOrder(CommandBody):
    """Tags to put on the order, and others to take off."""

    makes = (orders.TagOrder,)

    add = tags()
    remove = tags()

    def check(self, body: dict[str, Any]) -> None:
        one_of(body, "add", "remove")


class CancelOrder(CommandBody):
    """The units to cancel; without lines all that can be."""

    makes = (orders.CancelOrder,)

    lines = lines_of(LineQuantity)


class Nothing(CommandBody):
    """A command that asks for nothing beyond its path."""
