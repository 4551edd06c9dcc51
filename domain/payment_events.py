"""What can happen to the money of an order, as facts. Amounts are minor units, of the order's currency unless named."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import NO_STREAM, OrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized(OrderEvent):
    """A provider promised ``amount``. ``method`` is what the shop calls the way of paying, ``kind`` what it is
    ("card", "gift_card", "store_credit", "cash", "transfer", "other").
    """

    TOPIC: ClassVar[str] = "order.payment_authorized"

    amount: int = 0
    currency: str = ""
    provider_reference: str = ""
    method: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(OrderEvent):
    """``amount`` was received, in minor units of ``currency``, which may be another than the order's.

    ``source`` is "provider" (reported), "offline" (an invoice is its receipt) or "online" (the answer to
    the request ``intent_id``). ``method`` and ``kind`` say how it was paid, as with an authorization; ``remitted`` is
    tax that the customer paid beside it and a marketplace keeps. Unless ``notify``, the customer is told nothing.
    """

    TOPIC: ClassVar[str] = "order.payment_captured"

    amount: int = 0
    currency: str = ""
    provider_reference: str | None = None
    source: str = "provider"
    invoice_id: UUID | None = None
    intent_id: UUID | None = None
    method: str | None = None
    kind: str | None = None
    remitted: int = 0
    notify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePaymentReceived(OrderEvent):
    """Money came for an order that was canceled; it waits to be refunded. ``method`` and ``kind`` as with a capture."""

    TOPIC: ClassVar[str] = "order.late_payment_received"

    amount: int = 0
    currency: str = ""
    provider_reference: str | None = None
    method: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(OrderEvent):
    """A payment was tried and did not succeed; no status follows from it.

    ``intent_id`` names our own request that was declined, ``detail`` the gateway's reason.
    """

    TOPIC: ClassVar[str] = "order.payment_failed"

    provider_reference: str | None = None
    intent_id: UUID | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoided(OrderEvent):
    """Authorized money will not be taken; ``amount`` is what was still open of it.

    0 where the authorization is used up, or not reported yet: then it is over as soon as it comes.
    """

    TOPIC: ClassVar[str] = "order.payment_voided"

    amount: int = 0
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFlagged(OrderEvent):
    """The payment needs a decision; ``cause`` is "request", "amount_mismatch" or "currency_mismatch"."""

    TOPIC: ClassVar[str] = "order.payment_flagged"

    cause: str = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReviewAccepted(OrderEvent):
    """What was paid counts as covering the order: ``waived``, the amount that was due at that moment, is given up.

    None was recorded while an acceptance covered whatever was due.
    """

    TOPIC: ClassVar[str] = "order.payment_review_accepted"

    waived: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReviewDenied(OrderEvent):
    """The payment is not trusted; what has not left gets canceled or credited, the money waits to be refunded."""

    TOPIC: ClassVar[str] = "order.payment_review_denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded(OrderEvent):
    """Money that no invoice holds (any more) went back to the customer, in ``currency`` ("": the order's).

    ``method`` and ``kind`` say by which way, as with a capture.
    """

    TOPIC: ClassVar[str] = "order.payment_refunded"

    amount: int = 0
    currency: str = ""
    mode: str = "offline"
    provider_reference: str | None = None
    credit_memo_id: UUID | None = None
    intent_id: UUID | None = None
    method: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptureRequested(OrderEvent):
    """The gateway is about to be asked for ``amount``; ``intent_id`` is its idempotency key."""

    TOPIC: ClassVar[str] = "order.payment_capture_requested"

    intent_id: UUID = NO_STREAM
    amount: int = 0
    invoice_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefundRequested(OrderEvent):
    """The gateway is about to be asked to give ``amount`` of a capture back, for a credit memo if one is named.

    ``capture_reference`` is the provider's for that capture, ``currency`` that of the amount ("": the order's). Where
    several captures are asked for parts, the first request has the ``whole`` and the reference under which it is known.
    """

    TOPIC: ClassVar[str] = "order.payment_refund_requested"

    intent_id: UUID = NO_STREAM
    amount: int = 0
    currency: str = ""
    credit_memo_id: UUID | None = None
    capture_reference: str | None = None
    whole: int = 0
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoidRequested(OrderEvent):
    """The gateway is about to be asked to undo its capture of ``amount`` for an invoice."""

    TOPIC: ClassVar[str] = "order.payment_void_requested"

    intent_id: UUID = NO_STREAM
    amount: int = 0
    invoice_id: UUID = NO_STREAM
    capture_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequestSettled(OrderEvent):
    """The gateway's answer names a movement that was reported before: it ends the request and counts nothing."""

    TOPIC: ClassVar[str] = "order.payment_request_settled"

    intent_id: UUID = NO_STREAM
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureVoided(OrderEvent):
    """The gateway undid its capture: the money was never taken."""

    TOPIC: ClassVar[str] = "order.capture_voided"

    amount: int = 0
    invoice_id: UUID = NO_STREAM
    intent_id: UUID = NO_STREAM
    provider_reference: str | None = None


PAYMENT_EVENTS: tuple[type[OrderEvent], ...] = (
    PaymentAuthorized,
    PaymentCaptured,
    LatePaymentReceived,
    PaymentFailed,
    PaymentVoided,
    PaymentFlagged,
    PaymentReviewAccepted,
    PaymentReviewDenied,
    PaymentRefunded,
    PaymentCaptureRequested,
    PaymentRefundRequested,
    PaymentVoidRequested,
    PaymentRequestSettled,
    CaptureVoided,
)
