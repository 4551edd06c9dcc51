"""Shopify's order export (`orders_export.csv`): a row per line item, the order's own columns on the first of them.

The export knows discount and tax of the whole order only, has no invoices, no parcels and no dates of refunds. What
that leaves open is decided here once and written into the order's notes.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from daybook.importing.sources import shopify_life as life
from daybook.importing.sources.amounts import minor
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import Discount, Figures, SourceCharge, SourceLine, SourceOrder
from daybook.importing.sources.parties import address, customer_of, postcode
from daybook.importing.sources.put_aside import fault_in, put_aside
from daybook.importing.sources.reading import Options, Reading, RefusedOrder, Source
from daybook.importing.sources.refused import Refused
from daybook.importing.sources.shelf import Kept, shelf
from daybook.importing.sources.shopify_fields import FIELDS, REQUIRED
from daybook.importing.sources.tables import KEPT, LINE_KEPT, Row, keep_the_rest, read_table
from daybook.importing.sources.taxing import put_tax, settle_rates

TIMES = ("%Y-%m-%d %H:%M:%S %z",)
TAXES = range(1, 6)
REMOVED_MAX = 3
CHOSEN_FROM_MAX = 60
SHORTENED = (
    "A spreadsheet program has shortened the Ids. Export the orders anew, and import the file without saving it there"
)

Values = dict[str, str]


def read(files: Sequence[Path], options: Options) -> Reading:
    """The orders of the files; an order that stands in several is taken from each, the later with what is new."""
    for path in files:
        with shelf() as kept:
            names: dict[str, set[str]] = {}
            rows = read_table(path, options.encoding, REQUIRED, "orders export of Shopify")
            yield from put_aside(_named(rows, names), kept, owner="Name", kind="row")
            options.counted(kept.count())
            shared = {each for of_one_id in names.values() if len(of_one_id) > 1 for each in of_one_id}
            for name, things in kept.owners():
                yield fault_in(name, things) or _order_or_why_not(name, things, options, shared)


def _named(rows: Iterable[Row], names: dict[str, set[str]]) -> Iterator[Row]:
    """The rows, with the names of the orders by their Ids noted down."""
    for row in rows:
        if (said := row.values.get("Id")) and not row.fault:
            names.setdefault(said, set()).add(row.values["Name"].strip())
        yield row


def _order_or_why_not(
    name: str, rows: list[Kept], options: Options, shared: Collection[str]
) -> SourceOrder | RefusedOrder:
    place = rows[0].place
    if name in shared:
        return RefusedOrder(name, place, f"Another order of the file has the same Id: {SHORTENED}")
    try:
        return _order(name, rows, options)
    except Refused as refused:
        return RefusedOrder(name, place, str(refused))


def _order(name: str, rows: list[Kept], options: Options) -> SourceOrder:
    told, rows = rows, _once(rows)
    head: Values = rows[0].value
    if not head["Created at"] or not head["Total"]:
        raise Refused(f"The first row of order {name} has no Created at or no Total")
    _require_whole_id(head)
    currency = head["Currency"] or options.currency
    order = SourceOrder(
        source="shopify",
        source_id=head.get("Id") or name,
        number=name,
        place=rows[0].place,
        currency=currency,
        purchased_at=moment(head["Created at"], options.time_zone, TIMES, "Created at"),
        figures=_figures(head, currency),
        lines=[],
        title=head["Payment Method"],
        channel=code(head.get("Source", "")),
        tags=[tag.strip() for tag in head.get("Tags", "").split(",") if tag.strip()],
        customer_note=head.get("Notes", ""),
        due_date=head.get("Next Payment Due At", "")[:10],
        status_said=f"{head['Financial Status']}, {head['Fulfillment Status'] or 'unfulfilled'}",
    )
    if len(told) > len(rows):
        order.notes.assumed.append("it stands more than once in the file, each time the same: taken once")
    order.attributes = keep_the_rest(head, FIELDS, KEPT, order.notes) | _pairs(head.get("Note Attributes", ""))
    _parties(order, head)
    _lines(order, rows)
    _amounts(order, head, rows)
    order.require_total(order.figures.grand_total)
    life.put(order, head, [row.value for row in rows], options)
    return order


def _once(rows: list[Kept]) -> list[Kept]:
    """The rows of one telling of the order. Files that were put together tell an order again; alike is once."""
    firsts = [n for n, row in enumerate(rows) if row.value["Financial Status"] or row.value["Total"]]
    if len(firsts) < 2 or firsts[0] != 0:
        return rows
    tellings = [rows[begin:end] for begin, end in zip(firsts, [*firsts[1:], len(rows)], strict=True)]
    if any([row.value for row in each] != [row.value for row in tellings[0]] for each in tellings):
        lines = " and ".join(str(each[0].line) for each in tellings)
        raise Refused(
            f"The order stands more than once in the file, differently (lines {lines}): were exports put together? "
            "Import each as a file of its own, the older one first"
        )
    return tellings[0]


def _require_whole_id(head: Values) -> None:
    """A spreadsheet shortens Ids to figures that several orders share."""
    said = head.get("Id", "").strip()
    if said and not said.isdigit():
        raise Refused(f"Id is no whole number: {said!r}. {SHORTENED}")


def code(text: str) -> str:
    """A short name of lower-case letters, digits, - and _."""
    return re.sub(r"[^a-z0-9_-]+", "-", text.strip().lower()).strip("-")[:64]


def _figures(head: Values, currency: str) -> Figures:
    total = minor(head["Total"], currency, "Total")
    refunded = minor(head.get("Refunded Amount"), currency, "Refunded Amount")
    outstanding = minor(head.get("Outstanding Balance"), currency, "Outstanding Balance")
    paid = 0 if head["Financial Status"] in life.NOTHING_PAID else total - outstanding
    return Figures(total, paid, refunded, life.status(head, overpaid=paid > total))


def _pairs(text: str) -> dict[str, str]:
    """Note attributes: a `name: value` per line."""
    found = (line.partition(":") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in found}


def _parties(order: SourceOrder, head: Values) -> None:
    order.customer = customer_of("shopify", "", head["Email"], order.source_id)
    order.billing, ship_to = (_address(head, kind) for kind in ("Billing", "Shipping"))
    known = {"email": head["Email"], "name": order.billing.get("name") or ship_to.get("name")}
    order.customer |= {name: value for name, value in known.items() if value}
    order.ship_to = ship_to if ship_to.get("country") else None
    if order.ship_to is None:
        order.pickup = True
        order.notes.assumed.append("no address to ship to: sold at the counter or picked up")
    if phone := head.get("Phone", ""):
        order.billing.setdefault("phone", phone)


def _address(head: Values, kind: str) -> dict[str, object]:
    return address(
        name=head[f"{kind} Name"],
        company=head[f"{kind} Company"],
        street=[head[f"{kind} Address1"], head[f"{kind} Address2"]],
        city=head[f"{kind} City"],
        region=head[f"{kind} Province"] or head.get(f"{kind} Province Name", ""),
        postcode=postcode(head[f"{kind} Zip"]),
        country=head[f"{kind} Country"],
        phone=head.get(f"{kind} Phone", ""),
    )


def _lines(order: SourceOrder, rows: list[Kept]) -> None:
    for n, row in enumerate(rows, start=1):
        values: Values = row.value
        quantity = _units(values["Lineitem quantity"], row.line)
        if not quantity:
            order.notes.dropped.append(f"line {n} ({values['Lineitem name'].strip()}): it is of no units")
            order.gone.append(str(n))
            continue
        sku, name = values["Lineitem sku"].strip(), values["Lineitem name"].strip()
        if not sku:
            instead = "its name stands for it" if name else "nor a name: its number stands for both"
            order.notes.assumed.append(f"line {n} has no SKU{':' if name else ','} {instead}")
        order.lines.append(
            SourceLine(
                line_id=str(n),
                sku=sku or name or f"line-{n}",
                name=name or sku or f"line-{n}",
                quantity=quantity,
                amount=quantity * minor(values["Lineitem price"], order.currency, "Lineitem price"),
                discount=minor(values.get("Lineitem discount"), order.currency, "Lineitem discount"),
                shippable=values["Lineitem requires shipping"] != "false",
                attributes=keep_the_rest(values, FIELDS, LINE_KEPT, order.notes),
            )
        )
    if not order.lines:
        raise Refused("No line is of any units: there is nothing to order")


def _units(said: str, line: int) -> int:
    """A number of units, written as a spreadsheet may write it."""
    whole, _, decimals = said.strip().partition(".")
    if not whole.isdigit() or decimals.strip("0"):
        raise Refused(f"Line {line}: Lineitem quantity is no number of units: {said!r}. Write it as 3")
    return int(whole)


def _amounts(order: SourceOrder, head: Values, rows: list[Kept]) -> None:
    def amount(name: str) -> int:
        return minor(head.get(name), order.currency, name)

    subtotal, shipping, total = amount("Subtotal"), amount("Shipping"), amount("Total")
    _take_out_tips(order, subtotal)
    if head.get("Discount Amount") and not _given_by_line(order):
        _take_out_removed(order, subtotal + amount("Discount Amount"))
    off_lines = sum(line.amount - line.discount for line in order.lines) - subtotal
    off_shipping = max(0, amount("Discount Amount") - off_lines - sum(line.discount for line in order.lines))
    code_said = head["Discount Code"] or None
    if off_lines < 0 or off_shipping > shipping:
        raise Refused("The lines make less than the Subtotal, or the Discount Amount is more than there is")
    if off_lines:
        order.discounts.append(Discount(off_lines, "lines", code_said))
        order.notes.spread.append("discount of the order over its lines, in proportion to what they cost")
    if off_shipping:
        order.discounts.append(Discount(off_shipping, "shipping", code_said))
    if shipping or head["Shipping Method"]:
        order.delivery = SourceCharge(name=head["Shipping Method"], kind="delivery", amount=shipping)
    if duties := amount("Duties"):
        order.charges.append(SourceCharge(charge_id="duties", name="Duties", kind="duty", amount=duties))
    taxes = amount("Taxes")
    order.prices_include_tax = bool(taxes) and order.total == total
    _taxes(order, head, rows, taxes)


def _given_by_line(order: SourceOrder) -> bool:
    return any(line.discount for line in order.lines)


def _take_out_tips(order: SourceOrder, subtotal: int) -> None:
    """A tip comes as a line that the subtotal does not know."""
    for line in list(order.lines):
        beyond = sum(each.amount - each.discount for each in order.lines) - subtotal
        if line.name.lower() == "tip" and not line.shippable and line.amount <= beyond and len(order.lines) > 1:
            order.lines.remove(line)
            tip = SourceCharge(charge_id=f"tip-{line.line_id}", name="Tip", kind="tip", amount=line.amount)
            order.charges.append(tip)
            order.notes.assumed[:] = [text for text in order.notes.assumed if f"line {line.line_id} " not in text]


def _take_out_removed(order: SourceOrder, worth: int) -> None:
    """A line that was edited away stays in the export: the subtotal and the discount do not know it."""
    beyond = sum(line.amount for line in order.lines) - worth
    if beyond <= 0:
        return
    fits = [
        lines
        for count in range(1, min(REMOVED_MAX, len(order.lines) - 1) + 1)
        if len(order.lines) <= CHOSEN_FROM_MAX
        for lines in combinations(order.lines, count)
        if sum(line.amount for line in lines) == beyond
    ]
    if len(fits) != 1:
        raise Refused(
            "The lines make more than Subtotal and Discount Amount together: the order was edited, and the export does "
            "not say which lines are gone. Take these out of the file, or enter the order by hand"
        )
    for line in fits[0]:
        order.lines.remove(line)
        order.gone.append(line.line_id)
        order.notes.assumed.append(f"line {line.line_id} ({line.name}) was taken out of the order: no Subtotal has it")


def _taxes(order: SourceOrder, head: Values, rows: list[Kept], taxes: int) -> None:
    named = [(head.get(f"Tax {n} Name", ""), head.get(f"Tax {n} Value", "")) for n in TAXES]
    amounts = [(name, minor(value, order.currency, name)) for name, value in named if name]
    if sum(amount for _, amount in amounts) != taxes:
        if amounts:
            order.notes.dropped.append(f"named taxes, which do not add up to Taxes: {amounts}")
        order.tax_total = taxes
        order.notes.spread.append("tax of the order over its lines and delivery, in proportion to what they cost")
        return
    free = {str(n) for n, row in enumerate(rows, start=1) if row.value.get("Lineitem taxable") == "false"}
    taxable = [line for line in order.lines if line.line_id not in free]
    for name, amount in amounts:
        put_tax(order, name, amount, taxable or order.lines, order.charges)
    settle_rates(order)


SOURCE = Source(
    name="shopify",
    title="Shopify",
    files="the CSV of Orders, Export (CSV for Excel or plain CSV)",
    read=read,
    fields={"orders_export.csv": FIELDS},
)
