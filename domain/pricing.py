"""What a checkout asks for, turned into exact amounts.

Tax is rounded half up once per line, on (unit price x quantity - discount); a caller who has computed it sends
``tax_amount``, or ``taxes`` where there are several. Tax that is only known for the whole order (``tax_total``) is
spread over what says nothing of its own. Where prices include tax, the tax is taken out of them: subtotal and discount
of an order line are net, whatever the prices were.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from domain.discounts import LINES, spread_tax, take_off
from domain.order_parts import check_charges, check_lines
from domain.order_values import Charge, Discount, LineDetails, NamedTax, OrderLine, ShippingCharge
from domain.refusals import invalid
from domain.requests import RequestedCharge, RequestedDiscount, RequestedLine, RequestedShipping, RequestedTax
from domain.values import exponent, portion, round_half_up, tax_on, tax_within, to_minor, to_text

# Far above any order, far below what a 64-bit integer holds.
MAX_TOTAL = 10**15

MARKETPLACE = "marketplace"
# A gift: it bears no tax of the order, and nobody gives it again by ordering the same goods.
TIP = "tip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The amounts of an order, or of the parts of it that were asked for."""

    lines: tuple[OrderLine, ...] = ()
    shipping: ShippingCharge | None = None
    charges: tuple[Charge, ...] = ()
    discounts: tuple[Discount, ...] = ()


@dataclass(slots=True)
class _Price:
    """One thing that is priced: what it costs before and after discounts, and what is said of its tax.

    ``rate`` and ``tax`` are None where the request says neither; then the thing ``bears`` tax of the order.
    """

    at: str
    full: int
    discount: int = 0
    rate: Decimal | None = None
    tax: int | None = None
    taxes: tuple[NamedTax, ...] = ()
    bears: bool = False

    @property
    def cost(self) -> int:
        return self.full - self.discount


class _Amounts(NamedTuple):
    """Net amounts of a priced thing, and its tax."""

    subtotal: int
    discount: int
    tax: int
    tax_rate: str | None

    @property
    def net(self) -> int:
        return self.subtotal - self.discount


def price_order(
    *,
    lines: Sequence[RequestedLine] | None,
    shipping: RequestedShipping | None,
    currency: str,
    includes_tax: bool,
    charges: Sequence[RequestedCharge] = (),
    discounts: Sequence[RequestedDiscount] = (),
    tax_total: Decimal | None = None,
) -> Quote:
    """The exact amounts of everything asked for; refuses what does not add up, and an order of nothing.

    Without ``lines`` only the rest is priced, for an order whose lines stay.
    """
    if lines is not None:
        check_lines(lines)
    lines = lines or ()
    check_charges(charges)
    priced_lines = [_of_line(line, index, currency) for index, line in enumerate(lines)]
    delivery = (
        None
        if shipping is None
        else _taxed(shipping, "/shipping", _minor(shipping.amount, currency, "/shipping"), currency)
    )
    extras = [_of_charge(charge, index, currency) for index, charge in enumerate(charges)]
    kept = tuple(_discount(each, index, currency) for index, each in enumerate(discounts))
    if kept:
        _reduce(lines, priced_lines, delivery, kept)
    everything = [*priced_lines, *([delivery] if delivery else []), *extras]
    if tax_total is not None:
        _bear(everything, to_minor(tax_total, currency, "/tax_total"), includes_tax)
    return Quote(
        lines=tuple(
            _line(line, price, currency, includes_tax) for line, price in zip(lines, priced_lines, strict=True)
        ),
        shipping=None if shipping is None or delivery is None else _shipping(shipping, delivery, includes_tax),
        charges=tuple(_charge(charge, price, includes_tax) for charge, price in zip(charges, extras, strict=True)),
        discounts=kept,
    )


def plain(rate: Decimal) -> str:
    """The decimal text of a rate, without an exponent."""
    return format(rate, "f")


