"""Invoices of the model: issued by hand or by themselves, settled, withdrawn, voided, corrected."""

from typing import Any

from tests.properties.reference.axes import left_to_invoice, status
from tests.properties.reference.documents import Intent, Invoice, Memo
from tests.properties.reference.state import No, Order

Wanted = list[dict[str, Any]] | str
ENDED = ("nothing_to_invoice", "nothing_to_ship", "nothing_to_cancel", "virtual_only")
FACTS = ("payment_required", "capture_mode_not_allowed")


def require_free(order: Order) -> None:
    """Hold and review come before every other reason."""
    ended = (*ENDED, *FACTS, "payment_present", "expiry_not_due") if is_canceled(order) else ()
    if order.hold:
        raise No("order_on_hold", *ended)
    if order.review:
        raise No("payment_under_review", *ended)


def require_known(order: Order, wanted: Wanted) -> None:
    if not isinstance(wanted, str) and any(each["line_id"] not in order.lines for each in wanted):
        # Whether a line exists is asked with the quantities by some, before everything by others.
        raise No("item_not_in_order", "order_on_hold", "payment_under_review", *ENDED, *FACTS)


def named(wanted: list[dict[str, Any]]) -> dict[str, int]:
    """Units by line; a line may be named twice."""
    units: dict[str, int] = {}
    for each in wanted:
        units[each["line_id"]] = units.get(each["line_id"], 0) + each["quantity"]
    return units


def issue(order: Order, wanted: Wanted, capture: str | None) -> None:
    """Invoice quantities: received money first, the capture mode says what happens with the rest."""
    require_known(order, wanted)
    require_free(order)
    mode = capture or (order.method.modes[0] if order.method.modes else "received")
    if capture and capture not in order.method.modes:
        raise No("capture_mode_not_allowed", "nothing_to_invoice", "quantity_exceeds_uninvoiced")
    if isinstance(wanted, str):
        units = {name: line.to_invoice for name, line in order.lines.items() if line.to_invoice}
        if not units and not order.charge_alone:
            raise No("nothing_to_invoice")
    else:
        units = named(wanted)
        if any(quantity > order.lines[name].to_invoice for name, quantity in units.items()):
            raise No("quantity_exceeds_uninvoiced", "nothing_to_invoice", "payment_required")
    invoice = _drawn(order, units)
    rest = asked(order, invoice.total)
    spare = order.authorized - order.capturing
    if rest and (mode == "received" or (mode == "online" and spare < rest)):
        raise No("payment_required")
    _put(order, invoice, units)
    _collect(order, len(order.invoices) - 1, mode)
    settle_ended(order)


def _drawn(order: Order, units: dict[str, int]) -> Invoice:
    lines = {
        name: (quantity, order.lines[name].open.share(quantity, order.lines[name].to_invoice))
        for name, quantity in units.items()
    }
    return Invoice(lines, order.charge_open, dict(lines), order.charge_open)


def _put(order: Order, invoice: Invoice, units: dict[str, int]) -> None:
    for name, quantity in units.items():
        order.lines[name].take(quantity)
        order.lines[name].invoiced += quantity
    order.charge_open = order.charge_open.nothing()
    order.invoices.append(invoice)


def _collect(order: Order, number: int, mode: str) -> None:
    """Let money that lies about settle an invoice; ask for or receive the rest as the mode says."""
    invoice = order.invoices[number]
    pour(order, invoice)
    if not invoice.rest:
        invoice.state = "paid"
    elif mode == "offline":
        receive_offline(order, invoice)
    elif mode == "online":
        order.intents.append(Intent("capture", invoice.rest, invoice=number))


def receive_offline(order: Order, invoice: Invoice) -> None:
    """An offline capture is the receipt of what the invoice still waits for."""
    rest = invoice.rest
    order.captured += rest
    order.ever_captured = True
    if order.method.gateway:
        take_authorized(order, rest)
    invoice.received += rest
    invoice.state = "paid"
    settle_open(order)


def pour(order: Order, invoice: Invoice) -> None:
    """Received money first, then what was waived."""
    money = max(0, min(order.uninvoiced, invoice.rest))
    invoice.received += money
    invoice.waived += waiver(order, invoice.rest)
    if invoice.state == "open" and not invoice.rest:
        invoice.state = "paid"


def reopen(order: Order) -> None:
    """Where waivers ended, the newest invoices that they settled ask again for what is due again."""
    for invoice in reversed(order.invoices):
        ended = min(invoice.waived, max(0, -order.waiver_left)) if invoice.active else 0
        if ended:
            invoice.waived -= ended
            invoice.state = "open"


def waiver(order: Order, rest: int) -> int:
    """What of a rest was waived: no invoice asks for more than what is due."""
    return max(0, min(order.waiver_left, rest - order.due))


def asked(order: Order, rest: int) -> int:
    """What of a rest neither received money nor a waiver covers."""
    unpaid = rest - max(0, min(order.uninvoiced, rest))
    return unpaid - waiver(order, unpaid)


