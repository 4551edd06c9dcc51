"""Payment methods as data: how money arrives, and which invoices and shipments that opens.

A merchant adds a method by adding a row; no code asks for a method by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.refusals import invalid


class Capture(StrEnum):
    """What an invoice does with the part of its total that was not received before."""

    OFFLINE = "offline"  # the invoice is the receipt of the rest
    ONLINE = "online"  # the gateway is asked for the rest
    NONE = "none"  # the invoice stays open
    RECEIVED = "received"  # nothing may be left to pay


class ShipWhen(StrEnum):
    """What must have happened before goods may leave."""

    ALWAYS = "always"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay; ``captures[0]`` is the usual capture mode of its invoices."""

    code: str
    captures: tuple[Capture, ...]
    ship_when: ShipWhen
    automatic_invoice: bool = False
    external_page: bool = False
    only_zero: bool = False

    @property
    def through_gateway(self) -> bool:
        """Whether a payment gateway takes the money, so that it can be asked to give it back."""
        return self.external_page or Capture.ONLINE in self.captures or Capture.RECEIVED in self.captures

    @property
    def collecting(self) -> Capture:
        """How the rest of an open invoice is collected: the usual way that is not to leave it open."""
        return next((mode for mode in self.captures if mode is not Capture.NONE), Capture.NONE)


METHODS: dict[str, PaymentMethod] = {
    method.code: method
    for method in (
        PaymentMethod("bank_transfer", (Capture.OFFLINE,), ShipWhen.CAPTURED),
        PaymentMethod("check_money_order", (Capture.OFFLINE,), ShipWhen.CAPTURED),
        PaymentMethod("cash_on_delivery", (Capture.OFFLINE, Capture.NONE), ShipWhen.ALWAYS),
        PaymentMethod("purchase_order", (Capture.NONE, Capture.OFFLINE), ShipWhen.ALWAYS),
        PaymentMethod("card_authorize", (Capture.ONLINE, Capture.OFFLINE, Capture.NONE), ShipWhen.AUTHORIZED),
        PaymentMethod("card_capture", (Capture.RECEIVED,), ShipWhen.CAPTURED, automatic_invoice=True),
        PaymentMethod(
            "hosted_checkout",
            (Capture.RECEIVED,),
            ShipWhen.CAPTURED,
            automatic_invoice=True,
            external_page=True,
        ),
        PaymentMethod("free", (Capture.NONE,), ShipWhen.ALWAYS, automatic_invoice=True, only_zero=True),
    )
}


def method_named(code: str, own: Mapping[str, PaymentMethod]) -> PaymentMethod:
    """The method called ``code``, shipped or the merchant's ``own``; refuses unknown ones."""
    known_methods = METHODS | dict(own)
    try:
        return known_methods[code]
    except KeyError:
        known = ", ".join(sorted(known_methods))
        raise invalid(
            "unknown_payment_method", f"There is no payment method {code}. Configured are {known}.", "/payment/method"
        ) from None
