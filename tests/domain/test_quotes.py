"""Whole orders as checkouts ask for them: discounts, several taxes, charges, and tax that is only known in sum."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order_values import NamedTax
from domain.pricing import Quote, grand_total, price_order
from domain.refusals import Refusal
from domain.requests import RequestedCharge, RequestedDiscount, RequestedLine, RequestedShipping, RequestedTax

D = Decimal


def line(line_id: str, price: str, quantity: int = 1, **more: Any) -> RequestedLine:
    return RequestedLine(line_id=line_id, sku=line_id, quantity=quantity, unit_price=D(price), **more)


def quote(*lines: RequestedLine, includes_tax: bool = False, currency: str = "EUR", **more: Any) -> Quote:
    more.setdefault("shipping", None)
    return price_order(lines=lines, currency=currency, includes_tax=includes_tax, **more)


def total(priced: Quote) -> int:
    return grand_total(priced.lines, priced.shipping, priced.charges)


def test_an_order_discount_reduces_the_lines_before_their_tax() -> None:
    priced = quote(
        line("1", "60.00", tax_rate=D("0.1")), line("2", "7.50"), discounts=[RequestedDiscount(amount=D("10.00"))]
    )
    assert [each.discount for each in priced.lines] == [889, 111]
    assert priced.lines[0].tax == 511
    assert total(priced) == 6750 - 1000 + 511


def test_free_delivery_shows_what_it_would_have_cost() -> None:
    discount = RequestedDiscount(code="FREESHIP", amount=D("15.00"), target="shipping")
    priced = quote(line("1", "93.00"), shipping=RequestedShipping(amount=D("15.00")), discounts=[discount])
    assert priced.shipping
    assert (priced.shipping.amount, priced.shipping.discount) == (0, 1500)
    assert total(priced) == 9300


def test_a_net_price_stays_net_under_a_discount_on_gross_prices() -> None:
    # Quoted 121.00 with 21 %, 12.10 off: an invoice says 100.00, 10.00 off, 90.00, 18.90.
    priced = quote(
        line("1", "121.00", tax_rate=D("0.21")), includes_tax=True, discounts=[RequestedDiscount(amount=D("12.10"))]
    )
    first = priced.lines[0]
    assert (first.subtotal, first.discount, first.tax) == (10000, 1000, 1890)


def test_several_taxes_add_up_and_keep_their_names() -> None:
    taxes = (
        RequestedTax(name="GST", rate=D("0.05"), amount=D("3.27")),
        RequestedTax(name="PST", rate=D("0.07"), amount=D("4.57")),
    )
    first = quote(line("1", "65.35", taxes=taxes)).lines[0]
    assert (first.tax, first.tax_rate) == (784, "0.12")
    assert first.details
    assert [(tax.name, tax.amount) for tax in first.details.taxes] == [("GST", 327), ("PST", 457)]


def test_a_rate_that_is_not_known_is_none() -> None:
    taxes = (RequestedTax(name="State tax", amount=D("0.80")),)
    assert quote(line("1", "10.00", taxes=taxes)).lines[0].tax_rate is None
    assert quote(line("1", "10.00"), tax_total=D("0.80")).lines[0].tax_rate is None


def test_tax_that_a_marketplace_collects_is_no_part_of_the_order() -> None:
    taxes = (RequestedTax(name="Sales tax", amount=D("1.60"), collected_by="marketplace"),)
    priced = quote(line("1", "20.00", taxes=taxes))
    assert (total(priced), priced.lines[0].tax) == (2000, 0)
    assert priced.lines[0].details
    assert priced.lines[0].details.taxes == (NamedTax(name="Sales tax", amount=160, collected_by="marketplace"),)


def test_tax_of_the_whole_order_falls_on_everything_but_tips() -> None:
    tip = RequestedCharge(charge_id="tip", name="Tip", kind="tip", amount=D("5.00"))
    priced = quote(line("1", "57.35"), shipping=RequestedShipping(amount=D("8.00")), charges=[tip], tax_total=D("7.84"))
    assert priced.shipping
    assert (priced.lines[0].tax, priced.shipping.tax, priced.charges[0].tax) == (688, 96, 0)
    assert total(priced) == 5735 + 800 + 500 + 784


def test_a_sum_of_taxes_that_differs_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        quote(line("1", "10.00", tax_amount=D("1.00")), tax_total=D("1.01"))
    assert (refused.value.code, refused.value.pointer) == ("totals_mismatch", "/tax_total")


def test_a_price_of_six_decimals_is_rounded_once_per_line() -> None:
    first = quote(line("1", "0.012345", quantity=1000)).lines[0]
    assert (first.subtotal, first.unit_price) == (1235, 1)
    assert first.details
    assert first.details.exact_unit_price == "0.012345"


def test_a_plain_line_carries_no_details() -> None:
    assert quote(line("1", "10.00")).lines[0].details is None


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line("1", "10.00"), line("2", "5.00", parent_line_id="1")], "invalid_parent_line"),
        ([line("1", "10.00"), line("2", "0.00", parent_line_id="9")], "invalid_parent_line"),
        ([line("1", "10.00", parent_line_id="1")], "invalid_parent_line"),
        ([line("1", "1.00", tax_rate=D(0), taxes=(RequestedTax(name="x", amount=D(0)),))], "tax_given_twice"),
    ],
)
def test_what_contradicts_itself_is_refused(lines: list[RequestedLine], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        quote(*lines)
    assert refused.value.code == code


def test_a_bundle_has_its_price_in_one_place() -> None:
    assert total(quote(line("1", "10.00", shippable=False), line("2", "0.00", parent_line_id="1"))) == 1000
    assert total(quote(line("1", "0.00", shippable=False), line("2", "10.00", parent_line_id="1"))) == 1000


@given(
    prices=st.lists(st.integers(1, 10**7), min_size=1, max_size=12),
    share=st.integers(0, 100),
    tax=st.integers(0, 100),
    gross=st.booleans(),
)
def test_the_parts_always_add_up(prices: list[int], share: int, tax: int, gross: bool) -> None:
    cost = sum(prices)
    off = cost * share // 100
    tax_total = (cost - off) * tax // 100 if cost > off else 0
    priced = quote(
        *[line(str(place), str(D(price).scaleb(-2))) for place, price in enumerate(prices)],
        includes_tax=gross,
        discounts=[RequestedDiscount(amount=D(off).scaleb(-2))],
        tax_total=D(tax_total).scaleb(-2),
    )
    assert total(priced) == cost - off + (0 if gross else tax_total)
    assert sum(each.tax for each in priced.lines) == tax_total
    assert all(each.discount <= each.subtotal for each in priced.lines)
