"""What a document is found by: its number, the people and places on it, and what names its order and its parcels."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.document_kinds import ORDER, READABLE
from projections.order_history.history import OrderHistory
from projections.paging.identifiers import lexeme
from projections.paging.words import address_lexemes, words

# Facts of a listed document that are searched for like names.
_TEXTS = ("bill_to_name", "ship_to_name", "service", "origin", "location", "reference")
_NUMBERS = tuple(kind.number_name for kind in READABLE if kind is not ORDER)


def document_words(history: OrderHistory | None, item: Mapping[str, Any]) -> str:
    """The words and lexemes of a listed document; ``history`` is its order's, None where it spans orders."""
    found = {word for name in _TEXTS if item.get(name) for word in words(item[name]).split()}
    found.update([item[name] for name in (*_NUMBERS, "manifest_number", "order_number") if item.get(name)])
    found.update(_parcels(item))
    if item.get("invoice_number"):
        found.add(lexeme("invoice_number", item["invoice_number"]))
    if item.get("manifest_number"):
        found.add(lexeme("manifest_number", item["manifest_number"]))
    if history is not None and history.placed is not None:
        found.update(_order(history))
    return " ".join([each for each in found if each])


def _parcels(item: Mapping[str, Any]) -> Iterator[str]:
    for package in item.get("packages", ()):
        if package["tracking_number"]:
            yield lexeme("tracking_number", package["tracking_number"])
        if package["sscc"]:
            yield package["sscc"]
            yield lexeme("sscc", package["sscc"])


def _order(history: OrderHistory) -> Iterator[str]:
    placed = history.placed
    if placed is None:
        return
    customer = placed.customer or {}
    yield lexeme("order_number", history.order_number)
    if placed.external_reference:
        yield lexeme("external_reference", placed.external_reference)
    if placed.details is not None and placed.details.purchase_order:
        yield lexeme("purchase_order", placed.details.purchase_order)
    if customer.get("id"):
        yield lexeme("customer_id", customer["id"])
    if customer.get("email"):
        yield from address_lexemes(customer["email"])
