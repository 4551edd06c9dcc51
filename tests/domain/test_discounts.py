"""Discounts over an order: where they fall, to the last minor unit, and what they may not exceed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.discounts import spread_tax, take_off
from domain.order_values import Discount
from domain.refusals import Refusal


def test_a_discount_falls_on_the_lines_by_what_they_cost() -> None:
    by_line, delivery = take_off([Discount(amount=1000)], {"1": 6000, "2": 750}, 800)
    assert (by_line, delivery) == ({"1": 889, "2": 111}, 0)


def test_a_second_discount_counts_on_what_the_first_one_left() -> None:
    by_line, _ = take_off([Discount(amount=500, line_ids=("1",)), Discount(amount=100)], {"1": 500, "2": 300}, 0)
    assert by_line == {"1": 500, "2": 100}


def test_a_discount_on_the_delivery_leaves_the_lines_alone() -> None:
    assert take_off([Discount(amount=1500, target="shipping")], {"1": 100}, 1500) == ({"1": 0}, 1500)


def test_a_line_named_twice_is_reduced_once() -> None:
    assert take_off([Discount(amount=10, line_ids=("1", "1"))], {"1": 10, "2": 10}, 0)[0] == {"1": 10, "2": 0}


@pytest.mark.parametrize(
    ("discount", "code"),
    [
        (Discount(amount=901), "invalid_amount"),
        (Discount(amount=601, line_ids=("1",)), "invalid_amount"),
        (Discount(amount=101, target="shipping"), "invalid_amount"),
        (Discount(amount=1, line_ids=("9",)), "item_not_in_order"),
    ],
)
def test_a_discount_never_exceeds_what_it_is_for(discount: Discount, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        take_off([discount], {"1": 600, "2": 300}, 100)
    assert refused.value.code == code


def test_tax_needs_something_that_bears_it() -> None:
    assert spread_tax(0, [0, 0]) == [0, 0]
    with pytest.raises(Refusal):
        spread_tax(1, [0, 0])


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any), st.integers(0, 10**9))
def test_what_is_spread_adds_up(costs: list[int], tax: int) -> None:
    assert sum(spread_tax(tax, costs)) == tax
    discount = min(tax, sum(costs))
    by_line, _ = take_off([Discount(amount=discount)], {str(place): cost for place, cost in enumerate(costs)}, 0)
    assert sum(by_line.values()) == discount
    assert all(part <= cost for part, cost in zip(by_line.values(), costs, strict=True))
