"""Bodies of the commands about money: payments, invoices and refunds."""

from application.commands import invoices, payments
from domain import requests
from web.schemas.body import CommandBody
from web.schemas.fields import Choice, Flag, Id, Reference, Text
from web.schemas.parts import LineQuantity, money, remaining_or

MODE = ("online", "offline")


def _currency() -> Text:
    hint = "Must be an ISO 4217 code of three capital letters."
    return Text(3, pattern="[A-Z]{3}", hint=hint, allow_none=True)


class ReceivePayment(CommandBody):
    """Money authorized or captured, under the reference of whoever moved it."""

    makes = (payments.AuthorizePayment, payments.CapturePayment)

    amount = money(above_zero=True, required=True)
    provider_reference = Reference(128, required=True)
    currency = _currency()


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


class CorrectInvoice(CommandBody):
    """Whether the customer is told that the invoice is taken back."""

    makes = (invoices.CorrectInvoice,)

    notify = Flag()


class RefundedLine(LineQuantity):
    """Units to refund, and whether they had been shipped: nobody guesses."""

    makes = requests.RefundedUnits

    disposition = Choice(("shipped", "unshipped"), required=True)


class RefundInvoice(CommandBody):
    """What of an invoice to give back; shipping is net, and contains its tax where the order's prices do."""

    makes = (invoices.RefundInvoice,)

    lines = remaining_or(RefundedLine, low=0)
    shipping = money()
    adjustment_refund = money()
    adjustment_fee = money()
    mode = Choice(MODE)
    notify = Flag()