def grand_total(lines: Iterable[OrderLine], shipping: ShippingCharge | None, charges: Iterable[Charge] = ()) -> int:
    """What the customer pays for all of it; refuses sums beyond ``MAX_TOTAL``."""
    total = sum(line.subtotal - line.discount + line.tax for line in lines)
    total += shipping.amount + shipping.tax if shipping else 0
    total += sum(charge.amount + charge.tax for charge in charges)
    if total > MAX_TOTAL:
        raise invalid("invalid_amount", "The total is larger than an order can hold. Split the order.", "/lines")
    return total


def check_total(expected: Decimal | None, total: int, currency: str) -> None:
    """Refuse when the caller's own sum differs, to the last minor unit."""
    if expected is None:
        return
    if to_minor(expected, currency, "/expected_grand_total") != total:
        raise invalid(
            "totals_mismatch",
            f"The lines, shipping and tax add up to {to_text(total, currency)} {currency}, not {plain(expected)}.",
            "/expected_grand_total",
        )


def _minor(amount: Decimal, currency: str, at: str) -> int:
    return to_minor(amount, currency, f"{at}/amount")


def _of_line(line: RequestedLine, index: int, currency: str) -> _Price:
    at = f"/lines/{index}"
    full = round_half_up(line.unit_price.scaleb(exponent(currency)) * line.quantity)
    discount = to_minor(line.discount, currency, f"{at}/discount")
    if discount > full:
        raise invalid("invalid_amount", "The discount is more than the line costs.", f"{at}/discount")
    price = _taxed(line, at, full, currency)
    price.discount = discount
    return price


def _of_charge(charge: RequestedCharge, index: int, currency: str) -> _Price:
    at = f"/charges/{index}"
    price = _taxed(charge, at, _minor(charge.amount, currency, at), currency)
    price.bears = price.bears and charge.kind != TIP
    return price


def _taxed(asked: RequestedLine | RequestedShipping | RequestedCharge, at: str, full: int, currency: str) -> _Price:
    """What ``full`` costs with what the request says of its tax."""
    if asked.taxes:
        if asked.tax_rate is not None or asked.tax_amount is not None:
            raise invalid("tax_given_twice", "Name either taxes, or tax_rate and tax_amount.", f"{at}/taxes")
        taxes = tuple(_named(tax, f"{at}/taxes/{place}/amount", currency) for place, tax in enumerate(asked.taxes))
        own = [tax for tax in asked.taxes if tax.collected_by != MARKETPLACE]
        rates = [tax.rate for tax in own if tax.rate is not None]
        rate = sum(rates, Decimal(0)) if own and len(rates) == len(own) else None
        return _Price(at, full, 0, rate, sum(tax.amount for tax in taxes if tax.collected_by != MARKETPLACE), taxes)
    given = asked.tax_amount
    tax = None if given is None else to_minor(given, currency, f"{at}/tax_amount")
    return _Price(at, full, 0, asked.tax_rate, tax, bears=asked.tax_rate is None and tax is None)


def _named(tax: RequestedTax, at: str, currency: str) -> NamedTax:
    rate = None if tax.rate is None else plain(tax.rate)
    amount = to_minor(tax.amount, currency, at)
    return NamedTax(name=tax.name, rate=rate, amount=amount, collected_by=tax.collected_by)


def _discount(asked: RequestedDiscount, index: int, currency: str) -> Discount:
    return Discount(
        code=asked.code,
        name=asked.name,
        amount=_minor(asked.amount, currency, f"/discounts/{index}"),
        target=asked.target if isinstance(asked.target, str) else LINES,
        line_ids=() if isinstance(asked.target, str) else asked.target,
    )


def _reduce(
    lines: Sequence[RequestedLine], prices: Sequence[_Price], delivery: _Price | None, discounts: Sequence[Discount]
) -> None:
    costs = {line.line_id: price.cost for line, price in zip(lines, prices, strict=True)}
    by_line, off_delivery = take_off(discounts, costs, delivery.cost if delivery else 0)
    for line, price in zip(lines, prices, strict=True):
        price.discount += by_line[line.line_id]
    if delivery is not None:
        delivery.discount += off_delivery


