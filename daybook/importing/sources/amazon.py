"""Amazon's All Orders report: tab separated, a row per item, money only where something was sold.

Prices are of all units of a row. On American marketplaces the tax stands beside them and Amazon keeps it; elsewhere it
is inside, and the column is of the price before a promotion: the rate is told by it, and the tax taken anew of what was
paid. The report has no payments, invoices and parcels.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from daybook.importing.sources.amazon_fields import FIELDS, REQUIRED
from daybook.importing.sources.amounts import known_rate, minor, number, to_text
from daybook.importing.sources.assuming import goes_on_by, invoiced, one_shipment
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import (
    Discount,
    Figures,
    Payment,
    SourceCharge,
    SourceLine,
    SourceOrder,
    Tax,
    Taxed,
)
from daybook.importing.sources.parties import address, customer_of, postcode
from daybook.importing.sources.put_aside import fault_in, put_aside
from daybook.importing.sources.reading import Options, Reading, RefusedOrder, Source
from daybook.importing.sources.refused import Refused
from daybook.importing.sources.shelf import Kept, shelf
from daybook.importing.sources.shopify import code
from daybook.importing.sources.tables import KEPT, LINE_KEPT, keep_the_rest, read_table
from daybook.importing.sources.taxing import settle_rates, worth
from domain.values import tax_within

TAX_BESIDE = {"Amazon.com", "Amazon.ca", "Amazon.com.mx"}
COLLECTED = "Tax collected by Amazon"
USUAL = (19, 20, 21, 22, 10, 7)
RATES = tuple(Decimal(percent) / 200 for percent in (*(2 * rate for rate in USUAL), *range(2, 56, 2), *range(1, 56, 2)))
"""Half percents up to 27.5, whole ones first: every rate of VAT in Europe, Australia, Japan and Singapore."""
STATUSES = {
    "Pending": "Pending",
    "Unshipped": "Processing",
    "PartiallyShipped": "Processing",
    "Partially Shipped": "Processing",
    "Shipping": "Processing",
    "Shipped": "Complete",
    "Complete": "Complete",
    "Cancelled": "Canceled",
    "Canceled": "Canceled",
}
GONE = {"Shipped", "Complete"}
CANCELED = {"Cancelled", "Canceled"}
NOT_RECEIVED = ("return", "reject", "lost", "damaged", "undeliverable")

Values = dict[str, str]


def read(files: Sequence[Path], options: Options) -> Reading:
    """The orders of the reports; an order that stands in several is taken from each."""
    for path in files:
        with shelf() as kept:
            rows = read_table(path, options.encoding, REQUIRED, "All Orders report of Amazon", quoted=False)
            yield from put_aside(rows, kept, owner="amazon-order-id", kind="row")
            options.counted(kept.count())
            for order_id, things in kept.owners():
                yield fault_in(order_id, things) or _order_or_why_not(order_id, things, options)


def _order_or_why_not(order_id: str, rows: list[Kept], options: Options) -> SourceOrder | RefusedOrder:
    try:
        return _order(order_id, rows, options)
    except Refused as refused:
        return RefusedOrder(order_id, rows[0].place, str(refused))


def _order(order_id: str, rows: list[Kept], options: Options) -> SourceOrder:
    head: Values = rows[0].value
    status, _, more = (part.strip() for part in head["order-status"].partition(" - "))
    if status not in STATUSES:
        raise Refused(f"Its order-status is unknown: {head['order-status'][:60]!r}")
    if not head["item-price"] and STATUSES[status] == "Canceled" and not options.place_without_amounts:
        raise Refused(
            "Amazon gives no amounts for what was canceled. "
            "--place-without-amounts places such orders at 0.00 and cancels them; those that are here it cancels"
        )
    _require_amounts(rows, status)
    order = SourceOrder(
        source="amazon",
        source_id=order_id,
        number=order_id,
        place=rows[0].place,
        currency=head["currency"] or options.currency,
        purchased_at=moment(head["purchase-date"], options.time_zone, (), "purchase-date"),
        figures=Figures(0, 0, 0, None),
        lines=[],
        prices_include_tax=head["sales-channel"] not in TAX_BESIDE,
        title="Amazon",
        channel=code(head["sales-channel"].replace(".", "-")),
        external_reference=head.get("merchant-order-id", ""),
        purchase_order=head.get("purchase-order-number", ""),
        status_said=status,
    )
    order.attributes = keep_the_rest(head, FIELDS, KEPT, order.notes)
    _say_more(order, more)
    _parties(order, head)
    rows = [row for n, row in enumerate(rows, start=1) if _line(order, str(n), row)]
    if not order.lines:
        raise Refused("All of its rows have no units: nothing is left of it. Leave it out, or place it by hand")
    _delivery(order, [row.value for row in rows if not _is_canceled(order, row.value)])
    if order.prices_include_tax:
        settle_rates(order)
    _life(order, [row.value for row in rows], options)
    return order


def _require_amounts(rows: list[Kept], status: str) -> None:
    """Refuses what has neither price nor currency: placed at 0.00 it would stay so, whatever a later report says."""
    names = ("item-price", "currency")
    blank = [row for row in rows if row.value["quantity"].strip("0. ") and not any(row.value[name] for name in names)]
    if not blank or STATUSES[status] == "Canceled":
        return
    if rows[0].value["sales-channel"].startswith("Non-Amazon"):
        raise Refused("It was sold elsewhere and only sent by Amazon, which knows no amounts. Take it from that shop")
    if status == "Pending":
        raise Refused("Amazon gives no amounts before it is paid. Import a later report, which has them")
    raise Refused(f"Line {blank[0].line} has units, no item-price and no currency. Write them into it")


def _is_canceled(order: SourceOrder, said: Values) -> bool:
    """Whether a row was taken out of an order that went on."""
    return said.get("item-status", "") in CANCELED and STATUSES[order.status_said] != "Canceled"


def _say_more(order: SourceOrder, more: str) -> None:
    """What stands behind the status: goods that came back, above all. No amount of it is in the report."""
    if not more:
        return
    order.attributes["order-status"] = f"{order.status_said} - {more}"
    if any(word in more.lower() for word in NOT_RECEIVED):
        order.notes.assumed.append(
            f"{more}: taken as sent and paid. What went back is in another report: refund it here"
        )


def _parties(order: SourceOrder, head: Values) -> None:
    order.billing = address(
        city=head.get("ship-city", ""),
        region=head.get("ship-state", ""),
        postcode=postcode(head.get("ship-postal-code", "")),
        country=head["ship-country"].strip().upper(),
    )
    order.ship_to = order.billing if order.billing.get("country") else None
    order.pickup = order.ship_to is None
    order.customer = customer_of("amazon", "", "", order.source_id)
    order.notes.assumed.append("the report names no buyer: each order is a customer of its own")


def _amount(order: SourceOrder, said: Values, name: str) -> int:
    return minor(said.get(name), order.currency, name)


def _units(order: SourceOrder, row: Kept) -> int:
    """How many; 0 of what was canceled out of an order, one of a wholly canceled order without amounts."""
    said: Values = row.value
    units = number(said["quantity"], "quantity")
    if units != int(units) or units < 0:
        raise Refused(f"Line {row.line}: quantity is no number of units: {said['quantity']!r}")
    if units or _amount(order, said, "item-price"):
        return int(units)
    if STATUSES[order.status_said] == "Canceled":
        order.notes.assumed.append(f"row {row.line} has no units, for it was canceled: placed as one, at 0.00")
        return 1
    order.notes.dropped.append(f"row {row.line}, {said['product-name'][:80]}: it has no units and no price")
    return 0


def _line(order: SourceOrder, line_id: str, row: Kept) -> bool:
    """The line of a row; whether there is one."""
    said: Values = row.value
    quantity = _units(order, row)
    if not quantity and not _amount(order, said, "item-price"):
        order.gone.append(line_id)
        return False
    if not quantity:
        raise Refused(f"Line {row.line}: it has no units and a price; write the units that were sold into quantity")
    amount, off = _amount(order, said, "item-price"), _amount(order, said, "item-promotion-discount")
    line = SourceLine(
        line_id=line_id,
        sku=said["sku"],
        name=said["product-name"],
        quantity=quantity,
        amount=amount,
        attributes=keep_the_rest(said, FIELDS, LINE_KEPT, order.notes),
    )
    promotion = said.get("promotion-ids", "") or None
    if off:
        order.discounts.append(Discount(off, (line_id,), promotion, "Promotion"))
    elif promotion and not _amount(order, said, "ship-promotion-discount"):
        line.attributes["promotion-ids"] = promotion
    _tax(order, line, (amount, off), _amount(order, said, "item-tax"), f"line {line_id}")
    order.lines.append(line)
    if _is_canceled(order, said):
        line.canceled = line.quantity
        order.notes.assumed.append(f"line {line_id} was canceled: neither paid nor sent")
    else:
        _wrap(order, line_id, said)
    return True


def _wrap(order: SourceOrder, line_id: str, said: Values) -> None:
    if amount := _amount(order, said, "gift-wrap-price"):
        wrap = SourceCharge(charge_id=f"wrap-{line_id}", name="Gift wrap", kind="wrap", amount=amount)
        _tax(order, wrap, (amount, 0), _amount(order, said, "gift-wrap-tax"), f"gift wrap of line {line_id}")
        order.charges.append(wrap)


def _delivery(order: SourceOrder, rows: list[Values]) -> None:
    """The shipping of all rows together; its tax by the rate of them all."""
    amount, tax, off = (
        sum(_amount(order, said, name) for said in rows)
        for name in ("shipping-price", "shipping-tax", "ship-promotion-discount")
    )
    service = rows[0].get("ship-service-level", "")
    order.delivery = SourceCharge(name=service, kind="delivery", amount=amount)
    codes = {said["promotion-ids"] for said in rows if _amount(order, said, "ship-promotion-discount")} - {""}
    if off > amount:
        raise Refused("The promotions of the shipping are more than the shipping")
    if off:
        order.discounts.append(Discount(off, "shipping", ", ".join(sorted(codes)) or None, "Promotion"))
    _tax(order, order.delivery, (amount, off), tax, "shipping")
    if len([said for said in rows if _amount(order, said, "shipping-price")]) > 1:
        order.notes.spread.append("the shipping of several rows is one amount")


def _tax(order: SourceOrder, taxed: Taxed, price: tuple[int, int], tax: int, what: str) -> None:
    """Beside the price it is Amazon's; inside, it is that rate of what was paid."""
    amount, off = price
    if not tax:
        return
    if not order.prices_include_tax:
        taxed.taxes.append(Tax(COLLECTED, tax, marketplace=True))
        order.notes.assumed.append("tax beside the prices is collected and kept by Amazon")
        return
    rate = known_rate(amount, tax, RATES, includes_tax=True)
    if rate is None:
        if off:
            raise Refused(f"The tax of {what} is of no known rate, so that nobody knows it after the promotion")
        taxed.tax_amount = tax
        order.notes.assumed.append(f"the tax of {what} is of no known rate: its rate is left open")
        return
    paid = tax_within(amount - off, rate)
    taxed.taxes.append(Tax("VAT", paid, rate))
    if paid != tax:
        was, now = to_text(tax, order.currency), to_text(paid, order.currency)
        order.notes.assumed.append(f"tax of {what} after the promotion is {now}: the report has {was}, before it")


