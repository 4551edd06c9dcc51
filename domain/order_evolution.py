"""How each event changes the state of an order; what is about money stands in ``payment_evolution``.

``apply`` cannot refuse: it also runs at every replay and in every read model that follows the log. The appliers never
ask for an event's class, because read models hand them bare shapes of events.
"""

from collections.abc import Callable
from typing import Any

from domain import order_events as e
from domain import payment_evolution
from domain.events import OrderEvent
from domain.money_state import InvoicedPart
from domain.order_state import ChargeState, LineState, OrderState
from domain.order_values import Charge, OrderLine, ShippingCharge


def apply(state: OrderState, event: Any) -> None:
    """Change ``state`` by a recorded fact; facts that decide nothing change nothing."""
    applier = APPLIERS.get(type(event))
    if applier is not None:
        applier(state, event)


def _set_lines(state: OrderState, lines: tuple[OrderLine, ...]) -> None:
    state.lines = {
        line.line_id: LineState(line.line_id, line.quantity, line.shippable, line.subtotal, line.discount, line.tax)
        for line in lines
    }
    worth = sum(line.subtotal - line.discount + line.tax for line in lines)
    state.grand_total = worth + state.shipping + state.shipping_tax
    if state.charges:
        state.grand_total += sum(charge.amount + charge.tax for charge in state.charges.values())
    state.canceled_value = 0


def _set_shipping(state: OrderState, charge: ShippingCharge | None) -> None:
    """Take a charge in place of the one before, which nothing holds: what was given up of that counts no more."""
    amount, tax = (charge.amount, charge.tax) if charge else (0, 0)
    before = state.shipping + state.shipping_tax
    state.canceled_value -= before - state.shipping_open - state.shipping_tax_open
    state.grand_total += amount + tax - before
    state.shipping = state.shipping_open = amount
    state.shipping_tax = state.shipping_tax_open = tax


def _set_charges(state: OrderState, charges: tuple[Charge, ...]) -> None:
    """Take charges in place of those before, which nothing holds."""
    before = state.charges.values()
    state.canceled_value -= sum(each.amount + each.tax - each.open_amount - each.open_tax for each in before)
    state.grand_total -= sum(each.amount + each.tax for each in before)
    state.charges = {each.charge_id: ChargeState(each.amount, each.tax, each.amount, each.tax) for each in charges}
    state.grand_total += sum(each.amount + each.tax for each in charges)


def _reopen_charges(state: OrderState) -> None:
    """Ask for all charges again: what was given up of them was given up with lines that are no more."""
    for charge in state.charges.values():
        state.canceled_value -= charge.amount + charge.tax - charge.open_amount - charge.open_tax
        charge.open_amount, charge.open_tax = charge.amount, charge.tax


def _placed(state: OrderState, event: e.OrderPlaced) -> None:
    state.store = event.store
    state.currency = event.currency
    state.payment_method = event.payment_method
    state.own_method = event.own_method
    state.prices_include_tax = event.prices_include_tax
    state.expires_at = event.expires_at
    state.revision = 1
    if event.details:
        state.tags = event.details.tags
    if event.charges:
        _set_charges(state, event.charges)
    _set_shipping(state, event.shipping)
    _set_lines(state, event.lines)


def _amended(state: OrderState, event: e.OrderAmended) -> None:
    state.revision = event.revision
    charge = (event.shipping.amount, event.shipping.tax) if event.shipping else (0, 0)
    if not event.lines_stay or charge != (state.shipping, state.shipping_tax):
        _set_shipping(state, event.shipping)
    if event.charges is not None:
        _set_charges(state, event.charges)
    elif not event.lines_stay:
        _reopen_charges(state)
    if not event.lines_stay:
        _set_lines(state, event.lines)
        # What was waived was waived of what the order consisted of before.
        state.waivers = []
        state.waives_all = False


def _tagged(state: OrderState, event: e.OrderTagged) -> None:
    state.tags = (*(tag for tag in state.tags if tag not in event.removed), *event.added)


def _held(state: OrderState, event: e.OrderHeld) -> None:
    state.on_hold = True


def _released(state: OrderState, event: e.OrderReleased) -> None:
    state.on_hold = False


