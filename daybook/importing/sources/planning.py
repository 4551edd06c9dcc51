"""From an order of another system and what Daybook has of it already to the commands that are missing.

Nothing there yet: its whole life. Everything there: no command. In between, what is new: a refund since.
Amounts that a source only knows as a sum are taken as the difference to what is here. Keys are made of the source's
ids and of the sum reached, so that the same file always makes the same commands with the same keys; it must never
make one whose effect depends on how often it is posted.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid5

from daybook.importing.sources import placing
from daybook.importing.sources.order import Invoice, Json, Payment, Refund, Shipment, SourceOrder
from domain.values import to_text

NAMESPACE = UUID("6d0f63c4-7b0f-5b5c-9d5e-2f1f0c9a4a57")
CARRIERS = {"ups": "ups", "fedex": "fedex", "usps": "usps", "dhl": "dhl"}
OTHER_CARRIER = "custom"
MAY_STAY_OPEN = frozenset({"cash_on_delivery", "purchase_order", "card_authorize"})
COMMENTS_MAX = 4000
MOVED_IN = "moved in"
"""The reason of a hold that came with the order, where the reason itself may not be read."""


class Command(NamedTuple):
    """One command: the path below /commands, the idempotency key, the body."""

    path: str
    key: str
    body: Json


@dataclass(slots=True)
class LineCounters:
    """What of a line happened here already."""

    invoiced: int = 0
    shipped: int = 0
    canceled: int = 0
    ordered: int = 0

    @property
    def left(self) -> int:
        """What can still be canceled."""
        return self.ordered - self.canceled - max(self.invoiced, self.shipped)


class Open(NamedTuple):
    """An invoice that is here, and how much of what was paid on it did not go back; None where that is not known."""

    invoice_id: str
    refundable: int | None = None


@dataclass(slots=True)
class Present:
    """What Daybook has of the order; amounts in minor units. As made, it has nothing."""

    there: bool = False
    paid: int = 0
    refunded: int = 0
    authorized: bool = False
    voided: bool = False
    failed: bool = False
    held_for: str | None = None
    ever_held: bool = False
    canceled: bool = False
    lines: dict[str, LineCounters] = field(default_factory=dict)
    invoices: dict[str, "Open"] = field(default_factory=dict)
    shipments: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)

    def of(self, line_id: str) -> LineCounters:
        return self.lines.get(line_id) or LineCounters()


def order_id_of(source: str, store: str, source_id: str) -> UUID:
    """The order's id here, the same for ever."""
    return uuid5(NAMESPACE, f"{source}/{store}/{source_id}")


