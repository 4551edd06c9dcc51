"""The columns of the orders grid, one description each: what stands in it, how it is found, what it says to a reader.

From this list are made the row that is kept and the item that is shown (``rows``), what may be asked (``parameters``)
and what the API documents. A column that is to be asked for needs a column of the same name in read.orders_grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from domain.order_events import Json
from domain.places import place_of
from domain.status import Status, fulfilment_status, payment_status, status
from domain.values import exponent, minor_text, round_half_up
from projections.orders_grid.state import GridState
from projections.paging.query import Match
from projections.paging.times import rfc3339

# Of orders from before the base currency was kept with them.
BASE_PLACES = 2

STATUSES = tuple(status.value for status in Status)
PAYMENT_STATUSES = (
    "none",
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "voided",
)
FULFILMENT_STATUSES = (
    "unfulfilled",
    "partially_booked",
    "booked",
    "partially_dispatched",
    "dispatched",
    "delivered",
)


class Kind(Enum):
    """What a reader finds in a column."""

    ID = "a UUID"
    TEXT = "a text"
    AMOUNT = "an amount as decimal text"
    TIME = "a time as in RFC 3339"
    COUNT = "a whole number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``shown`` is what a reader sees of an order in it, None where there is nothing.

    ``match`` says how it is asked for, None that it cannot be. What is ``lasting`` changes only when the order is
    placed, amended or readdressed, and is worked out only then. Amounts are ``own`` that are in the order's currency.
    What is ``searched`` is looked through by a question that names no column. Rows with the same value stand in the
    order of the column ``tie``, or of their ids.
    """

    name: str
    kind: Kind
    shown: Callable[[GridState], Any]
    about: str
    match: Match | None = None
    choices: tuple[str, ...] = ()
    nullable: bool = False
    lasting: bool = True
    own: bool = False
    searched: bool = False
    tie: str | None = None


def address_text(address: Json) -> str | None:
    """An address in one line, without the name, which has a column of its own; None when it is unknown.

    The place is written as its country does, as on the order's page and on documents.
    """
    parts = (
        address.get("company"),
        *(address.get("street") or ()),
        place_of(address),
        address.get("country"),
    )
    return ", ".join([part for part in parts if part]) or None


def _base_amount(state: GridState) -> str | None:
    """The grand total in the merchant's base currency; None where nobody knows the rate."""
    order, rate = state.order, state.base_rate
    if rate is None:
        return None
    if rate == "1" and state.base_currency in {None, order.currency}:
        return minor_text(order.grand_total, state.places)
    base_places = BASE_PLACES if state.base_currency is None else exponent(state.base_currency)
    return minor_text(
        round_half_up(order.grand_total * Decimal(rate) * Decimal(10) ** (base_places - state.places)), base_places
    )


def _tags(state: GridState) -> str | None:
    return ", ".join(state.order.tags) or None


def _information(state: GridState) -> str | None:
    return (state.charge.description or state.charge.method) if state.charge else None


def _name(
    name: str,
    shown: Callable[[GridState], Any],
    about: str,
    match: Match = Match.WORDS,
    *,
    nullable: bool = True,
    searched: bool = False,
) -> Column:
    return Column(name, Kind.TEXT, shown, about, match, nullable=nullable, searched=searched)


def _searched(name: str, shown: Callable[[GridState], Any], about: str, match: Match = Match.WORDS) -> Column:
    return _name(name, shown, about, match, searched=True)


def _choice(
    name: str,
    shown: Callable[[GridState], Any],
    about: str,
    choices: tuple[str, ...] = (),
    *,
    nullable: bool = False,
    lasting: bool = True,
) -> Column:
    return Column(name, Kind.TEXT, shown, about, Match.CHOICE, choices, nullable, lasting)


def _amount(name: str, of: Callable[[GridState], int], about: str, *, lasting: bool = True) -> Column:
    """An amount in the order's own currency, from its minor units."""

    def shown(state: GridState) -> str:
        return minor_text(of(state), state.places)

    return Column(name, Kind.AMOUNT, shown, about, Match.NUMBERS, lasting=lasting, own=True)


