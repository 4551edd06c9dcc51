"""What the model makes of payments: reports of a provider, reviews, money sent back, answers of a gateway."""

from decimal import Decimal
from typing import Any

from tests.properties.reference import billing, fulfilling
from tests.properties.reference.amounts import minor
from tests.properties.reference.axes import left_to_ship
from tests.properties.reference.documents import Intent, Waiver
from tests.properties.reference.refunding import credit_unshipped
from tests.properties.reference.state import No, Order, Repeat


def _amount(order: Order, body: dict[str, Any]) -> tuple[int, str]:
    currency = body.get("currency", order.currency)
    amount: Decimal = body["amount"]
    return minor(amount, currency), currency


def _report(order: Order, kind: str, body: dict[str, Any], fact: object) -> None:
    """A reference names one report of its kind; the same again changes nothing, another amount is an error."""
    reference = body.get("provider_reference")
    if reference is None:
        return
    if (kind, reference) in order.seen:
        if order.seen[kind, reference] == fact:
            raise Repeat
        raise No("provider_reference_reused", "*")


def authorize(order: Order, body: dict[str, Any]) -> None:
    amount, currency = _amount(order, body)
    reference = body["provider_reference"]
    _report(order, "authorize", body, (amount, currency))
    if billing.is_canceled(order):
        raise No("order_canceled")
    if currency != order.currency:
        raise No("currency_mismatch", "amount_exceeds_due")
    if order.authorized + amount > order.due:
        raise No("amount_exceeds_due")
    order.seen["authorize", reference] = (amount, currency)
    if reference in order.early_voids:
        order.voided = True
    else:
        order.authorizations[reference] = amount


def capture(order: Order, body: dict[str, Any]) -> None:
    """A capture is a fact: recorded in every state, counted once."""
    amount, currency = _amount(order, body)
    reference = body["provider_reference"]
    _report(order, "capture", body, (amount, currency))
    if (currency, amount) == (order.currency, order.back_office.get(reference)):
        raise Repeat  # the receipt that was recorded offline, now reported by the provider
    order.seen["capture", reference] = (amount, currency)
    late = billing.is_canceled(order)
    if currency != order.currency:
        order.foreign[currency] = order.foreign.get(currency, 0) + amount
        order.ever_captured = True
        if order.method.gateway:
            order.taken(amount, currency, reference)
        if not late:
            order.review = "suspected"
        billing.settle_open(order)
        return
    received(order, amount, reference, late=late)
    billing.settle_open(order)
    billing.issue_by_itself(order)


def received(order: Order, amount: int, reference: str | None, *, late: bool) -> None:
    """Money came in; more than what is owed for goods that are still to go is suspicious."""
    order.captured += amount
    order.ever_captured = True
    if order.method.gateway:
        order.taken(amount, order.currency, reference)
    billing.use_authorization(order, amount, reference)
    if order.over and left_to_ship(order) and not late:
        order.review = "suspected"


def fail(order: Order, body: dict[str, Any]) -> None:
    _report(order, "fail", body, ())
    if body.get("provider_reference"):
        order.seen["fail", body["provider_reference"]] = ()


def void(order: Order, body: dict[str, Any]) -> None:
    """A void ends the authorization that it names, even one that is still to come; without a name all."""
    reference = body.get("provider_reference")
    if reference is None:
        if not order.authorized:
            raise No("nothing_to_void")
        order.authorizations.clear()
        order.voided = True
        return
    _report(order, "void", body, ())
    order.seen["void", reference] = ()
    if ("authorize", reference) not in order.seen:
        order.early_voids.add(reference)
    elif order.authorizations.pop(reference, 0):
        order.voided = True


def flag(order: Order) -> None:
    if billing.is_canceled(order):
        raise No("order_canceled")
    order.review = order.review or "review"


def accept(order: Order) -> None:
    """Waive what is due at this moment, of money that was received."""
    if not order.review:
        raise No("not_under_review")
    if not order.received_anything and order.due and not order.authorized:
        raise No("nothing_received")
    if order.received_anything:
        # What an open authorization is going to bring is not waived.
        order.waivers.append(Waiver(max(0, order.due - order.authorized), dict(order.foreign)))
    order.review = None
    billing.settle_open(order)
    billing.issue_by_itself(order)