def _life(order: SourceOrder, rows: list[Values], options: Options) -> None:
    status = STATUSES[order.status_said]
    head = rows[0]
    updated = moment(head.get("last-updated-date") or head["purchase-date"], options.time_zone, (), "last-updated-date")
    total = order.total
    paid = 0 if status in {"Pending", "Canceled"} else total - _canceled_worth(order)
    order.figures = Figures(total, paid, 0, status if total or status != "Processing" else "Pending")
    if paid:
        kept = [each for each in _taxed(order) if not (isinstance(each, SourceLine) and each.canceled)]
        remitted = sum(tax.amount for each in kept for tax in each.taxes if tax.marketplace)
        named = f"amazon-{order.source_id}"
        order.payments.append(Payment(named, paid, order.purchased_at, "Amazon", "other", remitted=remitted))
        order.notes.assumed.append("paid in full when it was purchased: the report has no payments")
    if status == "Canceled":
        order.canceled_at = updated
        if not total:
            order.notes.assumed.append("canceled, without amounts: placed at 0.00")
    shipped = {
        line.line_id: line.quantity
        for line, said in zip(order.lines, rows, strict=True)
        if not line.canceled and (status == "Complete" or said.get("item-status") in GONE)
    }
    if shipped and status != "Canceled":
        one_shipment(order, order.number, updated, shipped)
        whole = status == "Complete" and not any(line.canceled for line in order.lines)
        invoiced(order, updated, None if whole else shipped)
    goes_on_by(order, order.title, unpaid_left=False)


def _canceled_worth(order: SourceOrder) -> int:
    left = worth(order)
    canceled = [line for line in order.lines if line.canceled]
    return sum(left[line.line_id] + (0 if order.prices_include_tax else line.tax) for line in canceled)


def _taxed(order: SourceOrder) -> list[Taxed]:
    return [*order.lines, *order.charges, *([order.delivery] if order.delivery else [])]


SOURCE = Source(
    name="amazon",
    title="Amazon",
    files="the All Orders report (flat file, .txt)",
    read=read,
    fields={"All Orders report": FIELDS},
)
