"""The columns and filters of the orders grid, as a person reads them.

A new column of the grid gets its words here; which filters it has follows from how the grid matches it.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from projections.orders_grid.columns import CHOICES, MATCHES, NAMED, Kind
from projections.paging.query import Match
from web.pages.listing import Column, Filter
from web.pages.texts import translations

DEFAULT = (
    "order_number",
    "store",
    "purchased_at",
    "bill_to_name",
    "ship_to_name",
    "base_grand_total",
    "grand_total",
    "status",
)
KINDS = {Kind.TIME: "time", Kind.AMOUNT: "money", Kind.COUNT: "number"}
PILLS = frozenset({"status", "payment_status", "fulfilment_status"})
BASE = frozenset({"base_grand_total"})


def _labels(language: str) -> dict[str, str]:
    _ = translations(language).gettext
    return {
        "order_number": _("Order"),
        "store": _("Store"),
        "purchased_at": _("Purchased"),
        "bill_to_name": _("Bill to"),
        "ship_to_name": _("Ship to"),
        "base_grand_total": _("Total (base)"),
        "grand_total": _("Total"),
        "currency": _("Currency"),
        "status": _("Status"),
        "billing_address": _("Billing address"),
        "shipping_address": _("Shipping address"),
        "shipping_information": _("Shipping"),
        "customer_email": _("Email"),
        "customer_group": _("Customer group"),
        "subtotal": _("Subtotal"),
        "shipping_and_handling": _("Shipping and handling"),
        "customer_name": _("Customer"),
        "payment_method": _("Payment method"),
        "total_refunded": _("Refunded"),
        "total_paid": _("Paid"),
        "total_due": _("Due"),
        "payment_status": _("Payment"),
        "fulfilment_status": _("Fulfilment"),
        "item_count": _("Items"),
        "updated_at": _("Updated"),
        "external_reference": _("Reference"),
        "customer_id": _("Customer id"),
        "source": _("Source"),
        "tags": _("Tags"),
    }


@cache
def columns(language: str) -> Mapping[str, Column]:
    """Every column of the grid by its name."""
    labels = _labels(language)
    return {
        name: Column(
            name,
            labels.get(name, name),
            _kind(name),
            currency="" if name in BASE else "currency",
        )
        for name in MATCHES
    }


def _kind(name: str) -> str:
    if name in PILLS:
        return "pill"
    if name == "order_number":
        return "order"
    return KINDS.get(NAMED[name].kind, "text")


@cache
def filters(language: str) -> tuple[Filter, ...]:
    """What the grid can be asked, column by column."""
    return tuple(_filters(_labels(language)))


def _filters(labels: Mapping[str, str]) -> Iterator[Filter]:
    for name, match in MATCHES.items():
        label = labels.get(name, name)
        if match is Match.TIMES:
            stem = name.removesuffix("_at")
            yield Filter(label, "days", (f"{stem}_from", f"{stem}_to"))
        elif match is Match.NUMBERS:
            yield Filter(label, "numbers", (f"{name}_min", f"{name}_max"))
        elif match is Match.CHOICE:
            yield Filter(label, "choice" if name in CHOICES else "text", (name,), CHOICES.get(name, ()))
        else:
            yield Filter(label, "text", (name,))


def shown(asked: tuple[str, ...], kept: str) -> list[str]:
    """The names of the columns to show: those of the address, of the person, or the usual ones."""
    for names in (asked, tuple(kept.split(","))):
        known = [name for name in dict.fromkeys(names) if name in MATCHES]
        if known:
            return known
    return list(DEFAULT)
