"""Which commands wait for a second person: the merchant's rules, and how a command is measured by them.

A command is measured by what it is about to record, so that "all that remains" costs what it costs, and together with
all that went back on its order before, so that nobody comes below a limit by splitting. What a provider reports is a
fact and no act, and is never held up; nor is what follows from a rule. Nothing here records anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from application.closing import HISTORY
from application.command import Command
from application.unit_of_work import UnitOfWork
from domain.credit_memo import CreditMemoIssued
from domain.events import Event
from domain.order import Order
from domain.payment_events import PaymentFailed, PaymentRefunded, PaymentRefundRequested, PaymentVoidRequested
from domain.refusals import Refusal
from domain.values import exponent

REFUNDS = frozenset({"invoices/refund", "invoices/void", "orders/refund-payment"})
"""The commands by which money goes back: they share one limit, for a refund can be had by any of them."""
REVIEWS = frozenset({"orders/accept-payment"})
HOLDABLE = frozenset(
    {
        *("customers/erase", "invoices/cancel", "invoices/correct", "invoices/refund", "invoices/void"),
        *("orders/accept-payment", "orders/amend", "orders/cancel", "orders/change-address", "orders/deny-payment"),
        *("orders/refund-payment", "orders/release", "shipments/cancel"),
    }
)
"""What can be held up: what a person decides. Reports of facts never are, nor what a batch books by itself."""
UNHELD = frozenset({"process", "gateway", "carrier"})
"""The kinds of actors whose commands are no person's act."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to which sum one person is enough, by currency; ``other`` is for all others, None where any sum needs two."""

    by_currency: Mapping[str, Decimal]
    other: Decimal | None = None

    def exceeded(self, minor: int, currency: str) -> bool:
        """Whether so many minor units are more."""
        limit = self.by_currency.get(currency, self.other)
        return limit is None or Decimal(minor).scaleb(-exponent(currency)) > limit


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingRules:
    """Which commands need a second person: ``always``, or where money is above a limit; and for how long they wait."""

    always: frozenset[str] = frozenset()
    refunds_above: Limits | None = None
    reviews_above: Limits | None = None
    lasts: timedelta = field(default=timedelta(hours=72))

    def limits_of(self, name: str) -> Limits | None:
        """The limits that a command is measured by, if any."""
        if name in REFUNDS:
            return self.refunds_above
        return self.reviews_above if name in REVIEWS else None

    @property
    def held(self) -> frozenset[str]:
        """Every command that may be held up."""
        refunds = REFUNDS if self.refunds_above else frozenset()
        return self.always | refunds | (REVIEWS if self.reviews_above else frozenset())


@dataclass(frozen=True, slots=True)
class Worth:
    """What a command is worth in minor units, and ``altogether`` with what went back before."""

    amount: int
    altogether: int
    currency: str


@dataclass(frozen=True, slots=True)
class Held:
    """A command that has to wait; ``worth`` is None where it is not measured."""

    worth: Worth | None = None


def held(rules: HoldingRules, work: UnitOfWork, command: Command) -> Held | None:
    """Whether the command, whose events are pending in ``work``, needs a second person.

    History is not held up but refused: what is over cannot wait for somebody.
    """
    if command.cause.actor.type in UNHELD or command.name not in rules.held:
        return None
    worths = worths_of(command.name, work)
    if command.name not in rules.always:
        limits = rules.limits_of(command.name)
        worths = [each for each in worths if limits is None or limits.exceeded(each.altogether, each.currency)]
        if not worths:
            return None
    if command.cause.actor.type == HISTORY:
        detail = "This needs a second person, and history cannot wait for one. Send it as a command, or bring it in"
        raise Refusal("approval_required", f"{detail} while the rule is off.")
    return Held(worths[0] if worths else None)


def worths_of(name: str, work: UnitOfWork) -> list[Worth]:
    """What a command with pending events is worth, by currency; nothing where it is not measured."""
    if not isinstance(work.root, Order):
        return []
    order = work.root.state
    if name in REVIEWS:
        return [Worth(order.grand_total, order.grand_total, order.currency)]
    if name not in REFUNDS:
        return []
    pending = given_back((event for each in work.aggregates.values() for event in each.pending_events), order.currency)
    before = given_back(work.events, order.currency)
    return [Worth(amount, before.get(money, 0) + amount, money) for money, amount in pending.items() if amount]


def given_back(events: Iterable[Event], currency: str) -> dict[str, int]:
    """By currency what goes back by these events, or is asked for no more; what a gateway declined did not."""
    sums: Counter[str] = Counter()
    asked: dict[UUID, tuple[int, str]] = {}
    for event in events:
        if isinstance(event, (PaymentRefundRequested, PaymentVoidRequested)):
            asked[event.intent_id] = event.amount, getattr(event, "currency", "")
        if isinstance(event, PaymentFailed) and event.intent_id in asked:
            amount, money = asked.pop(event.intent_id)
            sums[money or currency] -= amount
            continue
        amount, money = _counted(event)
        sums[money or currency] += amount
    return sums


def _counted(event: Event) -> tuple[int, str]:
    """What goes back by an event, and its currency where it says one.

    A request to the gateway counts, and not its answer; a credit memo counts, and not the money that moves for it.
    """
    match event:
        case CreditMemoIssued(cancels=False) if event.mode != "none":
            return event.grand_total, event.currency
        case PaymentRefundRequested(credit_memo_id=None):
            return event.amount, event.currency
        case PaymentRefunded(credit_memo_id=None, intent_id=None):
            return event.amount, event.currency
        case PaymentVoidRequested():
            return event.amount, ""
    return 0, ""