COLUMNS: tuple[Column, ...] = (
    Column("order_id", Kind.ID, lambda state: str(state.order_id), "The order's id."),
    _name(
        "order_number",
        lambda state: state.number,
        "Its number: the shop's own, or that of our series with zeros in front.",
        Match.NAME,
        nullable=False,
    ),
    _choice("store", lambda state: state.order.store, "The store that sold it."),
    Column("purchased_at", Kind.TIME, lambda state: rfc3339(state.purchased_at), "When it was placed.", Match.TIMES),
    _searched("bill_to_name", lambda state: state.billing_address.get("name"), "Whom the invoice goes to."),
    _searched("ship_to_name", lambda state: state.shipping_address.get("name"), "Whom the parcels go to."),
    Column(
        "base_grand_total",
        Kind.AMOUNT,
        _base_amount,
        "The grand total in the merchant's base currency; null where the order came without a rate.",
        Match.NUMBERS,
        nullable=True,
    ),
    _amount("grand_total", lambda state: state.order.grand_total, "What the order comes to, in its currency."),
    _choice("currency", lambda state: state.order.currency, "The order's currency (ISO 4217)."),
    _choice("status", lambda state: status(state.order), "Where the order stands.", STATUSES, lasting=False),
    _searched("billing_address", lambda state: address_text(state.billing_address), "In one line, without the name."),
    _searched("shipping_address", lambda state: address_text(state.shipping_address), "In one line, without the name."),
    _name("shipping_information", _information, "How it is to be shipped."),
    _searched("customer_email", lambda state: state.customer.get("email"), "The customer's address.", Match.WHOLE),
    _choice("customer_group", lambda state: state.customer_group, "The customer's group.", nullable=True),
    _amount("subtotal", lambda state: state.subtotal, "What the lines come to, without discount, tax and delivery."),
    _amount(
        "shipping_and_handling", lambda state: state.charge.amount if state.charge else 0, "The charge for delivery."
    ),
    _searched("customer_name", lambda state: state.customer.get("name"), "The customer's name."),
    _choice("payment_method", lambda state: state.order.payment_method, "How the order is paid."),
    _name("external_reference", lambda state: state.external_reference, "The shop's own name for it.", Match.NAME),
    _choice("source", lambda state: state.source, "The channel that it came by.", nullable=True),
    Column("tags", Kind.TEXT, _tags, "Its tags, with commas between them.", Match.WORDS, nullable=True, lasting=False),
    _name("customer_id", lambda state: state.customer.get("id"), "The shop's id of the customer.", Match.NAME),
    _amount("total_refunded", lambda state: state.order.returned, "Money that went back.", lasting=False),
    _amount("total_paid", lambda state: state.order.captured, "Money that came in.", lasting=False),
    _amount("total_due", lambda state: state.order.due, "What is still to be paid.", lasting=False),
    _choice(
        "payment_status",
        lambda state: payment_status(state.order),
        "How far it is paid.",
        PAYMENT_STATUSES,
        lasting=False,
    ),
    _choice(
        "fulfilment_status",
        lambda state: fulfilment_status(state.order, state.shipments.values()),
        "How far it is shipped.",
        FULFILMENT_STATUSES,
        lasting=False,
    ),
    Column("item_count", Kind.COUNT, lambda state: state.units, "Units ordered.", Match.NUMBERS),
    Column(
        "updated_at",
        Kind.TIME,
        lambda state: rfc3339(state.updated_at),
        "When something last happened to the order, its documents or its parcels.",
        Match.TIMES,
        lasting=False,
        tie="position",
    ),
    Column("position", Kind.COUNT, lambda state: state.position, "The log position of that.", lasting=False),
)

NAMED: dict[str, Column] = {each.name: each for each in COLUMNS}
MATCHES: dict[str, Match] = {each.name: each.match for each in COLUMNS if each.match is not None}
CHOICES: dict[str, tuple[str, ...]] = {each.name: each.choices for each in COLUMNS if each.choices}
# Amounts in the currency of each order; the base amounts are all in the merchant's.
OWN_AMOUNTS = frozenset(each.name for each in COLUMNS if each.own)
SEARCHED = frozenset(each.name for each in COLUMNS if each.searched)
# What decides between rows of the same value, where that is not the order's id: changes of one moment keep the order of
# the log.
TIES: dict[str, str] = {each.name: each.tie for each in COLUMNS if each.tie is not None}
# Columns of which it can be asked whether there is anything in them.
CAN_BE_EMPTY = tuple(each.name for each in COLUMNS if each.nullable or each.match is Match.NAME)


def names_of(kind: Kind) -> frozenset[str]:
    """The columns in which a reader finds that."""
    return frozenset(each.name for each in COLUMNS if each.kind is kind)
