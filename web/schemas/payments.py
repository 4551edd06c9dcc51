"""Bodies of the commands about money: payments, invoices and refunds."""

from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow.fields import Nested

from application.commands import invoices, payments
from domain import requests
from web.schemas.body import CommandBody, Part
from web.schemas.faults import impossible
from web.schemas.fields import Choice, Flag, Id, Items, Reference, Text
from web.schemas.parts import CHARGES_MAX, ExternalDocument, LineQuantity, label, line_name, money, remaining_or

MODE = ("online", "offline")
KINDS = ("card", "gift_card", "store_credit", "cash", "transfer", "other")


def _currency() -> Text:
    hint = "Must be an ISO 4217 code of three capital letters."
    return Text(3, pattern="[A-Z]{3}", hint=hint, allow_none=True)


class ReceivePayment(CommandBody):
    """Money authorized, under the reference of whoever promised it."""

    makes: ClassVar[tuple[type[Any], ...]] = (payments.AuthorizePayment,)

    amount = money(above_zero=True, required=True)
    provider_reference = Reference(128, required=True)
    currency = _currency()
    method = label()
    kind = Choice(KINDS, allow_none=True)


class CapturePayment(ReceivePayment):
    """Money captured, and the tax beside it that a marketplace keeps."""

    makes = (payments.CapturePayment,)

    remitted = money()


class EndPayment(CommandBody):
    """A payment that failed or was voided."""

    makes = (payments.FailPayment, payments.VoidPayment)

    provider_reference = Reference(128, allow_none=True)


class RefundPayment(CommandBody):
    """Money to give back that no invoice holds, in the order's currency or in the one in which it came."""

    makes = (payments.RefundPayment,)

    amount = money(above_zero=True, required=True)
    currency = _currency()
    mode = Choice(MODE)
    provider_reference = Reference(128, allow_none=True)
    method = label()
    kind = Choice(KINDS, allow_none=True)


class IssueInvoice(CommandBody):
    """What to invoice, and what to do with the part that is not yet paid.

    Without ``capture`` the payment method's usual mode is taken, which the answer names: offline (the invoice is the
    receipt) for bank_transfer, check_money_order and cash_on_delivery; none (it stays open) for purchase_order; online
    for card_authorize.
    """

    makes = (invoices.IssueInvoice,)

    lines = remaining_or(LineQuantity)
    capture = Choice(("online", "offline", "none"))
    notify = Flag()
    invoice_id = Id()
    external = Nested(ExternalDocument, allow_none=True)


class CorrectInvoice(CommandBody):
    """Whether the customer is told that the invoice is taken back."""

    makes = (invoices.CorrectInvoice,)

    notify = Flag()


class RefundedLine(LineQuantity):
    """Units to refund, and whether they had been shipped: nobody guesses."""

    makes = requests.RefundedUnits

    disposition = Choice(("shipped", "unshipped"), required=True)


class RefundedCharge(Part):
    """A charge to give back, or an amount of it."""

    makes = requests.RefundedCharge

    charge_id = line_name()
    amount = money(allow_none=True)


class RefundInvoice(CommandBody):
    """What of an invoice to give back; shipping and charges are net, and contain their tax where the order's prices do.

    With ``amount`` alone that much is given back, with its part of the invoice's taxes.
    """

    makes = (invoices.RefundInvoice,)

    lines = remaining_or(RefundedLine, low=0, required=False)
    amount = money(above_zero=True, allow_none=True)
    shipping = money()
    charges = Items(Nested(RefundedCharge), high=CHARGES_MAX)
    adjustment_refund = money()
    adjustment_fee = money()
    mode = Choice(MODE)
    notify = Flag()
    external = Nested(ExternalDocument, allow_none=True)

    def check(self, body: dict[str, Any]) -> None:
        if body.get("amount") is None:
            if "lines" not in body:
                raise ValidationError({"lines": ["Missing data for required field."]})
        elif any(body.get(name) for name in ("lines", "shipping", "charges", "adjustment_refund", "adjustment_fee")):
            raise impossible("Name either an amount, or lines, shipping, charges and adjustments.")