def deny(order: Order) -> None:
    """End everything that is not shipped; the money is left to be sent back."""
    if not order.review:
        raise No("not_under_review")
    if any(each.kind == "void" for each in order.intents):
        raise No("capture_pending")
    order.review = None
    for number, parcel in enumerate(order.parcels):
        if parcel.state == "booked":
            fulfilling.cancel(order, number)
    for invoice in order.invoices:
        if invoice.state == "open" and not invoice.touched:
            billing.give_back(order, invoice, "canceled")
    end_units(order, {name: line.to_cancel for name, line in order.lines.items()})
    credit_unshipped(order)
    if not any(line.booked for line in order.lines.values()):
        give_up_charge(order)
    billing.drop_authorizations(order)


def end_units(order: Order, units: dict[str, int]) -> None:
    for name, quantity in units.items():
        if quantity:
            order.give_up(order.lines[name].take(quantity).total)
            order.lines[name].canceled += quantity


def give_up_charge(order: Order) -> None:
    if order.charge_alone:
        order.give_up(order.charge_open.total)
        order.charge_open = order.charge_open.nothing()


def refund_payment(order: Order, body: dict[str, Any]) -> None:
    """Send money back that no invoice holds, in its own currency."""
    amount, currency = _amount(order, body)
    online = body.get("mode") == "online"
    _report(order, "refund", body, (amount, currency))
    foreign = currency != order.currency
    there = order.foreign.get(currency, 0) - order.leaving(currency) if foreign else order.uninvoiced
    reasons = []
    if online and (not order.method.gateway or order.with_gateway(currency) < amount):
        reasons.append("refund_mode_not_allowed")
    if amount > there:
        reasons.append("refund_exceeds_uninvoiced_payment")
    if reasons:
        raise No(*reasons)
    if body.get("provider_reference"):
        order.seen["refund", body["provider_reference"]] = (amount, currency)
    if online:
        order.ask_back(amount, currency)
    elif foreign:
        foreign_sent_back(order, amount, currency)
    else:
        order.returned += amount
        order.unsettled = max(0, order.unsettled - amount)


def foreign_sent_back(order: Order, amount: int, currency: str) -> None:
    order.foreign[currency] -= amount
    for waiver in order.waivers:
        waiver.sent_back(currency, order.foreign[currency])
    billing.reopen(order)


def answered(order: Order, number: int, *, approved: bool, reference: str) -> None:
    """The gateway's answer to one of its open questions."""
    intent = order.intents.pop(number)
    if intent.kind == "refund":
        known = ("refund", reference) in order.seen
        if approved:
            order.seen.setdefault(("refund", reference), (intent.amount, intent.currency))
        if not (approved and known):  # the same reference is the same refund
            _refund_answered(order, intent, approved=approved)
    elif intent.kind == "void" and approved and intent.invoice is not None:
        invoice = order.invoices[intent.invoice]
        order.captured -= intent.amount
        order.lots[intent.lot].amount = 0
        billing.give_back(order, invoice, "voided")
        order.voided = True
    elif intent.kind == "capture" and approved:
        _capture_answered(order, intent, reference)


def _refund_answered(order: Order, intent: Intent, *, approved: bool) -> None:
    if not approved:
        order.lots[intent.lot].amount += intent.amount
    if approved and intent.currency != order.currency:
        foreign_sent_back(order, intent.amount, intent.currency)
    elif approved:
        order.returned += intent.amount
        if intent.memo is None:
            order.unsettled = max(0, order.unsettled - intent.amount)
    elif intent.currency == order.currency:
        order.unsettled += intent.amount


def _capture_answered(order: Order, intent: Intent, reference: str) -> None:
    """The same reference is the same capture, whoever reported it first."""
    assert intent.invoice is not None
    if ("capture", reference) not in order.seen:
        order.seen["capture", reference] = (intent.amount, order.currency)
        late = billing.is_canceled(order)
        received(order, intent.amount, reference, late=late)
    invoice = order.invoices[intent.invoice]
    # Asked for this invoice, and so its capture, even where the answer finds it taken back.
    invoice.captures += [number for number, lot in enumerate(order.lots) if lot.reference == reference]
    if invoice.active:
        billing.pour(order, invoice)
    billing.settle_open(order)
    billing.issue_by_itself(order)
