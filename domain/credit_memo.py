"""Credit memos: the document over what was given back, or no longer asked for, of one invoice."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event
from domain.values import ChargeShare, External, RefundedShare, TaxPart


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemoEvent(Event):
    """A fact of a credit memo's stream. Amounts are minor units of the order's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemoIssued(CreditMemoEvent):
    """The document as issued: lines + shipping + charges + tax + ``adjustment_refund`` - ``adjustment_fee``.

    ``adjustment_taxes`` is what the adjustment refund consists of by tax rate, ``fee_taxes`` what the fee does. A memo
    that ``cancels`` takes its invoice back as a whole, to be issued anew; ``mode`` is then "none", as wherever no money
    moved with it.
    ``stationery`` names what the configuration said on documents then; None on events older than that.
    ``dated_at`` is the time that the document bears, that of its making whatever the time
    of the fact; None: the same, as with ``external``, which says under which number another system issued it.
    """

    TOPIC: ClassVar[str] = "credit_memo.issued"
    SERIES: ClassVar[str | None] = "credit_memo"

    number: int | None = None
    prefix: str = ""
    order_id: UUID = NO_STREAM
    invoice_id: UUID = NO_STREAM
    currency: str = ""
    mode: str = "offline"
    notify: bool = False
    lines: tuple[RefundedShare, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    adjustment_refund: int = 0
    adjustment_fee: int = 0
    adjustment_taxes: tuple[TaxPart, ...] = ()
    fee_taxes: tuple[TaxPart, ...] = ()
    grand_total: int = 0
    cancels: bool = False
    stationery: str | None = None
    dated_at: datetime | None = None
    charges: tuple[ChargeShare, ...] = ()
    external: External | None = None

    @property
    def document_number(self) -> str:
        """The number as people read it, behind the prefix of its series; that of another system where it issued it."""
        return self.external.number if self.external else f"{self.prefix}{self.number or 0:09d}"

    @property
    def issued_at(self) -> datetime:
        """The time that the document bears."""
        return self.dated_at or self.occurred_at


CREDIT_MEMO_EVENTS: tuple[type[CreditMemoEvent], ...] = (CreditMemoIssued,)


@dataclass(slots=True)
class CreditMemoState:
    """What decides about a credit memo: it is final when issued."""

    order_id: UUID = NO_STREAM
    invoice_id: UUID = NO_STREAM
    grand_total: int = 0


class CreditMemo(Aggregate):
    """Documents one refund."""

    NAME = "credit_memo"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = CreditMemoState()
        self.stationery: str | None = None
        self.dated_at: datetime | None = None
        self.external: External | None = None

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        if isinstance(event, CreditMemoIssued):
            self.state = CreditMemoState(event.order_id, event.invoice_id, event.grand_total)
            self.prefix = event.prefix
            self.own_number = event.external.number if event.external else None
