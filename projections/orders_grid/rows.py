"""The row that the orders grid keeps of an order, and the item that readers see, both made of the list of columns.

Most of a row only changes when the order is placed, amended or readdressed; that part is made once and kept with the
order. A row never holds more of an order than its columns show.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from projections.engine.model import Row
from projections.orders_grid.columns import COLUMNS
from projections.orders_grid.state import GridState, Lasting
from projections.paging.filters import NO_AMOUNT
from projections.paging.identifiers import lexeme, order_number, sku_lexeme
from projections.paging.letters import plain
from projections.paging.query import Match
from projections.paging.words import address_lexemes, words

NAMES = tuple(column.name for column in COLUMNS)
# Of a row of read.orders_grid: what it is found and sorted by, its words, and the item as it is shown.
ROW = (*NAMES, "words", "item")
_Item = msgspec.defstruct("Item", [(name, Any) for name in NAMES], frozen=True, gc=False)
_encode = msgspec.json.Encoder().encode


def _words(text: str | None) -> str:
    return words(text) if text else ""


def _folded(text: str | None) -> str:
    return plain(text or "")


def _number(text: str | None) -> str:
    return order_number(text or "")


def _amount(value: Any) -> str:
    return NO_AMOUNT if value is None else str(value)


def _nothing(_: GridState) -> None:
    return None


def _no_text(_: Any) -> str:
    return ""


# How a column's value is kept, by how it is asked for.
_KEPT: dict[Match | None, Callable[[Any], str]] = {
    Match.WORDS: _words,
    Match.WHOLE: _folded,
    Match.NAME: _folded,
    Match.NUMBERS: _amount,
    Match.CHOICE: lambda value: value or "",
    Match.TIMES: lambda value: value,
    None: str,
}
# Place, value and kept text of the columns that an event may change.
_CHANGING = tuple(
    (place, column.shown, _KEPT[column.match]) for place, column in enumerate(COLUMNS) if not column.lasting
)
# The same of those that last; nothing stands in the places of the others.
_LASTING = tuple(column.shown if column.lasting else _nothing for column in COLUMNS)
_LASTING_KEPT = tuple(
    (_number if column.name == "order_number" else _KEPT[column.match]) if column.lasting else _no_text
    for column in COLUMNS
)
# The texts whose words a question without a column's name looks for, besides the number and the parts of addresses.
_SEARCHED = tuple(place for place, column in enumerate(COLUMNS) if column.searched and column.match is Match.WORDS)


def rows(state: GridState) -> Iterable[Row]:
    """The order's row; none before it was placed."""
    if state.number is None:
        return ()
    lasting = state.lasting
    if lasting is None:
        lasting = state.lasting = _lasting(state)
        state.words = None
    if state.words is None:
        state.words = _all_words(state, lasting)
    shown, kept = list(lasting.shown), list(lasting.found)
    for place, value_of, text_of in _CHANGING:
        value = shown[place] = value_of(state)
        kept[place] = text_of(value)
    return ((*kept, state.words, _encode(_Item(*shown)).decode()),)


def _all_words(state: GridState, lasting: Lasting) -> str:
    """What the order is found by; of tracking numbers those that parcels travel under now."""
    if not state.named and not state.shipments and not state.order.tags:
        return lasting.words
    followed = [each for shipment in state.shipments.values() for each in shipment.numbers.values()]
    numbers = [lexeme("tracking_number", each.tracking_number) for each in followed]
    tags = [lexeme("tag", tag) for tag in state.order.tags]
    return " ".join([lasting.words, *state.named, *numbers, *tags])


def _lasting(state: GridState) -> Lasting:
    shown = tuple([value_of(state) for value_of in _LASTING])
    kept = tuple([text_of(value) for text_of, value in zip(_LASTING_KEPT, shown, strict=True)])
    email = state.customer.get("email")
    texts = {*[kept[place] for place in _SEARCHED], _words(state.number)}
    searched = {*texts, *(address_lexemes(email) if email else ()), *_named(state)}
    return Lasting(shown, kept, " ".join(searched))


def _named(state: GridState) -> list[str]:
    """What names the order from the start: its articles, its customer with the phones, its reference."""
    found = [sku_lexeme(sku) for sku in state.skus]
    customer_id, reference = state.customer.get("id"), state.external_reference
    if customer_id:
        found.append(lexeme("customer_id", customer_id))
    if reference:
        found.append(lexeme("external_reference", reference))
    if state.purchase_order:
        found.append(lexeme("purchase_order", state.purchase_order))
    if state.own_number and state.number:
        found.append(lexeme("order_number", state.number))
    phones = (state.billing_address.get("phone"), state.shipping_address.get("phone"))
    return [*found, *[lexeme("phone", phone) for phone in phones if phone]]
