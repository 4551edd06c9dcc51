"""Amounts: exact, rounded once per line, and parts that add up."""

from decimal import Decimal
from typing import Any

import pytest

from domain.order_values import OrderLine
from domain.pricing import check_total, grand_total, price_order
from domain.refusals import Refusal
from domain.requests import RequestedLine, RequestedShipping
from domain.values import portion, to_minor, to_text
from tests.support.orders import line, typed


def requested(*given: Any, **more: Any) -> RequestedLine:
    """A line as a checkout asks for it."""
    return typed(RequestedLine, line(*given, **more))


def price_lines(*lines: RequestedLine, includes_tax: bool = False) -> tuple[OrderLine, ...]:
    return price_order(lines=lines, shipping=None, currency="EUR", includes_tax=includes_tax).lines


def test_the_order_of_the_specification_costs_what_it_says() -> None:
    asked = RequestedShipping(amount=Decimal("5.00"), tax_rate=Decimal("0.23"))
    quote = price_order(lines=[requested(tax_rate="0.23")], shipping=asked, currency="EUR", includes_tax=False)
    lines, shipping = quote.lines, quote.shipping
    assert (lines[0].subtotal, lines[0].tax) == (2997, 689)
    assert shipping is not None
    assert shipping.tax == 115
    assert grand_total(lines, shipping) == 4301


def test_prices_that_include_tax_are_what_the_customer_pays() -> None:
    (priced,) = price_lines(requested(quantity=1, unit_price="12.30", tax_rate="0.23"), includes_tax=True)
    assert priced.subtotal - priced.discount + priced.tax == 1230
    assert priced.tax == 230


def test_a_tax_that_the_caller_computed_is_taken_as_given() -> None:
    (priced,) = price_lines(requested(tax_rate="0.23", tax_amount="6.90"))
    assert priced.tax == 690


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1.23", "EUR", 123), ("5", "JPY", 5), ("1.234", "KWD", 1234), ("0.10", "USD", 10)],
)
def test_minor_units_follow_the_currency(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    assert Decimal(to_text(minor, currency)) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("1.234", "EUR"), ("0.5", "JPY")])
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(Refusal) as refused:
        to_minor(Decimal(amount), currency)
    assert refused.value.code == "invalid_amount"


@pytest.mark.parametrize("currency", ["ZZZ", "XAU"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(Refusal) as refused:
        to_minor(Decimal(1), currency)
    assert refused.value.code == "unknown_currency"


def test_a_portion_is_rounded_half_up_and_the_last_one_is_the_rest() -> None:
    assert portion(100, 1, 3) == 33
    assert portion(5, 1, 2) == 3
    assert portion(67, 2, 2) == 67


def test_a_total_that_differs_by_a_cent_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        check_total(Decimal("43.00"), 4301, "EUR")
    assert refused.value.code == "totals_mismatch"


def test_an_order_of_nothing_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        price_lines()
    assert refused.value.code == "empty_order"


def test_a_line_that_comes_twice_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        price_lines(requested("1"), requested("1"))
    assert (refused.value.code, refused.value.pointer) == ("duplicate_line", "/lines/1/line_id")
