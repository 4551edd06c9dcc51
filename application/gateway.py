"""The port to a payment gateway, and what it may answer."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Approved:
    """The gateway did it; ``reference`` is its own name for the movement."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway refused, finally; ``detail`` says why."""

    detail: str


class GatewayUnavailable(Exception):
    """No answer: done or not, only asking again under the same id can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRequest:
    """One thing to do: ``kind`` is "capture", "refund" or "void".

    ``intent_id`` is the idempotency key; ``amount`` counts minor units of ``currency``. ``reference`` is
    the provider's for what this acts on: the authorization of a capture, the capture of a refund or void.
    """

    kind: str
    intent_id: UUID
    order_id: UUID
    amount: int
    currency: str
    reference: str | None


class Gateway(Protocol):
    """Moves money. Asked twice under one ``intent_id`` it acts once and answers alike."""

    def ask(self, request: GatewayRequest) -> Approved | Declined:
        """Do it; raises ``GatewayUnavailable`` when the outcome is not known."""
