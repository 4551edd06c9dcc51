"""On what terms an order is placed: in which money, paid how and by when, whether a checkout or a reorder brings it."""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from application.command_context import CommandContext
from domain.payment_methods import METHODS, PaymentMethod
from domain.pricing import plain
from domain.refusals import invalid


class Terms(TypedDict):
    """What every ``OrderPlaced`` says beside who ordered what."""

    occurred_at: datetime
    currency: str
    base_rate: str | None
    base_currency: str
    payment_method: str
    own_method: PaymentMethod | None
    expires_at: datetime | None
    tracking_token: str


def terms(
    method: PaymentMethod,
    currency: str,
    context: CommandContext,
    *,
    base_rate: Decimal | None = None,
    expires_at: datetime | None = None,
) -> Terms:
    """The terms of now; ``base_rate`` and ``expires_at`` are what the caller says of them."""
    base_currency = context.merchant.base_currency
    return {
        "occurred_at": context.at,
        "currency": currency,
        "base_rate": _base_rate(base_rate, currency, base_currency),
        "base_currency": base_currency,
        "payment_method": method.code,
        "own_method": None if method.code in METHODS else method,  # kept as its rules were
        "expires_at": _deadline(expires_at, method, context),
        "tracking_token": context.new_token(),
    }


def _deadline(named: datetime | None, method: PaymentMethod, context: CommandContext) -> datetime | None:
    """When the order ends unpaid: the moment named, which must lie ahead, or the usual one of an external page."""
    if named is not None and named <= context.now:
        detail = f"expires_at has passed: it is {context.now.isoformat()} now."
        raise invalid("expires_at_in_past", detail, "/expires_at")
    return named or (context.now + context.merchant.payment_deadline if method.external_page else None)


def _base_rate(given: Decimal | None, currency: str, base_currency: str) -> str | None:
    """How an amount of the order converts into the base currency: 1 within it, else as given; None is not invented."""
    if currency != base_currency:
        return None if given is None else plain(given)
    if given not in {None, Decimal(1)}:
        detail = f"The order is in the base currency {base_currency}, whose rate is 1. Leave base_rate out."
        raise invalid("invalid_base_rate", detail, "/base_rate")
    return "1"