class Plan:
    """The commands of one order for one store."""

    def __init__(self, order: SourceOrder, store: str) -> None:
        self.order = order
        self.store = store
        self.order_id = order_id_of(order.source, store, order.source_id)
        self._prefix = quote(f"{order.source}-{store}-{order.source_id}", safe="")[:160]

    def place(self) -> Command:
        return Command("orders", f"{self._prefix}-place", placing.body_of(self.order, self.order_id, self.store))

    def rest(self, present: Present) -> Iterator[Command]:
        """What comes after the placing and is not there yet, in the order in which it can happen.

        But for what ``after_all`` has: it needs to know what the invoices came to.
        """
        yield from self._tags(present)
        yield from self._comments(present)
        yield from self._released(present)
        yield from self._authorized(present)
        yield from self._payments(present, over=False)
        yield from self._invoices(present, dict(present.invoices))
        yield from self._shipments(present)
        yield from self._canceled(present)
        yield from self._payments(present, over=True)

    def after_all(self, present: Present) -> Iterator[Command]:
        """What comes last, with ``present`` as it is by then: the money that goes back, and the hold."""
        yield from self._refunds(present)
        yield from self._held(present)

    def whole(self) -> Iterator[Command]:
        """All of it, as for a Daybook that has nothing, and so tells nothing of what invoices come to."""
        present = Present()
        yield self.place()
        yield from self.rest(present)
        issued: dict[str, Open] = {}
        for _ in self._invoices(present, issued):
            pass
        yield from self.after_all(replace(present, invoices=issued))

    def _of_order(self, verb: str, body: Json, at: str, step: str) -> Command:
        return Command(f"orders/{self.order_id}/{verb}", f"{self._prefix}-{step}", body | {"occurred_at": at})

    def _document_id(self, kind: str, number: str) -> UUID:
        return uuid5(self.order_id, f"{kind}/{number}")

    def _money(self, amount: int) -> str:
        return to_text(amount, self.order.currency)

    def _tags(self, present: Present) -> Iterator[Command]:
        new = [tag for tag in self.order.tags if tag not in present.tags]
        if present.there and new:
            step = f"tag-{uuid5(self.order_id, '/'.join(new)).hex[:12]}"
            yield Command(f"orders/{self.order_id}/tag", f"{self._prefix}-{step}", {"add": new})

    def _comments(self, present: Present) -> Iterator[Command]:
        for n, comment in enumerate(self.order.comments, start=1):
            if comment.text not in present.comments:
                body = {"text": comment.text[:COMMENTS_MAX], "visible": comment.visible, "notify": False}
                yield self._of_order("comment", body, comment.at, f"comment-{n}")

    def _released(self, present: Present) -> Iterator[Command]:
        """Only a hold that came from the source ends with it; one of a person here stays."""
        if present.held_for in {self._hold_reason, MOVED_IN} and not self.order.held_at:
            reason = f"{self.order.source}: {self.order.status_said}"
            yield self._of_order("release", {"reason": reason}, self._latest(), f"release-{self.order.status_said}")

    @property
    def _hold_reason(self) -> str:
        return f"{self.order.source}: on hold"

    def _latest(self) -> str:
        order = self.order
        moments = [order.purchased_at]
        moments += [payment.at for payment in order.payments]
        moments += [shipment.at for shipment in order.shipments]
        moments += [refund.at for refund in order.refunds]
        return max(moments)

    def _authorized(self, present: Present) -> Iterator[Command]:
        authorized = self.order.authorized
        if authorized and not present.authorized:
            body = self._received(authorized, authorized.amount)
            yield self._of_order("authorize-payment", body, authorized.at, "authorized")
        if authorized and self.order.voided and not present.voided:
            body = {"provider_reference": authorized.reference}
            yield self._of_order("void-payment", body, self.order.canceled_at or authorized.at, "voided")
        if self.order.failed_at and not present.failed:
            yield self._of_order("fail-payment", {}, self.order.failed_at, "failed")

    def _payments(self, present: Present, *, over: bool) -> Iterator[Command]:
        """What was paid and is not here. What is ``over``, beyond the total, is taken last of all that happened.

        It puts the payment under review as long as something is to be sent, and nothing is sent under a review.
        """
        total, reached = self.order.figures.grand_total, 0
        for payment in self.order.payments:
            start, reached = reached, reached + payment.amount
            begin = max(start, present.paid, total if over else 0)
            end = reached if over else min(reached, total)
            if end > begin:
                body = self._received(payment, end - begin, again=begin > start)
                yield self._of_order("capture-payment", body, payment.at, f"paid-{self._money(end)}")

    def _received(self, payment: Payment, amount: int, *, again: bool = False) -> Json:
        """The rest of a payment that is here in part, ``again``, has a reference of its own."""
        reference = f"{payment.reference}+{self._money(amount)}" if again else payment.reference
        body: Json = {"amount": self._money(amount), "provider_reference": reference}
        if payment.method:
            body |= {"method": payment.method, "kind": payment.kind}
        if payment.remitted:
            body["remitted"] = self._money(payment.remitted)
        return body

    def _invoices(self, present: Present, known: dict[str, Open]) -> Iterator[Command]:
        for invoice in self.order.invoices:
            lines, number = self._lines_of(invoice, present), invoice.number
            if not lines or (number in known and not invoice.assumed):
                continue
            number = f"{number}-{len(known) + 1}" if number in known else number
            invoice_id = str(self._document_id("invoice", number))
            known[number] = Open(invoice_id)
            body: Json = {"lines": lines, "invoice_id": invoice_id, "external": {"number": number}}
            if invoice.open and self.order.method in MAY_STAY_OPEN:
                body["capture"] = "none"  # else the gateway would be asked for what it never heard of
            yield self._of_order("invoices", body, invoice.at, f"invoice-{quote(number)}")

    def _lines_of(self, invoice: Invoice, present: Present) -> str | list[Json]:
        """What the invoice is of: as it stands, or what an assumed one must have more than is invoiced here."""
        if not present.there or not invoice.assumed:
            return "all_remaining" if invoice.lines is None else _quantities(invoice.lines)
        left: dict[str, int] = {}
        for line in self.order.lines:
            here = present.of(line.line_id)
            wanted = line.quantity - line.canceled if invoice.lines is None else invoice.lines.get(line.line_id, 0)
            if wanted > here.invoiced:
                left[line.line_id] = wanted - here.invoiced
        has_all = present.lines.keys() <= {line.line_id for line in self.order.lines}
        return "all_remaining" if left and invoice.lines is None and has_all else _quantities(left)

    def _shipments(self, present: Present) -> Iterator[Command]:
        """Each shipment that is not here by its number, as far as its units have not left here already."""
        here = Counter({line.line_id: present.of(line.line_id).shipped for line in self.order.lines})
        for shipment in self.order.shipments:
            known = Counter({line: min(units, here[line]) for line, units in shipment.lines.items()})
            here -= known
            left = {line: units - known[line] for line, units in shipment.lines.items() if units > known[line]}
            if left:
                yield from self._shipment(shipment, left, len(present.shipments))

    def _shipment(self, shipment: Shipment, lines: dict[str, int], before: int) -> Iterator[Command]:
        """In one package of everything: no export says what parcels weighed, and only that needs no weight."""
        whole = lines == shipment.lines
        number = shipment.number if whole else f"{shipment.number}-{before + 1}"
        shipment_id = self._document_id("shipment", number)
        carriers = [(CARRIERS.get(name.lower(), OTHER_CARRIER), tracking) for name, tracking in shipment.tracking]
        body: Json = {
            "shipment_id": str(shipment_id),
            "lines": _quantities(lines),
            "carrier": carriers[0][0] if carriers else OTHER_CARRIER,
            "external": {"number": number},
        }
        yield self._of_order("shipments", body, shipment.at, f"shipment-{quote(number)}")
        for n, (carrier, tracking) in enumerate(carriers, start=1):
            more = {"carrier": carrier, "tracking_number": tracking, "occurred_at": shipment.at}
            key = f"{self._prefix}-shipment-{quote(number)}-tracking-{n}"
            yield Command(f"shipments/{shipment_id}/add-tracking", key, more)

    def _refunds(self, present: Present) -> Iterator[Command]:
        reached, invoices = 0, present.invoices
        waiting = bool(self.order.invoices) and not invoices  # they were refused: what is on none yet is still theirs
        for refund in self.order.refunds:
            before, reached = max(reached, present.refunded), reached + refund.amount
            if reached <= before:
                continue
            whole = reached - before == refund.amount
            step = f"refund-{quote(refund.name)}" if whole and refund.name else f"refunded-{self._money(reached)}"
            if whole and refund.document and invoices:
                yield self._memo(refund, invoices, step)
                continue
            over = self._overpaid(present) - before
            for part, invoice in _parts(refund, reached - before, invoices, over, waiting=waiting):
                before += part
                name = step if before == reached else f"refunded-{self._money(before)}"
                if invoice is None:
                    body = {"amount": self._money(part), "mode": "offline"} | _reason(refund)
                    yield self._of_order("refund-payment", body, refund.at, name)
                else:
                    yield self._credit(refund, {"amount": self._money(part)}, invoice, name)

    def _overpaid(self, present: Present) -> int:
        """Beyond the total; an export may tell less of it once it went back than an earlier one did."""
        return max(self.order.figures.paid, present.paid) - self.order.figures.grand_total

    def _memo(self, refund: Refund, invoices: dict[str, Open], step: str) -> Command:
        lines = [{"line_id": line, "quantity": units, "disposition": how} for line, units, how in refund.lines]
        amounts = {
            "shipping": refund.shipping,
            "adjustment_refund": refund.adjustment_refund,
            "adjustment_fee": refund.adjustment_fee,
        }
        invoice = invoices.get(refund.invoice or "") or next(iter(invoices.values()))
        body = {"lines": lines} | {name: self._money(amount) for name, amount in amounts.items() if amount}
        return self._credit(refund, body, invoice, step)

    def _credit(self, refund: Refund, body: Json, invoice: Open, step: str) -> Command:
        number = refund.number or f"{self.order.number}-{step}"
        said = {"mode": "offline", "external": {"number": number[:64]}, "occurred_at": refund.at}
        return Command(f"invoices/{invoice.invoice_id}/refund", f"{self._prefix}-{step}", body | said | _reason(refund))

    def _canceled(self, present: Present) -> Iterator[Command]:
        reason = f"{self.order.source}: {self.order.status_said or 'canceled'}"
        if self.order.canceled_at:
            if not present.canceled and (not present.lines or any(line.left > 0 for line in present.lines.values())):
                yield self._of_order("cancel", {"reason": reason}, self.order.canceled_at, "cancel")
            return
        wanted = {line.line_id: line.canceled - present.of(line.line_id).canceled for line in self.order.lines}
        gone = {name: present.of(name).left for name in self.order.gone}
        units = {name: count for name, count in (wanted | gone).items() if count > 0}
        if units:
            step = f"cancel-{sum(line.canceled for line in self.order.lines)}{'-'.join(['', *gone])}"
            body = {"lines": _quantities(units), "reason": reason}
            yield self._of_order("cancel", body, self._latest(), step)

    def _held(self, present: Present) -> Iterator[Command]:
        if self.order.held_at and not present.ever_held:
            yield self._of_order("hold", {"reason": self._hold_reason}, self.order.held_at, "hold")


def _parts(
    refund: Refund, amount: int, invoices: dict[str, Open], over: int, *, waiting: bool
) -> Iterator[tuple[int, Open | None]]:
    """A sum by the invoice that it names, else from each as much as was paid on it; what is left was on none.

    What was paid ``over`` the total goes back first: nobody was invoiced for it. Where the invoices are ``waiting``
    nothing else does: they would ask for it anew.
    """
    if over > 0 and refund.invoice not in invoices:
        yield min(amount, over), None
        amount -= min(amount, over)
    for invoice in [invoices[refund.invoice]] if refund.invoice in invoices else invoices.values():
        part = amount if invoice.refundable is None else min(amount, invoice.refundable)
        amount -= part
        if part:
            yield part, invoice
    if amount and not waiting:
        yield amount, None


def _quantities(lines: dict[str, int]) -> list[Json]:
    return [{"line_id": line, "quantity": units} for line, units in lines.items()]


def _reason(refund: Refund) -> Json:
    return {"reason": refund.reason[:1000]} if refund.reason else {}
