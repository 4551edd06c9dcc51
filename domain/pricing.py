"""What a checkout asks for, turned into exact amounts.

Tax is rounded half up once per line, on (unit price x quantity - discount); a caller who has
computed it sends ``tax_amount``. Where prices include tax, the tax is taken out of them: subtotal and discount of an
order line are net, whatever the prices were.
"""

from collections.abc import Sequence
from decimal import Decimal

from domain.order_events import OrderLine, ShippingCharge
from domain.refusals import invalid
from domain.requests import RequestedLine, RequestedShipping
from domain.values import portion, tax_on, tax_within, to_minor, to_text

# Far above any order, far below what a 64-bit integer holds.
MAX_TOTAL = 10**15


def plain(rate: Decimal) -> str:
    """The decimal text of a rate, without an exponent."""
    return format(rate, "f")


def _tax(amount: int, rate: Decimal | None, given: int | None, includes_tax: bool) -> int:
    if given is not None or rate is None:
        return given or 0
    return tax_within(amount, rate) if includes_tax else tax_on(amount, rate)


def price_line(line: RequestedLine, index: int, currency: str, includes_tax: bool) -> OrderLine:
    """One requested line with its amounts in minor units."""
    at = f"/lines/{index}"
    unit_price = to_minor(line.unit_price, currency, f"{at}/unit_price")
    discount = to_minor(line.discount, currency, f"{at}/discount")
    full = unit_price * line.quantity
    if discount > full:
        raise invalid("invalid_amount", "The discount is more than the line costs.", f"{at}/discount")
    rate = _rate(line)
    given = line.tax_amount
    tax_given = None if given is None else to_minor(given, currency, f"{at}/tax_amount")
    tax = _tax(full - discount, rate, tax_given, includes_tax)
    if includes_tax and tax > full - discount:
        raise invalid("invalid_amount", "The tax is more than the line costs.", f"{at}/tax_amount")
    net = full - discount - (tax if includes_tax else 0)
    subtotal = net + discount if not (includes_tax and discount) else max(net, _net(full, full - discount, net, rate))
    return OrderLine(
        line_id=line.line_id,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=unit_price,
        tax_rate=None if rate is None else plain(rate),
        subtotal=subtotal,
        discount=subtotal - net,
        tax=tax,
        weight_grams=line.weight_grams,
        shippable=line.shippable,
    )


def _rate(taxed: RequestedLine | RequestedShipping) -> Decimal | None:
    """The tax rate asked for, 0 when nothing is said of taxes; None where only the tax itself is known."""
    if taxed.tax_rate is None and taxed.tax_amount is None:
        return Decimal(0)
    return taxed.tax_rate


def _net(full: int, discounted: int, net: int, rate: Decimal | None) -> int:
    """The net of the ``full`` gross price: by the tax rate, or as much of it as is ``net`` of the discounted price."""
    if rate is not None:
        return full - tax_within(full, rate)
    return portion(full, net, discounted) if discounted else full


def price_lines(lines: Sequence[RequestedLine], currency: str, includes_tax: bool) -> tuple[OrderLine, ...]:
    """The requested lines with their amounts; refuses an order of nothing."""
    if not lines:
        raise invalid("empty_order", "An order needs at least one line.", "/lines")
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.line_id in seen:
            detail = f"Two lines have the line_id {line.line_id}. Give each its own."
            raise invalid("duplicate_line", detail, f"/lines/{index}/line_id")
        seen.add(line.line_id)
    return tuple(price_line(line, i, currency, includes_tax) for i, line in enumerate(lines))


def price_shipping(shipping: RequestedShipping | None, currency: str, includes_tax: bool) -> ShippingCharge | None:
    """The delivery charge with its tax."""
    if shipping is None:
        return None
    amount = to_minor(shipping.amount, currency, "/shipping/amount")
    rate = _rate(shipping)
    given = shipping.tax_amount
    tax_given = None if given is None else to_minor(given, currency, "/shipping/tax_amount")
    tax = _tax(amount, rate, tax_given, includes_tax)
    if includes_tax and tax > amount:
        raise invalid("invalid_amount", "The tax is more than the charge.", "/shipping/tax_amount")
    return ShippingCharge(
        method=shipping.method,
        description=shipping.description,
        amount=amount - tax if includes_tax else amount,
        tax_rate=None if rate is None else plain(rate),
        tax=tax,
    )


def grand_total(lines: Sequence[OrderLine], shipping: ShippingCharge | None) -> int:
    """What the customer pays for all of it; refuses sums beyond ``MAX_TOTAL``."""
    total = sum(line.subtotal - line.discount + line.tax for line in lines)
    total += shipping.amount + shipping.tax if shipping else 0
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