def take_authorized(order: Order, amount: int) -> None:
    """An offline receipt of authorized money was a capture at the provider's: it is money that the gateway took."""
    for reference, open_amount in list(order.authorizations.items()):
        used = min(amount, open_amount)
        if used:
            order.taken(used, order.currency, reference)
            order.back_office[reference] = order.back_office.get(reference, 0) + used
            use_authorization(order, used, reference)
            amount -= used


def settle_open(order: Order) -> None:
    """Received money settles what is open, the oldest first."""
    for invoice in order.invoices:
        if invoice.state == "open":
            pour(order, invoice)
    settle_ended(order)


def settle_ended(order: Order) -> None:
    """With nothing open and nothing left to invoice, what is left of an authorization ends."""
    if not any(each.state == "open" for each in order.invoices) and not left_to_invoice(order):
        drop_authorizations(order)


def drop_authorizations(order: Order) -> None:
    """Authorized money that nothing needs any more is let go."""
    if order.authorized and order.due == 0 and not order.capturing:
        order.authorizations.clear()
        order.voided = True


def use_authorization(order: Order, amount: int, reference: str | None) -> None:
    """A receipt uses up the authorization of its own reference first, then the oldest."""
    names = sorted(order.authorizations, key=lambda name: name != reference)
    for name in names:
        used = min(amount, order.authorizations[name])
        order.authorizations[name] -= used
        amount -= used
        if not order.authorizations[name]:
            del order.authorizations[name]


def issue_by_itself(order: Order) -> None:
    """The automatic invoice: whenever the order is covered and nothing holds it back."""
    if not order.method.automatic and order.grand_total:
        return
    if not order.method.automatic or order.hold or order.review or order.due or not left_to_invoice(order):
        return
    try:
        issue(order, "all_remaining", None)
    except No:
        return  # it waits


def _found(order: Order, number: int) -> Invoice:
    if number >= len(order.invoices):
        raise No("not_found")
    return order.invoices[number]


def pending(order: Order, number: int, *kinds: str) -> bool:
    """Whether the gateway was asked something about this invoice, of these kinds or of any."""
    return any(each.invoice == number and (not kinds or each.kind in kinds) for each in order.intents)


def capture(order: Order, number: int) -> None:
    """Collect what an open invoice waits for."""
    invoice = _found(order, number)
    if invoice.state != "open":
        raise No("invoice_not_open")
    if pending(order, number, "capture"):
        raise No("capture_pending")
    rest = asked(order, invoice.rest)
    mode = next((each for each in order.method.modes if each != "none"), "received")
    if rest and (mode == "received" or (mode == "online" and order.authorized - order.capturing < rest)):
        raise No("payment_required")
    _collect(order, number, mode)
    settle_ended(order)


def give_back(order: Order, invoice: Invoice, state: str) -> None:
    """What of an invoice no memo took is the order's again, to the cent."""
    for name, (quantity, worth) in invoice.left.items():
        order.lines[name].invoiced -= quantity
        order.lines[name].open += worth
    order.charge_open += invoice.charge_left
    adjusted = invoice.total - invoice.credited - invoice.charge_left.total
    adjusted -= sum(worth.total for _, worth in invoice.left.values())
    order.credited += adjusted  # an adjustment ends with the invoice that it adjusted
    invoice.left, invoice.charge_left = {}, invoice.charge.nothing()
    invoice.state = state


def cancel(order: Order, number: int) -> None:
    """Withdraw an open invoice."""
    invoice = _found(order, number)
    if invoice.state != "open" or invoice.touched:
        raise No("invoice_not_open", "capture_pending")
    if pending(order, number, "capture"):
        raise No("capture_pending")
    give_back(order, invoice, "canceled")


def void(order: Order, number: int) -> None:
    """Ask the gateway to undo the capture of a paid invoice."""
    invoice = _found(order, number)
    whole = _undoable(order, invoice)
    if invoice.state != "paid" or invoice.touched or not whole or pending(order, number):
        raise No("void_not_available", "capture_pending", "invoice_not_open")
    order.intents.append(Intent("void", whole, invoice=number, lot=invoice.captures[0]))


def _undoable(order: Order, invoice: Invoice) -> int:
    """A void undoes a whole capture: nothing of it may have gone back or lie elsewhere."""
    if len(invoice.captures) != 1:
        return 0
    lot = order.lots[invoice.captures[0]]
    own = lot.currency == order.currency and lot.amount == lot.whole
    return lot.amount if own and lot.amount <= invoice.holding + order.uninvoiced else 0


def correct(order: Order, number: int) -> None:
    """A cancelling memo over all of a paid invoice; its units and its money are the order's again."""
    invoice = _found(order, number)
    if invoice.state != "paid" or invoice.touched or pending(order, number):
        raise No("invoice_not_correctable", "capture_pending")
    lines = {(name, "corrected"): part for name, part in invoice.left.items()}
    order.memos.append(Memo(number, lines, invoice.charge_left, 0, 0, "correction"))
    give_back(order, invoice, "corrected")


def is_canceled(order: Order) -> bool:
    return status(order) == "Canceled"
