"""An order of the model: plain counters and amounts, and what follows from them by the specification's formulas."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.properties.reference.amounts import Charges
from tests.properties.reference.documents import Intent, Invoice, Line, Lot, Memo, Parcel, Waiver


class No(Exception):
    """A refusal; ``codes`` are those that the specification lets one choose from, the first is the usual one."""

    def __init__(self, *codes: str) -> None:
        super().__init__(codes[0])
        self.codes = codes


class Repeat(Exception):
    """The same report again: nothing happens, the first answer counts."""


@dataclass(frozen=True)
class Method:
    """A payment method: its ``modes``, the usual one first, and when it lets goods go."""

    code: str
    modes: tuple[str, ...]
    ships: str  # "before", "authorized", "covered"
    automatic: bool = False
    external: bool = False
    gateway: bool = False
    account: bool = False


METHODS = {
    each.code: each
    for each in (
        Method("bank_transfer", ("offline",), "covered"),
        Method("check_money_order", ("offline",), "covered"),
        Method("cash_on_delivery", ("offline", "none"), "before"),
        Method("purchase_order", ("none", "offline"), "before", account=True),
        Method("card_authorize", ("online", "offline", "none"), "authorized", gateway=True),
        Method("card_capture", (), "covered", automatic=True, gateway=True),
        Method("hosted_checkout", (), "covered", automatic=True, external=True, gateway=True),
        Method("free", ("none",), "before", automatic=True),
    )
}


@dataclass
class Order:
    """Everything about one order."""

    method: Method
    currency: str
    inclusive: bool
    lines: dict[str, Line]
    charge: Charges
    charge_open: Charges
    deadline: datetime | None = None
    revision: int = 1
    reduced: bool = False
    captured: int = 0
    returned: int = 0
    foreign: dict[str, int] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    canceled_value: int = 0
    credited: int = 0
    authorizations: dict[str, int] = field(default_factory=dict)
    early_voids: set[str] = field(default_factory=set)
    seen: dict[tuple[str, str], Any] = field(default_factory=dict)
    back_office: dict[str, int] = field(default_factory=dict)
    ever_captured: bool = False
    voided: bool = False
    hold: bool = False
    review: str | None = None
    invoices: list[Invoice] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    unsettled: int = 0

    @property
    def grand_total(self) -> int:
        return sum(line.whole.total for line in self.lines.values()) + self.charge.total

    @property
    def waived(self) -> int:
        return sum(each.amount for each in self.waivers)

    @property
    def owed(self) -> int:
        return max(0, self.grand_total - self.canceled_value - self.credited - self.waived)

    @property
    def held(self) -> int:
        return self.captured - self.returned

    @property
    def staying(self) -> int:
        """What is held and not on its way back: only that pays for something."""
        return self.held - self.refunding

    @property
    def due(self) -> int:
        return max(0, self.owed - self.staying)

    @property
    def over(self) -> int:
        return max(0, self.staying - self.owed)

    @property
    def authorized(self) -> int:
        return sum(self.authorizations.values())

    @property
    def refunding(self) -> int:
        return self.leaving(self.currency)

    def leaving(self, currency: str) -> int:
        """What the gateway was asked to send back and has not yet."""
        return sum(each.amount for each in self.intents if each.kind == "refund" and each.currency == currency)

    def taken(self, amount: int, currency: str, reference: str | None) -> int:
        """Money that the gateway took, by the reference of its capture; the number of its lot."""
        for number, lot in enumerate(self.lots):
            if (lot.reference, lot.currency) == (reference, currency):
                lot.amount += amount
                lot.whole += amount
                return number
        self.lots.append(Lot(amount, currency, reference))
        return len(self.lots) - 1

    def with_gateway(self, currency: str) -> int:
        """What can be sent back through the gateway; a lot is used up when it is asked for."""
        return sum(lot.amount for lot in self.lots if lot.currency == currency)

    def ask_back(self, amount: int, currency: str, invoice: int | None = None, memo: int | None = None) -> None:
        """Ask for a refund, each part against the capture it came from: the invoice's own, then what lies on none."""
        own = [] if invoice is None else self.invoices[invoice].captures
        claimed = {number for each in self.invoices for number in each.captures}
        for number in sorted(range(len(self.lots)), key=lambda number: (number not in own, number in claimed)):
            lot = self.lots[number]
            part = min(amount, lot.amount) if lot.currency == currency else 0
            if part:
                lot.amount -= part
                amount -= part
                self.intents.append(Intent("refund", part, invoice, memo, currency, number))

    @property
    def capturing(self) -> int:
        return sum(each.amount for each in self.intents if each.kind == "capture")

    @property
    def uninvoiced(self) -> int:
        """Money that no invoice holds and that is not on its way back."""
        return self.held - sum(each.holding for each in self.invoices) - self.refunding

    def give_up(self, worth: int) -> None:
        """Value that is canceled: nobody had paid it, so the newest waivers end that no document used up."""
        self.canceled_value += worth
        ends = min(worth, self.waiver_left)
        while ends > 0:
            newest = next(each for each in reversed(self.waivers) if each.amount)
            part_of_it = min(ends, newest.amount)
            newest.amount -= part_of_it
            ends -= part_of_it

    @property
    def waiver_left(self) -> int:
        return self.waived - sum(each.waived for each in self.invoices if each.active)

    @property
    def received_anything(self) -> bool:
        return self.held > 0 or any(self.foreign.values())

    @property
    def charge_alone(self) -> bool:
        """A charge that no invoice holds while no unit is left to invoice."""
        return self.charge_open.total > 0 and not any(line.to_invoice for line in self.lines.values())

    @property
    def all_canceled(self) -> bool:
        units = all(line.canceled == line.ordered for line in self.lines.values())
        return units and not any(each.active for each in self.invoices)
