"""The money of an invoice or a credit memo as readers see it: lines, delivery charge, taxes by rate.

It adds up what was fixed when the document was issued and never calculates a price or a tax again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.order_values import NamedTax, OrderLine
from domain.pricing import MARKETPLACE
from domain.values import (
    ChargeShare,
    External,
    RefundedShare,
    Share,
    TaxPart,
    exponent,
    portion,
    round_half_up,
    spread,
    to_text,
)
from projections.documents.shapes.billing import (
    DiscountShown,
    DocumentChargeShown,
    DocumentLineShown,
    DocumentShippingShown,
    DocumentTotalsShown,
    TaxNamed,
    TaxShown,
)
from projections.documents.shapes.common import ExternalShown
from projections.order_history.history import OrderHistory

# A delivery charge: its net amount and its tax.
Delivery = tuple[int, int]
Charges = Sequence[ChargeShare]

NO_LINE = OrderLine(line_id="", sku="", quantity=0, unit_price=0, subtotal=0)


def order_lines(history: OrderHistory) -> dict[str, OrderLine]:
    """The lines of an order by their id."""
    return {line.line_id: line for line in history.basket.lines}


def money_lines(history: OrderHistory, shares: Iterable[Share]) -> list[DocumentLineShown]:
    """The shares of order lines with what they are of; ``net`` is without tax and after the discount."""
    ordered, currency = order_lines(history), history.order.currency
    gross = history.order.prices_include_tax
    texts = history.basket.line_attributes
    return [
        _line(ordered.get(share.line_id, NO_LINE), share, currency, texts.get(share.line_id, {}), gross=gross)
        for share in shares
    ]


def unit_price_shown(line: OrderLine, currency: str) -> str:
    """The price of one unit as quoted, with all the decimals that it has."""
    exact = line.details.exact_unit_price if line.details else None
    return exact or to_text(line.unit_price, currency)


def _net_unit_price_shown(line: OrderLine, share: Share, currency: str, *, gross: bool) -> str:
    if not gross:
        return unit_price_shown(line, currency)
    return to_text(_net_unit_price(line, share, currency), currency)


def taxes_shown(named: Sequence[NamedTax], tax: int, currency: str) -> list[TaxNamed]:
    """Several taxes by their names: the part of ``tax`` that each is, and what a marketplace collects beside it."""
    own = [each for each in named if each.collected_by != MARKETPLACE]
    weights = [each.amount for each in own]
    parts = spread(tax, weights) if any(weights) else weights
    amounts = dict(zip(map(id, own), parts, strict=True))
    return [
        {
            "name": each.name,
            "rate": each.rate,
            "amount": to_text(amounts.get(id(each), each.amount), currency),
            "collected_by": each.collected_by,
        }
        for each in named
    ]


def discounts_shown(history: OrderHistory) -> list[DiscountShown]:
    """The discounts that the whole order was given, as the caller listed them."""
    return [
        {
            "code": each.code,
            "name": each.name,
            "amount": to_text(each.amount, history.order.currency),
            "target": list(each.line_ids) or each.target,
        }
        for each in history.basket.discounts
    ]


def external_shown(external: External | None) -> ExternalShown | None:
    """Under which number another system issued a document, and where it is; None for our own."""
    return None if external is None else {"number": external.number, "url": external.url}


def charges_shown(history: OrderHistory, shares: Charges) -> list[DocumentChargeShown]:
    """The charges on a document beside the delivery."""
    charges, currency = {charge.charge_id: charge for charge in history.basket.charges}, history.order.currency
    return [
        {
            "charge_id": share.charge_id,
            "name": charges[share.charge_id].name if share.charge_id in charges else share.charge_id,
            "kind": charges[share.charge_id].kind if share.charge_id in charges else None,
            "tax_rate": charges[share.charge_id].tax_rate if share.charge_id in charges else None,
            "net": to_text(share.amount, currency),
            "tax": to_text(share.tax, currency),
            "total": to_text(share.total, currency),
        }
        for share in shares
    ]


def _net_unit_price(line: OrderLine, share: Share, currency: str) -> int:
    """The price of one unit without its tax, before the discount: by the rate, or by the share where none is known."""
    if line.tax_rate is None:
        return portion(share.subtotal, 1, share.quantity)
    exact = line.details.exact_unit_price if line.details else None
    price = Decimal(line.unit_price) if exact is None else Decimal(exact).scaleb(exponent(currency))
    return round_half_up(price / (1 + Decimal(line.tax_rate)))


def _line(
    line: OrderLine, share: Share, currency: str, attributes: Mapping[str, str], *, gross: bool
) -> DocumentLineShown:
    shown: DocumentLineShown = {
        "line_id": share.line_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": share.quantity,
        "unit": line.details.unit if line.details else None,
        "gtin": line.details.gtin if line.details else None,
        "unit_price": unit_price_shown(line, currency),
        "net_unit_price": _net_unit_price_shown(line, share, currency, gross=gross),
        "tax_rate": line.tax_rate,
        "subtotal": to_text(share.subtotal, currency),
        "discount": to_text(share.discount, currency),
        "net": to_text(share.subtotal - share.discount, currency),
        "tax": to_text(share.tax, currency),
        "taxes": taxes_shown(line.details.taxes if line.details else (), share.tax, currency),
        "total": to_text(share.total, currency),
        "attributes": dict(attributes),
    }
    if isinstance(share, RefundedShare):
        shown["disposition"] = share.disposition
    return shown


def shipping_shown(history: OrderHistory, amount: int, tax: int) -> DocumentShippingShown | None:
    """A delivery charge on a document; None when there is none."""
    if not amount and not tax:
        return None
    charge, currency = history.basket.shipping, history.order.currency
    return {
        "description": (charge.description or charge.method) if charge else None,
        "tax_rate": charge.tax_rate if charge else None,
        "net": to_text(amount, currency),
        "tax": to_text(tax, currency),
        "total": to_text(amount + tax, currency),
    }


@dataclass(frozen=True, slots=True)
class Billed:
    """What a document bills, or gives back: shares of lines, the delivery, other charges, and parts of adjustments."""

    shares: Sequence[Share]
    delivery: Delivery
    charges: Charges = ()
    more: Sequence[TaxPart] = ()


def taxes(history: OrderHistory, billed: Billed) -> list[TaxShown]:
    """Taxable amount and tax of each rate, the highest rate first; at the end what is of no known rate (None).

    ``named`` has the parts of a rate that is several taxes, such as GST and PST.
    """
    ordered, currency = order_lines(history), history.order.currency
    rates = {charge.charge_id: charge.tax_rate for charge in history.basket.charges}
    parts = [(ordered.get(s.line_id, NO_LINE).tax_rate, s.subtotal - s.discount, s.tax) for s in billed.shares]
    if any(billed.delivery):
        parts.append((history.basket.shipping.tax_rate if history.basket.shipping else None, *billed.delivery))
    parts += [(rates.get(charge.charge_id), charge.amount, charge.tax) for charge in billed.charges]
    parts += [(part.tax_rate, part.net, part.tax) for part in billed.more]
    sums: dict[Decimal | None, tuple[int, int]] = {}
    for rate, net, tax in parts:
        number = None if rate is None else Decimal(rate)
        nets, rate_taxes = sums.get(number, (0, 0))
        sums[number] = (nets + net, rate_taxes + tax)
    named = _named_parts(history, billed)
    highest_first = sorted(sums, key=lambda rate: Decimal(-1) if rate is None else rate, reverse=True)
    return [
        {
            "tax_rate": None if rate is None else format(rate.normalize(), "f"),
            "net": to_text(sums[rate][0], currency),
            "tax": to_text(sums[rate][1], currency),
            "named": [
                {"name": name, "amount": to_text(amount, currency)} for name, amount in named.get(rate, {}).items()
            ],
        }
        for rate in highest_first
    ]


def _named_parts(history: OrderHistory, billed: Billed) -> Mapping[Decimal | None, Mapping[str, int]]:
    """Of each rate what every tax of a name comes to on a document; marketplaces collect theirs beside it."""
    ordered = order_lines(history)
    charges = {charge.charge_id: charge for charge in history.basket.charges}
    parts = [
        (line.tax_rate, line.details.taxes if line.details else (), share.tax)
        for share in billed.shares
        if (line := ordered.get(share.line_id))
    ]
    if history.basket.shipping:
        parts.append((history.basket.shipping.tax_rate, history.basket.shipping.taxes, billed.delivery[1]))
    parts += [
        (charges[share.charge_id].tax_rate, charges[share.charge_id].taxes, share.tax)
        for share in billed.charges
        if share.charge_id in charges
    ]
    found: dict[Decimal | None, dict[str, int]] = {}
    for rate, several, tax in parts:
        own = [each for each in several if each.collected_by != MARKETPLACE and each.amount]
        for each, amount in zip(own, spread(tax, [each.amount for each in own]) if own else (), strict=True):
            names = found.setdefault(None if rate is None else Decimal(rate), {})
            names[each.name] = names.get(each.name, 0) + amount
    return found


def totals(billed: Billed, currency: str) -> DocumentTotalsShown:
    """What the lines, the delivery, other charges and adjustments of a document add up to."""
    shipping, shipping_tax = billed.delivery
    charges = sum(charge.amount for charge in billed.charges)
    goods = sum(share.subtotal - share.discount for share in billed.shares)
    tax = (
        sum(share.tax for share in billed.shares)
        + shipping_tax
        + sum(charge.tax for charge in billed.charges)
        + sum(part.tax for part in billed.more)
    )
    return {
        "subtotal": to_text(sum(share.subtotal for share in billed.shares), currency),
        "discount": to_text(sum(share.discount for share in billed.shares), currency),
        "shipping": to_text(shipping, currency),
        "charges": to_text(charges, currency),
        "net": to_text(goods + shipping + charges + sum(part.net for part in billed.more), currency),
        "tax": to_text(tax, currency),
    }
