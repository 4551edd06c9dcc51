"""Which commands need a second person, from the merchant's file: docs/how-to/have-a-second-person-approve.md."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from adapters.merchant.toml_table import ConfigError, Table
from application.holding import HOLDABLE, HoldingRules, Limits
from domain.refusals import Refusal
from domain.values import exponent

OTHER = "default"
HOURS_USUAL = 72
HOURS_MAX = 24 * 365


def holding_rules(root: Table) -> HoldingRules | None:
    """The rules; None where nothing needs a second person."""
    if not root.has("approvals"):
        return None
    with root.table("approvals") as table:
        rules = HoldingRules(
            always=_always(table),
            refunds_above=_limits(table, "refunds_above"),
            reviews_above=_limits(table, "reviews_above"),
            lasts=_lasts(table),
        )
    return rules if rules.held else None


def _always(table: Table) -> frozenset[str]:
    names = table.texts("always")
    for name in names:
        if name not in HOLDABLE:
            known = ", ".join(sorted(HOLDABLE))
            raise ConfigError(f"{table.name('always')}: {name} is none of the commands that can wait: {known}.")
    return frozenset(names)


def _lasts(table: Table) -> timedelta:
    hours = table.whole("expire_after_hours") or HOURS_USUAL
    if hours > HOURS_MAX:
        raise ConfigError(f"{table.name('expire_after_hours')} must be a number of hours from 1 to {HOURS_MAX}.")
    return timedelta(hours=hours)


def _limits(table: Table, key: str) -> Limits | None:
    if not table.has(key):
        return None
    with table.table(key) as limits:
        found = {code: _amount(limits, code) for code in limits.unread()}
        other = found.pop(OTHER, None)
        for code in found:
            _check_currency(code, limits.name(code))
    if not found and other is None:
        raise ConfigError(f'{table.name(key)} must have an amount for a currency, or for {OTHER}, such as EUR = "100".')
    return Limits(found, other)


def _amount(limits: Table, code: str) -> Decimal:
    said = limits.text(code)
    try:
        amount = Decimal(said)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ConfigError(f'{limits.name(code)} must be an amount from 0 as a text, such as "100.00".')
    return amount


def _check_currency(code: str, where: str) -> None:
    try:
        exponent(code)
    except Refusal:
        raise ConfigError(f"{where}: {code} is no ISO 4217 code such as EUR; write {OTHER} for all others.") from None
