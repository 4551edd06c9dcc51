"""What an order remembers of its money: requests, receipts, waivers, foreign money, and what invoices ask for."""

from dataclasses import dataclass
from uuid import UUID

from domain.values import portion


@dataclass(slots=True)
class Intent:
    """A request to the payment gateway without an answer: "capture", "refund" or "void", for a document.

    ``amount`` counts minor units of ``currency``; ``capture_reference`` names the capture that is to be undone.
    """

    kind: str
    amount: int
    document_id: UUID | None
    currency: str
    capture_reference: str | None = None


@dataclass(slots=True)
class Receipt:
    """Money that a provider received in one currency under one reference, for ``invoice_id`` if it asked for it.

    ``left`` is what was neither given back by the provider nor is on its way.
    """

    left: int
    invoice_id: UUID | None


@dataclass(slots=True)
class InvoicedPart:
    """What an active invoice still asks for (0: it is paid), and its units that were not refunded, by line."""

    rest: int
    waived: int
    units: dict[str, int]


@dataclass(slots=True)
class ForeignMoney:
    """Money in another currency than the order's: kept apart, it pays for nothing."""

    captured: int = 0
    returned: int = 0

    @property
    def held(self) -> int:
        """What was received and not sent back."""
        return self.captured - self.returned


@dataclass(slots=True)
class Waiver:
    """What accepting a review gave up, and the foreign money by currency that it was given up for."""

    amount: int
    backing: dict[str, int]

    def sent_back(self, currency: str, held: int) -> None:
        """What was waived for foreign money is due again with it, in proportion; ``held`` is what is still here."""
        backing = self.backing.get(currency, 0)
        if held < backing:
            self.amount -= portion(self.amount, backing - held, backing)
            self.backing[currency] = held
