"""Stripe through its official library: captures and refunds of PaymentIntents, and signed webhooks.

The id of our intent is Stripe's idempotency key, so a repeat acts once. An order's PaymentIntent is found
by the provider reference of its authorization. Amounts are ISO 4217 minor units, which Stripe shares for
all but a few currencies (ISK and UGX count as two decimals there): those are declined here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import stripe

from application.command import Actor, Cause, Command
from application.commands.payments import AuthorizePayment, CapturePayment, FailPayment, VoidPayment
from application.gateway import Approved, Declined, GatewayRequest, GatewayUnavailable
from domain.refusals import Refusal
from domain.values import exponent

TIMEOUT_SECONDS = 20
COUNTED_OTHERWISE = frozenset({"ISK", "UGX"})


class StripeGateway:
    """Asks Stripe; ``base_url`` is another server in tests."""

    def __init__(self, api_key: str, base_url: str | None = None) -> None:
        addresses: Any = {"api": base_url} if base_url else None
        http_client = stripe.RequestsClient(timeout=TIMEOUT_SECONDS)
        self._stripe = stripe.StripeClient(
            api_key, base_addresses=addresses, max_network_retries=0, http_client=http_client
        ).v1

    def ask(self, request: GatewayRequest) -> Approved | Declined:
        """Capture or refund; raises ``GatewayUnavailable`` when Stripe's answer is not known."""
        if request.reference is None:
            return Declined("The order has no payment of Stripe.")
        if request.currency in COUNTED_OTHERWISE:
            return Declined(f"Stripe counts {request.currency} in other units.")
        if request.kind == "void":
            return Declined("Stripe does not undo a capture: refund it.")
        try:
            return self._capture(request) if request.kind == "capture" else self._refund(request)
        except stripe.CardError as error:
            return Declined(error.user_message or "The card was declined.")
        except stripe.InvalidRequestError as error:
            return self._already_captured(request) or Declined(error.user_message or str(error))
        except stripe.StripeError as error:
            raise GatewayUnavailable(type(error).__name__) from error

    def _capture(self, request: GatewayRequest) -> Approved:
        intent = self._stripe.payment_intents.capture(
            str(request.reference), {"amount_to_capture": request.amount}, {"idempotency_key": str(request.intent_id)}
        )
        return Approved(intent.id)

    def _refund(self, request: GatewayRequest) -> Approved | Declined:
        refund = self._stripe.refunds.create(
            {"payment_intent": str(request.reference), "amount": request.amount},
            {"idempotency_key": str(request.intent_id)},
        )
        if refund.status in {"failed", "canceled"}:
            return Declined(refund.failure_reason or f"The refund {refund.id} is {refund.status}.")
        return Approved(refund.id)

    def _already_captured(self, request: GatewayRequest) -> Approved | None:
        """Stripe forgets idempotency keys after a day: what was captured then is found by its state."""
        if request.kind != "capture":
            return None
        intent = self._stripe.payment_intents.retrieve(str(request.reference))
        done = intent.status == "succeeded" and intent.amount_received == request.amount
        return Approved(intent.id) if done else None


class InvalidReport(ValueError):
    """The signature does not belong to this body, or is too old."""


# Which command follows from which event of a PaymentIntent, and which of its amounts counts.
FOLLOWS = {
    "payment_intent.amount_capturable_updated": ("orders/authorize-payment", AuthorizePayment, "amount_capturable"),
    "payment_intent.succeeded": ("orders/capture-payment", CapturePayment, "amount_received"),
    "payment_intent.payment_failed": ("orders/fail-payment", FailPayment, None),
    "payment_intent.canceled": ("orders/void-payment", VoidPayment, None),
}


@dataclass(frozen=True, slots=True)
class StripeReport:
    """A signed event: the ``commands`` it asks for, at most one; ``foreign`` when its order is none of ours.

    An account may serve several shops, and then every shop hears of every payment.
    """

    event_id: str
    reported_at: datetime
    commands: tuple[Command, ...] = ()
    foreign: bool = False


class StripeReports:
    """Turns Stripe's signed events into commands on the order named in the PaymentIntent's metadata."""

    signature_header = "Stripe-Signature"

    def __init__(self, secret: str, new_id: Callable[[], UUID]) -> None:
        self._secret = secret
        self._new_id = new_id

    def read(self, payload: bytes, signature: str) -> StripeReport:
        """What an event says.

        Raises ``InvalidReport`` unless ``signature`` (header Stripe-Signature) is Stripe's own and recent.
        """
        try:
            event = stripe.Webhook.construct_event(payload, signature, self._secret)
        except (ValueError, stripe.SignatureVerificationError) as error:
            raise InvalidReport(str(error)) from error
        reported_at = datetime.fromtimestamp(event.created, UTC)
        intent = event.data.object.to_dict()
        named = (intent.get("metadata") or {}).get("order_id")
        if event.type not in FOLLOWS or named is None:
            return StripeReport(event.id, reported_at)
        try:
            command = self._command(event, intent, UUID(named))
        except (ValueError, Refusal):  # no id of ours, or a currency that is none
            return StripeReport(event.id, reported_at, foreign=True)
        return StripeReport(event.id, reported_at, (command,))

    def _command(self, event: stripe.Event, intent: dict[str, Any], order_id: UUID) -> Command:
        name, report, amount = FOLLOWS[event.type]
        facts: dict[str, Any] = {"provider_reference": intent["id"]}
        if amount is not None:
            currency = intent["currency"].upper()
            facts |= {"amount": Decimal(intent[amount]).scaleb(-exponent(currency)), "currency": currency}
        return Command(
            name=name,
            target=order_id,
            body=report(**facts),
            cause=Cause(
                actor=Actor("gateway", "stripe"),
                correlation_id=self._new_id(),
                idempotency_key=event.id,
                request=f"{name} {order_id} {intent['id']}".encode(),
            ),
        )
