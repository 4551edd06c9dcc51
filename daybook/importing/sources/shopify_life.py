"""What happened to an order of Shopify, as far as its export tells: payment, fulfilment, cancellation, refund."""

from daybook.importing.sources.assuming import goes_on_by, invoiced, one_shipment, refunded_by_amount, say_overpaid
from daybook.importing.sources.methods import kind_of
from daybook.importing.sources.moments import moment
from daybook.importing.sources.order import Payment, SourceOrder
from daybook.importing.sources.reading import Options
from daybook.importing.sources.refused import Refused

TIMES = ("%Y-%m-%d %H:%M:%S %z",)
NOTHING_PAID = {"pending", "authorized", "voided", "expired", "unpaid"}
NO_REFERENCE = "payment"
WITHOUT_MONEY = {"pending", "unpaid", "expired"}
PROMISED = {"authorized", "voided", "expired"}
SHIPPED = {"fulfilled": "all", "partial": "some"}
FINANCIAL = NOTHING_PAID | {"paid", "partially_paid", "partially_refunded", "refunded"}
UNSHIPPED = {
    "",
    "unfulfilled",
    "restocked",
    "on_hold",
    "scheduled",
    "in_progress",
    "open",
    "pending",
    "pending_fulfillment",
}

Values = dict[str, str]


def status(head: Values, *, overpaid: bool = False) -> str | None:
    """The status that the order must have here, told from the export alone.

    None for one that was ``overpaid`` with something still to send: whether its payment is reviewed here by now is
    not for the export to say.
    """
    financial, fulfilment = head["Financial Status"], head["Fulfillment Status"]
    if head["Cancelled at"] and fulfilment not in SHIPPED:
        return "Canceled"
    if overpaid and fulfilment != "fulfilled":
        return None
    if financial == "refunded":
        return "Closed"
    if fulfilment == "fulfilled" or head["Cancelled at"]:  # canceled once a part was sent: the rest is
        return "Complete"
    nothing_came = financial in WITHOUT_MONEY or not head["Total"].strip("0.,")
    return "Pending" if nothing_came and fulfilment not in SHIPPED else "Processing"


def put(order: SourceOrder, head: Values, rows: list[Values], options: Options) -> None:
    """Payments, documents and endings onto the order whose amounts are known."""
    if head["Financial Status"] not in FINANCIAL:
        known = ", ".join(sorted(FINANCIAL))
        raise Refused(f"Financial Status is {head['Financial Status']!r}, and Shopify's own words are: {known}")
    if head["Fulfillment Status"] not in SHIPPED.keys() | UNSHIPPED:
        order.notes.assumed.append(f"Fulfillment Status {head['Fulfillment Status']!r}: taken as not shipped")

    def at(name: str, otherwise: str) -> str:
        return moment(head[name], options.time_zone, TIMES, name) if head.get(name) else otherwise

    paid_at = at("Paid at", order.purchased_at)
    shipped_at = at("Fulfilled at", paid_at)
    _money(order, head, paid_at)
    shipped = _shipped(order, head, rows)
    canceled_at = at("Cancelled at", "") or None
    if canceled_at and shipped:
        order.notes.differs.append("canceled after it was shipped: what was shipped stays, the rest is canceled")
    whole = all(shipped.get(line.line_id, 0) == line.quantity for line in order.lines)
    order.canceled_at = None if whole else canceled_at
    unpaid_left = bool(shipped) and order.figures.paid < order.figures.grand_total
    said = f"{order.title} net " if head.get("Payment Terms Name") else order.title
    instead = "card_authorize" if head["Financial Status"] == "authorized" else ""
    goes_on_by(order, said, unpaid_left=unpaid_left, instead=instead)
    if shipped:
        one_shipment(order, f"{order.number}.1", shipped_at, shipped)
    _invoice(order, shipped, shipped_at)
    if order.figures.refunded:
        refunded_by_amount(order, order.figures.refunded, canceled_at or shipped_at)


def _money(order: SourceOrder, head: Values, paid_at: str) -> None:
    reference = (
        head.get("Payment References") or head.get("Payment ID") or head.get("Payment Reference") or NO_REFERENCE
    )
    if "+" in reference:
        order.notes.assumed.append(f"one payment by {order.title}: the export does not say how much was which")
    kind = "other" if "+" in order.title else kind_of(order.title)
    financial = head["Financial Status"]
    if financial in PROMISED:
        order.authorized = Payment(reference[:128], order.figures.grand_total, order.purchased_at, order.title, kind)
        order.voided = financial != "authorized"
        if order.voided:
            order.notes.assumed.append("the whole total was authorized, and voided")
    elif order.figures.paid:
        if order.figures.paid > order.figures.grand_total:
            say_overpaid(order)
        order.payments.append(Payment(reference[:128], order.figures.paid, paid_at, order.title, kind))
    if reference != NO_REFERENCE:  # whatever was paid: what the order itself says is the same in a later export
        order.attributes["Payment References"] = reference[:1000]


def _shipped(order: SourceOrder, head: Values, rows: list[Values]) -> dict[str, int]:
    how = SHIPPED.get(head["Fulfillment Status"])
    if how is None:
        return {}
    for n, row in enumerate(rows, start=1):
        if row["Lineitem fulfillment status"] == "partial":
            order.notes.assumed.append(f"line {n} was shipped in part, nobody knows how much: taken as not shipped")
    done = {str(n) for n, row in enumerate(rows, start=1) if row["Lineitem fulfillment status"] == "fulfilled"}
    lines = [line for line in order.lines if line.shippable and (how == "all" or line.line_id in done)]
    return {line.line_id: line.quantity for line in lines}


def _invoice(order: SourceOrder, shipped: dict[str, int], at: str) -> None:
    """Goods that left, and money that went back without a cancellation, were invoiced: the export has no invoices."""
    everything = all(shipped.get(line.line_id, 0) == line.quantity for line in order.lines if line.shippable)
    refunded = order.figures.refunded > 0 and not order.canceled_at
    ended = order.figures.status in {"Complete", "Closed"}
    if not (shipped or refunded or ended):
        return
    whole = refunded or (everything and not order.canceled_at)
    is_open = order.figures.paid < order.figures.grand_total
    invoiced(order, at, None if whole else shipped, is_open=is_open)
