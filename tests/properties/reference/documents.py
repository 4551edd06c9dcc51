"""What an order of the model consists of: lines, invoices, credit memos, parcels, questions to the gateway."""

from dataclasses import dataclass, field

from tests.properties.reference.amounts import Charges, Worth, part


@dataclass
class Line:
    """One line; ``open`` is what of its worth is neither invoiced nor canceled."""

    ordered: int
    whole: Worth
    open: Worth
    shippable: bool = True
    invoiced: int = 0
    booked: int = 0
    canceled: int = 0
    refunded_shipped: int = 0
    refunded_unshipped: int = 0

    @property
    def to_invoice(self) -> int:
        return self.ordered - self.invoiced - self.canceled

    @property
    def to_ship(self) -> int:
        return self.ordered - self.booked - self.canceled - self.refunded_unshipped

    @property
    def to_cancel(self) -> int:
        return min(self.to_invoice, self.to_ship)

    @property
    def live(self) -> int:
        return self.ordered - self.canceled - self.refunded_unshipped

    @property
    def refunded(self) -> int:
        return self.refunded_shipped + self.refunded_unshipped

    def take(self, quantity: int) -> Worth:
        """Take units' worth out of what is open; the caller counts them as invoiced or canceled."""
        share = self.open.share(quantity, self.to_invoice)
        self.open -= share
        return share


@dataclass
class Invoice:
    """An invoice; ``left`` is what no credit memo took yet, ``holding`` the money that lies on it."""

    lines: dict[str, tuple[int, Worth]]
    charge: Charges
    left: dict[str, tuple[int, Worth]] = field(default_factory=dict)
    charge_left: Charges = field(default_factory=lambda: Charges(Worth()))
    state: str = "open"
    received: int = 0
    given_back: int = 0
    waived: int = 0
    credited: int = 0
    captures: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(worth.total for _, worth in self.lines.values()) + self.charge.total

    @property
    def tax(self) -> int:
        return sum(worth.tax for _, worth in self.lines.values()) + self.charge.tax

    @property
    def active(self) -> bool:
        return self.state in {"open", "paid"}

    @property
    def touched(self) -> bool:
        """Whether a credit memo took anything of it, be it units that are worth nothing."""
        return bool(self.credited) or self.left != self.lines or self.charge_left != self.charge

    @property
    def holding(self) -> int:
        return self.received - self.given_back if self.active else 0

    @property
    def rest(self) -> int:
        """What an open invoice still waits for."""
        return max(0, self.total - self.credited - self.holding - self.waived) if self.state == "open" else 0


@dataclass
class Memo:
    """A credit memo with its exact parts."""

    invoice: int
    lines: dict[tuple[str, str], tuple[int, Worth]]
    charge: Charges
    up: int
    down: int
    kind: str = "refund"

    @property
    def total(self) -> int:
        return sum(worth.total for _, worth in self.lines.values()) + self.charge.total + self.up - self.down


@dataclass
class Parcel:
    """A shipment: what is in it, how far it got, and what came back."""

    contents: dict[str, int]
    state: str = "booked"
    numbered: bool = True
    delivered: bool = False
    last_scan: str = "pending"
    back: dict[str, int] = field(default_factory=dict)

    def out(self, line: str) -> int:
        return self.contents.get(line, 0) - self.back.get(line, 0) if self.state != "canceled" else 0


@dataclass
class Intent:
    """A question to the gateway that has no answer yet."""

    kind: str
    amount: int
    invoice: int | None = None
    memo: int | None = None
    currency: str = ""
    lot: int = 0


@dataclass
class Waiver:
    """What accepting a review waived, and the foreign money that it was waived for."""

    amount: int
    foreign: dict[str, int]

    def sent_back(self, currency: str, left: int) -> None:
        """Money that goes back pays for nothing: what was waived for it is due again, in proportion."""
        backing = self.foreign.get(currency, 0)
        if left < backing:
            self.amount -= part(self.amount, backing - left, backing)
            self.foreign[currency] = left


@dataclass
class Lot:
    """Money that the gateway took in one capture and did not send back."""

    amount: int
    currency: str
    reference: str | None
    whole: int = 0

    def __post_init__(self) -> None:
        self.whole = self.amount
