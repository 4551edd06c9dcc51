"""Etsy's two monthly files: sold orders, and sold order items; neither is enough without the other.

What the buyer paid contains tax that Etsy collects and keeps. It is told by the difference to what the parts make, and
belongs to no total, invoice or payment of the merchant. The files have days without times, and refunds without lines.
"""

from collections.abc import Sequence
from html import unescape
from pathlib import Path

from daybook.importing.sources.amounts import minor, number
from daybook.importing.sources.assuming import goes_on_by, invoiced, one_shipment, refunded_by_amount
from daybook.importing.sources.etsy_fields import FIELDS, ITEMS, ORDERS, REQUIRED_ITEMS, REQUIRED_ORDERS
from daybook.importing.sources.methods import kind_of
from daybook.importing.sources.moments import day_at_noon
from daybook.importing.sources.order import Discount, Figures, Payment, SourceCharge, SourceLine, SourceOrder
from daybook.importing.sources.parties import address, country, customer_of, postcode
from daybook.importing.sources.put_aside import fault_in, put_aside
from daybook.importing.sources.reading import Options, Reading, RefusedOrder, Source
from daybook.importing.sources.refused import Refused, Unreadable
from daybook.importing.sources.shelf import Kept, shelf
from daybook.importing.sources.tables import KEPT, LINE_KEPT, head_of, keep_the_rest, read_table
from daybook.importing.sources.taxing import put_tax

DAYS = ("%m/%d/%Y", "%m/%d/%y")
COLLECTED = "Tax collected by Etsy"
MONTHLY = "Take both files of the month: EtsySoldOrders and EtsySoldOrderItems."

CANCELED, REFUNDED = {"canceled", "cancelled"}, {"refunded", "fully refunded"}

Values = dict[str, str]


def read(files: Sequence[Path], options: Options) -> Reading:
    """The orders of the files with the items of the files."""
    with shelf() as kept:
        kinds = set()
        for path in files:
            kind = "item" if "Transaction ID" in head_of(path, options.encoding) else "order"
            kinds.add(kind)
            required = REQUIRED_ITEMS if kind == "item" else REQUIRED_ORDERS
            rows = read_table(path, options.encoding, required, f"file of sold {kind}s of Etsy")
            yield from put_aside(rows, kept, owner="Order ID", kind=kind)
        if kinds != {"item", "order"}:
            raise Unreadable(f"There is only one of Etsy's two files. {MONTHLY}")
        options.counted(kept.count())
        for order_id, things in kept.owners():
            yield fault_in(order_id, things) or _order_or_why_not(order_id, things, options)


def _order_or_why_not(order_id: str, things: list[Kept], options: Options) -> SourceOrder | RefusedOrder:
    orders = [thing for thing in things if thing.kind == "order"]
    items = [thing for thing in things if thing.kind == "item"]
    place = (orders or items)[0].place
    try:
        _require_both(order_id, orders, items)
        return _order(orders[-1], items, options)
    except Refused as refused:
        return RefusedOrder(order_id, place, str(refused))


def _require_both(order_id: str, orders: list[Kept], items: list[Kept]) -> None:
    if not orders or not items:
        which = "items" if orders else "orders"
        raise Refused(f"Order {order_id} is not in the file of sold {which}. {MONTHLY}")


def _order(thing: Kept, items: list[Kept], options: Options) -> SourceOrder:
    said: Values = thing.value
    currency, order_id = said["Currency"] or options.currency, said["Order ID"].strip()
    in_person = said.get("Order Type", "") not in {"", "online"}
    order = SourceOrder(
        source="etsy",
        source_id=order_id,
        number=order_id,
        place=thing.place,
        currency=currency,
        purchased_at=day_at_noon(said["Sale Date"], options.time_zone, DAYS, "Sale Date"),
        figures=Figures(0, 0, 0, None),
        lines=[],
        title=said.get("Payment Method", ""),
        channel="etsy-inperson" if in_person else "etsy",
        status_said=said.get("Status", "").strip() or ("shipped" if said["Date Shipped"] else "not shipped"),
    )
    order.attributes = keep_the_rest(said, ORDERS, KEPT, order.notes)
    order.notes.assumed.append("the export has days without times: noon; days are read as month/day/year")
    _parties(order, said)
    _lines(order, items)
    _amounts(order, said)
    _life(order, said, options)
    return order


def _parties(order: SourceOrder, said: Values) -> None:
    order.billing = address(
        name=said["Full Name"],
        street=[said.get("Street 1", ""), said.get("Street 2", "")],
        city=said.get("Ship City", ""),
        region=said.get("Ship State", ""),
        postcode=postcode(said.get("Ship Zipcode", "")),
        country=country(said["Ship Country"], "Ship Country"),
    )
    order.ship_to = order.billing if order.billing.get("country") else None
    order.pickup = order.ship_to is None
    order.customer = customer_of("etsy", said.get("Buyer User ID", ""), "", order.source_id)
    order.customer |= {"name": said["Full Name"]} if said["Full Name"] else {}
    order.notes.assumed.append("the address it was sent to is the billing address: the export has no other")


