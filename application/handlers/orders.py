"""Placing an order and changing it as a whole."""

from typing import Any

from application.book import Book
from application.claims import external_reference
from application.handlers.invoices import issue_if_due
from application.work import Work
from domain.lifecycle import require
from domain.order_events import AddressChanged, OrderPlaced
from domain.payment_methods import METHODS, PaymentMethod, method_named
from domain.pricing import check_total, grand_total, plain, price_lines, price_shipping
from domain.refusals import Refusal, invalid, unknown
from domain.values import exponent

REORDERED = (
    "store",
    "currency",
    "base_rate",
    "prices_include_tax",
    "payment_method",
    "own_method",
    "customer",
    "customer_group",
    "guest",
)
COPIED = ("store", "external_reference", "expires_at", "note", "billing_address", "shipping_address")


def place(book: Book, work: Work) -> None:
    """Bring an order in; an external reference belongs to one order of its store."""
    body = work.body
    currency, includes_tax = body["currency"], body.get("prices_include_tax", False)
    exponent(currency)
    lines = price_lines(body["lines"], currency, includes_tax)
    shipping = price_shipping(body.get("shipping"), currency, includes_tax)
    total = grand_total(lines, shipping)
    check_total(body.get("expected_grand_total"), total, currency)
    method = method_named(body["payment"]["method"], work.merchant.payment_methods)
    _check_method(method, total)
    customer = dict(body["customer"])
    facts: dict[str, Any] = {name: body[name] for name in COPIED if name in body}
    if method.external_page:
        facts.setdefault("expires_at", work.now + work.merchant.payment_deadline)
    book.order.place(
        work.at,
        currency=currency,
        prices_include_tax=includes_tax,
        base_rate=plain(body["base_rate"]) if "base_rate" in body else None,
        payment_method=method.code,
        own_method=None if method.code in METHODS else method,
        lines=lines,
        shipping=shipping,
        customer_group=customer.pop("group", None),
        guest=customer.pop("guest", False),
        customer=customer,
        tracking_token=work.new_token(),
        **facts,
    )
    if body.get("external_reference"):
        work.claims.append(external_reference(body["store"], body["external_reference"], book.order.id))
    issue_if_due(book, work)


def reorder(book: Book, work: Work) -> None:
    """Place the same goods at the same prices for the same customer again."""
    source = work.lookup.order_book(work.target)
    placed = source.events[0]
    customer = placed.customer if isinstance(placed, OrderPlaced) else None
    asking = work.actor.customer_id
    if asking is not None and (customer is None or customer["id"] != asking):
        raise unknown("order", work.target)  # of others a customer learns nothing
    require(source.order.state, "reorder")
    if not isinstance(placed, OrderPlaced) or customer is None:
        raise Refusal("reorder_not_allowed", "The customer's data was erased.")
    addresses = {"billing_address": placed.billing_address, "shipping_address": placed.shipping_address}
    for event in source.events:
        if isinstance(event, AddressChanged):
            addresses |= {kind: getattr(event, kind) for kind in event.kinds}
    book.order.place(
        work.at,
        lines=source.order.lines,
        shipping=source.order.shipping,
        reorder_of=source.order.id,
        tracking_token=work.new_token(),
        **{name: getattr(placed, name) for name in REORDERED},
        **addresses,
    )
    issue_if_due(book, work)


def _check_method(method: PaymentMethod, total: int) -> None:
    if method.only_zero and total:
        detail = f"{method.code} is for orders that cost nothing."
        raise invalid("payment_method_not_available", detail, "/payment/method")


def amend(book: Book, work: Work) -> None:
    """Replace lines, shipping or note of an order that nothing depends on yet."""
    order, body = book.order, work.body
    currency, includes_tax = order.state.currency, order.state.prices_include_tax
    lines = price_lines(body["lines"], currency, includes_tax) if "lines" in body else order.lines
    shipping = order.shipping
    if "shipping" in body:
        shipping = price_shipping(body["shipping"], currency, includes_tax)
    _check_method(order.state.method, grand_total(lines, shipping))
    order.amend(lines, shipping, body.get("note"), work.at)


def change_address(book: Book, work: Work) -> None:
    """Replace the billing or the shipping address."""
    book.order.change_address(work.body, work.at)


def comment(book: Book, work: Work) -> None:
    """Keep a comment, visible to the customer or not."""
    body = work.body
    book.order.comment(body["text"], body.get("visible", False), body.get("notify", False), work.at)


def hold(book: Book, work: Work) -> None:
    """Stop work on the order."""
    book.order.hold(work.at)


def release(book: Book, work: Work) -> None:
    """End the hold; an automatic invoice that waited is issued."""
    book.order.release(work.at)
    issue_if_due(book, work)


def cancel(book: Book, work: Work) -> None:
    """Cancel named quantities, or all that can be."""
    book.order.cancel(work.body.get("lines"), work.at)


def expire(book: Book, work: Work) -> None:
    """Cancel an order that was not paid in time."""
    book.order.expire(work.now)