def _bear(everything: Sequence[_Price], total: int, includes_tax: bool) -> None:
    """Let what says nothing of its tax bear the rest of the order's, by what it costs."""
    said = sum(_tax(price, includes_tax) for price in everything if not price.bears)
    bearing = [price for price in everything if price.bears]
    if total < said or (total > said and not bearing):
        raise invalid(
            "totals_mismatch", "The taxes of lines, shipping and charges add up to another sum.", "/tax_total"
        )
    for price, tax in zip(bearing, spread_tax(total - said, [price.cost for price in bearing]), strict=True):
        price.tax = tax


def _tax(price: _Price, includes_tax: bool) -> int:
    if price.tax is not None or price.rate is None:
        return price.tax or 0
    return tax_within(price.cost, price.rate) if includes_tax else tax_on(price.cost, price.rate)


def _amounts(price: _Price, includes_tax: bool) -> _Amounts:
    rate = Decimal(0) if price.bears and price.tax is None else price.rate
    tax = _tax(price, includes_tax)
    if includes_tax and tax > price.cost:
        raise invalid("invalid_amount", "The tax is more than what it is contained in costs.", f"{price.at}/tax_amount")
    net = price.cost - (tax if includes_tax else 0)
    subtotal = net + price.discount
    if includes_tax and price.discount:
        subtotal = max(net, _net(price, net, rate))
    return _Amounts(subtotal, subtotal - net, tax, None if rate is None else plain(rate))


def _net(price: _Price, net: int, rate: Decimal | None) -> int:
    """The net of the full gross price: by the tax rate, or as much of it as is ``net`` of the discounted price."""
    if rate is not None:
        return price.full - tax_within(price.full, rate)
    return portion(price.full, net, price.cost) if price.cost else price.full


def _line(line: RequestedLine, price: _Price, currency: str, includes_tax: bool) -> OrderLine:
    amounts = _amounts(price, includes_tax)
    scaled = line.unit_price.scaleb(exponent(currency))
    unit_price = round_half_up(scaled)
    return OrderLine(
        line_id=line.line_id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=unit_price,
        tax_rate=amounts.tax_rate,
        subtotal=amounts.subtotal,
        discount=amounts.discount,
        tax=amounts.tax,
        weight_grams=line.weight_grams,
        shippable=line.shippable,
        details=_details(line, None if unit_price == scaled else plain(line.unit_price), price.taxes),
    )


def _details(line: RequestedLine, exact_unit_price: str | None, taxes: tuple[NamedTax, ...]) -> LineDetails | None:
    """What few lines say; None for the others."""
    if not (line.parent_line_id or line.gtin or line.unit or exact_unit_price or taxes):
        return None
    return LineDetails(
        parent_line_id=line.parent_line_id,
        gtin=line.gtin,
        unit=line.unit,
        exact_unit_price=exact_unit_price,
        taxes=taxes,
    )


def _shipping(shipping: RequestedShipping, price: _Price, includes_tax: bool) -> ShippingCharge:
    amounts = _amounts(price, includes_tax)
    return ShippingCharge(
        method=shipping.method,
        description=shipping.description,
        amount=amounts.net,
        tax_rate=amounts.tax_rate,
        tax=amounts.tax,
        discount=amounts.discount,
        taxes=price.taxes,
    )


def _charge(charge: RequestedCharge, price: _Price, includes_tax: bool) -> Charge:
    amounts = _amounts(price, includes_tax)
    return Charge(
        charge_id=charge.charge_id,
        name=charge.name,
        kind=charge.kind,
        amount=amounts.net,
        tax_rate=amounts.tax_rate,
        tax=amounts.tax,
        taxes=price.taxes,
    )