def _lines(order: SourceOrder, items: list[Kept]) -> None:
    seen = set()
    for item in items:
        said: Values = item.value
        if said["Transaction ID"] in seen:
            continue
        seen.add(said["Transaction ID"])
        if not said["Quantity"].isdigit() or int(said["Quantity"]) < 1:
            raise Refused(f"{item.file}, line {item.line}: Quantity is no number of units")
        if said.get("Currency", order.currency) not in {"", order.currency}:
            raise Refused(f"{item.file}, line {item.line}: its Currency is {said['Currency']}, not {order.currency}")
        name = unescape(said["Item Name"]).strip()
        quantity, price = int(said["Quantity"]), minor(said["Price"], order.currency, "Price")
        if quantity * price != minor(said["Item Total"], order.currency, "Item Total"):
            raise Refused(f"{item.file}, line {item.line}: quantity and price do not make the Item Total")
        sku = said.get("SKU", "").strip()
        if not sku:
            order.notes.assumed.append(f"line {said['Transaction ID']} has no SKU: its name stands for it")
        order.lines.append(
            SourceLine(
                line_id=said["Transaction ID"],
                sku=sku or name,
                name=name,
                quantity=quantity,
                amount=quantity * price,
                attributes=keep_the_rest(said, ITEMS, LINE_KEPT, order.notes) | _variations(said.get("Variations", "")),
            )
        )


def _variations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(",") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _amounts(order: SourceOrder, said: Values) -> None:
    def amount(name: str) -> int:
        return minor(said.get(name), order.currency, name)

    if sum(line.amount for line in order.lines) != amount("Order Value"):
        raise Refused("The items do not make the Order Value; take the items of the same months as the orders")
    if (units := said.get("Number of Items", "").strip()) and number(units, "Number of Items") != sum(
        line.quantity for line in order.lines
    ):
        raise Refused("The items are not as many as the Number of Items")
    off_shipping = amount("Shipping Discount")
    shipping = amount("Shipping") + off_shipping
    if shipping:
        order.delivery = SourceCharge(name="Shipping", kind="delivery", amount=shipping)
    if off_shipping:
        order.discounts.append(Discount(off_shipping, "shipping", name="Shipping discount"))
    for name, off in (("Coupon", amount("Discount Amount")), ("In-person discount", amount("InPerson Discount"))):
        if off:
            code, details = said.get("Coupon Code") or None, said.get("Coupon Details") or name
            order.discounts.append(Discount(off, "lines", code if name == "Coupon" else None, details))
            order.notes.spread.append(f"{name.lower()} over the lines, in proportion to what they cost")
    _taxes(order, amount("Sales Tax"), amount("Order Total"))


def _taxes(order: SourceOrder, sales_tax: int, buyer_paid: int) -> None:
    collected = buyer_paid - order.total - sales_tax
    if collected < 0:
        raise Refused("The parts of the order make more than its Order Total")
    if collected:
        put_tax(order, COLLECTED, collected, order.lines, marketplace=True)
        order.notes.assumed.append("what the buyer paid beyond the order's parts is tax that Etsy keeps")
    if sales_tax and collected:
        put_tax(order, "Sales tax", sales_tax, order.lines)
    elif sales_tax:
        order.tax_total = sales_tax
        order.notes.spread.append("sales tax of the order over its lines and delivery")


def _life(order: SourceOrder, said: Values, options: Options) -> None:
    shipped = bool(said["Date Shipped"])
    canceled = _ended(said) in CANCELED and not shipped
    total, refunded = order.total, _refunded(order, said)
    status = "Complete" if shipped else "Processing" if total else "Pending"
    if total and refunded >= total:
        status = "Closed"
    order.figures = Figures(total, total, min(refunded, total), "Canceled" if canceled else status)
    title = order.title or "Etsy"
    if total:
        kind = kind_of(f"{title} {said.get('Payment Type', '')}")
        reference = f"etsy-{order.source_id}"
        collected = minor(said["Order Total"], order.currency, "Order Total") - total
        payment = Payment(reference, total, order.purchased_at, title, kind, remitted=collected)
        order.payments.append(payment)
        order.notes.assumed.append("paid on the day of the sale")
    at = order.purchased_at
    if shipped:
        at = day_at_noon(said["Date Shipped"], options.time_zone, DAYS, "Date Shipped")
        one_shipment(order, order.number, at, {line.line_id: line.quantity for line in order.lines})
    if canceled:
        order.canceled_at = at
        order.notes.assumed.append("canceled on the day of the sale: the export does not say when")
    if (shipped or refunded) and not canceled:
        invoiced(order, at)
    if refunded:
        refunded_by_amount(order, min(refunded, total), at)
    if refunded > total:
        order.notes.dropped.append("what went back beyond the merchant's total: tax that Etsy had kept")
    goes_on_by(order, title, unpaid_left=False)


def _ended(said: Values) -> str:
    return said.get("Status", "").strip().lower()


def _refunded(order: SourceOrder, said: Values) -> int:
    """What went back. Etsy writes 0 where nothing was adjusted: it is all of it only where something else says so."""

    def amount(name: str) -> int:
        return minor(said.get(name), order.currency, name)

    paid, left = amount("Order Total"), amount("Adjusted Order Total")
    if left > paid:
        raise Refused("The Adjusted Order Total is more than the Order Total")
    if left:
        return paid - left
    by_status = _ended(said) in CANCELED | REFUNDED
    if not by_status and not amount("Adjusted Net Order Amount") and not amount("Adjusted Card Processing Fees"):
        if "refund" in _ended(said):
            order.notes.differs.append(f"Status {said['Status']}, and no adjusted amount says how much: refund it here")
        return 0
    why = f"Status {said['Status']}" if by_status else "other adjusted amounts are not 0"
    order.notes.assumed.append(f"all that was paid went back: {why}, and the Adjusted Order Total is 0")
    return paid


SOURCE = Source(
    name="etsy",
    title="Etsy",
    files="EtsySoldOrders and EtsySoldOrderItems of the same months, both CSV",
    read=read,
    fields=FIELDS,
)
