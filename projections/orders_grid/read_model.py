"""The orders grid: one flat row per order, with everything a desk filters, sorts and searches by.

What happened is folded by the domain's own functions, so that the grid and the decisions can never
disagree about a status or an amount; the texts beside them are the grid's (``rows``).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from psycopg import Connection

from domain import order_events as e
from domain import order_evolution, shipment_state
from domain.credit_memo import CreditMemoIssued
from domain.document_number import number_of
from domain.events import Event
from domain.invoice import InvoiceIssued
from domain.order_state import OrderState
from domain.shipment_events import ShipmentBooked, TrackingAssigned, TrackingCorrected, TrackingRetracted
from domain.shipment_state import ShipmentState
from domain.values import exponent
from eventstore.records import RecordedEvent
from projections.engine.model import ReadModel
from projections.orders_grid.columns import MATCHES, OWN_AMOUNTS, SEARCHED
from projections.orders_grid.filters import Filters
from projections.orders_grid.page import Grid
from projections.orders_grid.query import GridQuery
from projections.orders_grid.rows import ROW, rows
from projections.orders_grid.state import GridState
from projections.paging.changes import changes
from projections.paging.comparing_amounts import warnings
from projections.paging.identifiers import foreign_lexeme, lexeme, number_lexeme
from projections.paging.query import GridPage


def fold(state: GridState, row: RecordedEvent, event: Any) -> None:
    """Take in one event of the order, of its shipments or its invoices."""
    state.updated_at, state.position = row.recorded_at, row.position
    if event is not None:
        BY_TOPIC[row.topic](state, event)
    elif row.topic in NUMBERED:
        kind = NUMBERED[row.topic]
        _named(state, _elsewhere(kind, row) if row.number is None else number_lexeme(kind, row.number))


Fold = Callable[[GridState, Any], None]


def _named(state: GridState, found: str) -> None:
    """The order is found by this lexeme from now on."""
    if found and found not in state.named:
        state.named = (*state.named, found)
        state.words = None


class _External(msgspec.Struct):
    number: str


class _Issued(msgspec.Struct):
    external: _External | None = None


_decode_issued = msgspec.json.Decoder(_Issued).decode


def _elsewhere(kind: str, row: RecordedEvent) -> str:
    """The lexeme of a document that another system issued: its number stands in the payload."""
    external = _decode_issued(row.payload).external
    return foreign_lexeme(kind, external.number) if external else ""


def _tagged(state: GridState, event: e.OrderTagged) -> None:
    _evolve_tagged(state, event)
    state.words = None


def _evolves(applier: Callable[[OrderState, Any], None]) -> Fold:
    """What the domain does with an event, done to the grid's order."""

    def evolve(state: GridState, event: Any) -> None:
        applier(state.order, event)

    return evolve


def _names_payment(applier: Callable[[OrderState, Any], None]) -> Fold:
    """The same for an event that has a provider's reference."""

    def evolve(state: GridState, event: Any) -> None:
        applier(state.order, event)
        if event.provider_reference:
            _named(state, lexeme("provider_reference", event.provider_reference))

    return evolve


def _placed(state: GridState, event: e.OrderPlaced) -> None:
    _evolve_placed(state, event)
    state.number = number_of(event)
    state.own_number = event.order_number is not None
    state.source = event.details.source if event.details else None
    state.purchase_order = event.details.purchase_order if event.details else None
    state.places = exponent(event.currency)
    state.external_reference = event.external_reference
    state.purchased_at = event.occurred_at
    state.base_rate = event.base_rate
    state.base_currency = event.base_currency
    state.customer = event.customer or {}
    state.customer_group = event.customer_group
    state.billing_address = event.billing_address or {}
    state.shipping_address = event.shipping_address or {}
    _take_lines(state, event)


def _amended(state: GridState, event: e.OrderAmended) -> None:
    _evolve_amended(state, event)
    _take_lines(state, event)