def _take(state: OrderState, event: e.OrderCanceled | e.ItemsInvoiced | e.InvoiceWithdrawn, sign: int = 1) -> int:
    """Move shares out of the open amounts (or back, sign -1); returns what they are worth."""
    worth = event.shipping + event.shipping_tax
    for share in event.lines:
        line = state.lines[share.line_id]
        line.open_subtotal -= sign * share.subtotal
        line.open_discount -= sign * share.discount
        line.open_tax -= sign * share.tax
        worth += share.total
    state.shipping_open -= sign * event.shipping
    state.shipping_tax_open -= sign * event.shipping_tax
    for part in event.charges:
        charge = state.charges[part.charge_id]
        charge.open_amount -= sign * part.amount
        charge.open_tax -= sign * part.tax
        worth += part.total
    return worth


def _canceled(state: OrderState, event: e.OrderCanceled) -> None:
    worth = _take(state, event)
    state.canceled_value += worth
    state.give_up_waived(worth)
    for share in event.lines:
        state.lines[share.line_id].canceled += share.quantity


def _items_refunded(state: OrderState, event: e.ItemsRefunded) -> None:
    state.on_invoices -= event.released
    state.credited += event.released + event.credited
    part = state.invoices.get(str(event.invoice_id))
    if part is not None:
        part.rest -= event.credited
    for share in event.lines:
        line = state.lines[share.line_id]
        if share.disposition == "shipped":
            line.refunded_shipped += share.quantity
        else:
            line.refunded_unshipped += share.quantity
        if part is not None:
            part.units[share.line_id] -= share.quantity


def _invoiced(state: OrderState, event: e.ItemsInvoiced) -> None:
    total = _take(state, event)
    for share in event.lines:
        state.lines[share.line_id].invoiced += share.quantity
    state.on_invoices += event.received
    rest = 0 if state.waives_all else total - event.received - event.waived
    units = {share.line_id: share.quantity for share in event.lines}
    state.invoices[str(event.invoice_id)] = InvoicedPart(rest, event.waived, units)


def _invoice_withdrawn(state: OrderState, event: e.InvoiceWithdrawn) -> None:
    _take(state, event, sign=-1)
    for share in event.lines:
        state.lines[share.line_id].invoiced -= share.quantity
    state.on_invoices -= event.received
    state.invoices.pop(str(event.invoice_id), None)


def _invoice_settled(state: OrderState, event: e.InvoiceSettled) -> None:
    state.on_invoices += event.received
    part = state.invoices[str(event.invoice_id)]
    part.rest = 0 if state.waives_all else part.rest - event.received - event.waived
    part.waived += event.waived


def _invoice_reopened(state: OrderState, event: e.InvoiceReopened) -> None:
    part = state.invoices[str(event.invoice_id)]
    part.rest += event.amount
    part.waived -= event.amount


def _allocated(state: OrderState, event: e.ItemsAllocated) -> None:
    state.ever_booked = True
    for units in event.lines:
        state.lines[units.line_id].booked += units.quantity


def _allocation_canceled(state: OrderState, event: e.AllocationCanceled) -> None:
    for units in event.lines:
        line = state.lines[units.line_id]
        line.booked -= units.quantity
        # Refunded units cannot have been shipped any more once nothing carries them.
        _never_shipped(line, max(0, line.refunded_shipped - line.booked))


def _items_returned(state: OrderState, event: e.ItemsReturned) -> None:
    for units in event.lines:
        state.lines[units.line_id].booked -= units.quantity
    for units in event.refunded:
        _never_shipped(state.lines[units.line_id], units.quantity)


def _never_shipped(line: LineState, refunded: int) -> None:
    """Units refunded as shipped are ones refunded before shipping from now on."""
    line.refunded_shipped -= refunded
    line.refunded_unshipped += refunded


APPLIERS: dict[type[OrderEvent], Callable[[OrderState, Any], None]] = {
    **payment_evolution.APPLIERS,
    e.OrderPlaced: _placed,
    e.OrderAmended: _amended,
    e.OrderTagged: _tagged,
    e.OrderHeld: _held,
    e.OrderReleased: _released,
    e.OrderCanceled: _canceled,
    e.ItemsRefunded: _items_refunded,
    e.ItemsInvoiced: _invoiced,
    e.InvoiceWithdrawn: _invoice_withdrawn,
    e.InvoiceSettled: _invoice_settled,
    e.InvoiceReopened: _invoice_reopened,
    e.ItemsAllocated: _allocated,
    e.AllocationCanceled: _allocation_canceled,
    e.ItemsReturned: _items_returned,
}
