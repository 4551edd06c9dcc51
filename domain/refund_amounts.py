"""What a refund comes to: the units it names as shares of the invoice, its delivery, charges and adjustments.

Each is checked against what is left of it on the invoice, and units against where they are. Nothing is recorded here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.invoice import Invoice
from domain.order import Order
from domain.order_state import LineState
from domain.refusals import Refusal, invalid
from domain.requests import RefundedCharge, RefundedUnits, RefundRequest
from domain.values import ChargeShare, RefundedShare, portion, refunded, to_minor, to_text


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a credit memo is made of, in minor units; ``more`` is its adjustment refund, ``fee`` what is kept."""

    lines: tuple[RefundedShare, ...]
    shipping: int = 0
    shipping_tax: int = 0
    charges: tuple[ChargeShare, ...] = ()
    more: int = 0
    fee: int = 0

    @property
    def total(self) -> int:
        """What the memo is worth."""
        goods = sum(share.total for share in self.lines)
        charges = self.shipping + self.shipping_tax + sum(charge.total for charge in self.charges)
        return goods + charges + self.more - self.fee


def amounts_to_refund(
    order: Order, invoice: Invoice, lines: tuple[RefundedShare, ...], request: RefundRequest
) -> Amounts:
    """What a request asks for beside its units, which are ``lines``."""
    currency = order.state.currency

    def amount(asked: Decimal, name: str) -> int:
        return to_minor(asked, currency, f"/{name}")

    if request.amount is not None:
        return Amounts((), more=amount(request.amount, "amount"))
    gross = order.state.prices_include_tax
    delivery = _delivery(invoice, amount(request.shipping, "shipping"), gross, currency)
    charges = tuple(_charge(invoice, charge, place, gross, currency) for place, charge in enumerate(request.charges))
    more = amount(request.adjustment_refund, "adjustment_refund")
    fee = amount(request.adjustment_fee, "adjustment_fee")
    amounts = Amounts(lines, *delivery, charges, more=more, fee=fee)
    if amounts.total < 0:
        raise invalid("invalid_amount", "The adjustment_fee is more than what is refunded.", "/adjustment_fee")
    return amounts


def _delivery(invoice: Invoice, asked: int, gross: bool, currency: str) -> tuple[int, int]:
    """The part of the delivery charge to give back, and its tax: ``asked`` is net, or contains it where prices do."""
    net_left, tax_left = invoice.state.shipping_left, invoice.state.shipping_tax_left
    left = net_left + tax_left if gross else net_left
    if asked > left:
        detail = f"Only {to_text(left, currency)} {currency} of shipping are left to refund on this invoice."
        raise Refusal("shipping_refund_exceeds", detail, pointer="/shipping")
    return _part(asked, net_left, tax_left, gross)


def _charge(invoice: Invoice, request: RefundedCharge, place: int, gross: bool, currency: str) -> ChargeShare:
    """The part of a charge to give back: all that is left of it, unless an amount is named."""
    name = request.charge_id
    share = invoice.state.charges_left.get(name)
    if share is None:
        detail = f"There is no charge {name} on this invoice."
        raise invalid("charge_not_on_invoice", detail, f"/charges/{place}/charge_id")
    if not share.total:
        detail = f"All of the charge {name} was given back already."
        raise Refusal("charge_refund_exceeds", detail, pointer=f"/charges/{place}")
    if request.amount is None:
        return share
    left = share.total if gross else share.amount
    at = f"/charges/{place}/amount"
    asked = to_minor(request.amount, currency, at)
    if asked > left:
        detail = f"Only {to_text(left, currency)} {currency} of the charge {name} are left on this invoice."
        raise Refusal("charge_refund_exceeds", detail, pointer=at)
    return ChargeShare(name, *_part(asked, share.amount, share.tax, gross))


def _part(asked: int, net_left: int, tax_left: int, gross: bool) -> tuple[int, int]:
    """The net amount and the tax of what is ``asked`` for of a charge: net, or with its tax (``gross``)."""
    left = net_left + tax_left if gross else net_left
    tax = portion(tax_left, asked, left) if asked else 0
    return (asked - tax if gross else asked), tax


def shares_to_refund(order: Order, invoice: Invoice, lines: str | Sequence[RefundedUnits]) -> tuple[RefundedShare, ...]:
    """The units that are asked for, with what they are worth on the invoice."""
    if isinstance(lines, str):
        lines = _everything(order, invoice)
    left = dict(invoice.state.remaining)
    wanted: Counter[tuple[str, str]] = Counter()
    shares = []
    for index, line in enumerate(lines):
        name, quantity, disposition = line.line_id, line.quantity, line.disposition
        if name not in order.state.lines:
            raise invalid("item_not_in_order", f"The order has no line {name}.", f"/lines/{index}/line_id")
        open_share = left.get(name)
        if open_share is None or quantity > open_share.quantity:
            units = open_share.quantity if open_share else 0
            detail = f"Only {units} units of line {name} are on this invoice and not refunded, not {quantity}."
            raise Refusal("quantity_exceeds_invoiced", detail, pointer=f"/lines/{index}/quantity")
        wanted[name, disposition] += quantity
        _check_disposition(order.state.lines[name], disposition, wanted[name, disposition], index)
        part = open_share.part(quantity, gross=order.state.prices_include_tax)
        left[name] = open_share.without(part)
        shares.append(refunded(part, disposition))
    return tuple(shares)


def _everything(order: Order, invoice: Invoice) -> list[RefundedUnits]:
    """All units left on the invoice: as many as were shipped count as shipped, the others as not."""
    lines = []
    for share in invoice.state.remaining.values():
        line = order.state.lines[share.line_id]
        shipped = min(share.quantity, max(0, line.booked - line.refunded_shipped))
        for disposition, quantity in (("shipped", shipped), ("unshipped", share.quantity - shipped)):
            if quantity:
                lines.append(RefundedUnits(line_id=share.line_id, quantity=quantity, disposition=disposition))
    return lines


def _check_disposition(line: LineState, disposition: str, quantity: int, index: int) -> None:
    if disposition == "shipped":
        most = line.booked - line.refunded_shipped
    else:
        most = line.to_ship if line.shippable else line.to_refund
    if quantity > most:
        hint = " Units of a shipment that has not left are unshipped once it is canceled." if line.booked else ""
        detail = f"Only {most} units of line {line.line_id} are {disposition}, not {quantity}.{hint}"
        raise Refusal("disposition_mismatch", detail, pointer=f"/lines/{index}/disposition")