def _take_lines(state: GridState, event: e.OrderPlaced | e.OrderAmended) -> None:
    state.lasting = None
    state.charge = event.shipping
    state.skus = tuple([line.sku for line in event.lines])
    state.subtotal = sum([line.subtotal for line in event.lines])
    state.units = sum([line.quantity for line in event.lines])


def _address_changed(state: GridState, event: e.AddressChanged) -> None:
    state.lasting = None
    if "billing_address" in event.kinds:
        state.billing_address = event.billing_address or {}
    if "shipping_address" in event.kinds:
        state.shipping_address = event.shipping_address or {}


def _moves(applier: Callable[[ShipmentState, Any], None], *, renames: bool) -> Fold:
    """What the domain does with an event of a shipment, done to that shipment; the first one makes it.

    ``renames`` says that its parcels may travel under other numbers from then on.
    """

    def move(state: GridState, event: Any) -> None:
        shipment = state.shipments.get(event.originator_id)
        if shipment is None:
            shipment = state.shipments[event.originator_id] = ShipmentState()
        applier(shipment, event)
        if renames:
            state.words = None

    return move


EVOLVES: dict[type[Event], Fold] = {
    event_class: (_names_payment if "provider_reference" in event_class.__dataclass_fields__ else _evolves)(applier)
    for event_class, applier in order_evolution.APPLIERS.items()
}
_evolve_placed, _evolve_amended = EVOLVES[e.OrderPlaced], EVOLVES[e.OrderAmended]
_evolve_tagged = EVOLVES[e.OrderTagged]

RENAMES = {TrackingAssigned, TrackingCorrected, TrackingRetracted}
_move_booked = _moves(shipment_state.APPLIERS[ShipmentBooked], renames=True)


def _booked(state: GridState, event: ShipmentBooked) -> None:
    _move_booked(state, event)
    if event.external:
        _named(state, foreign_lexeme("shipment_number", event.external.number))
    else:
        _named(state, number_lexeme("shipment_number", event.number))


FOLDS: dict[type[Event], Fold] = {
    **EVOLVES,
    **{
        event_class: _moves(applier, renames=event_class in RENAMES)
        for event_class, applier in shipment_state.APPLIERS.items()
    },
    ShipmentBooked: _booked,
    e.OrderPlaced: _placed,
    e.OrderAmended: _amended,
    e.AddressChanged: _address_changed,
    e.OrderTagged: _tagged,
}
# Of these the grid wants nothing but the number, which is no part of the payload.
NUMBERED = {InvoiceIssued.TOPIC: "invoice_number", CreditMemoIssued.TOPIC: "credit_memo_number"}
BY_TOPIC = {event_class.TOPIC: folded for event_class, folded in FOLDS.items()}


ORDERS_GRID = ReadModel(
    name="orders_grid",
    columns=ROW,
    key="order_id",
    events=frozenset(FOLDS),
    start=GridState,
    fold=fold,
    rows=rows,
    counted_by="status",
    bare=frozenset(FOLDS),
    remembered=6144,
)

GRID = Grid(
    filters=Filters(
        name="orders_grid",
        key="order_id",
        columns=MATCHES,
        searched=SEARCHED,
    ),
    grouped=frozenset({"status", "payment_status", "fulfilment_status", "store"}),
    counted_by="status",
    newest_by="purchased_at",
)


def page(connection: Connection[Any], query: GridQuery) -> GridPage:
    """One page, with what has to be said about it. Raises positions.Behind, PositionUnknown."""
    if query.after is not None:
        wheres = list(GRID.filters.of(query))
        return changes(
            connection, ORDERS_GRID.name, wheres, query.after, limit=query.limit, min_position=query.min_position
        )
    found = GRID.page(connection, query)
    own = {column: query.numbers[column] for column in OWN_AMOUNTS & query.numbers.keys()}
    return replace(found, warnings=warnings(found.items, own, query.choices)) if own else found


status_counts = GRID.counts
