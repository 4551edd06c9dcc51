"""Orders: the aggregate that every quantity and every amount of an order belongs to.

Here are the verbs over the order as a whole; what is paid, invoiced, shipped and canceled has modules of its own
(``payments``, ``invoicing``, ``shipping``, ``canceling``). A verb decides and triggers, ``order_evolution`` applies.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain import order_events as e
from domain import payment_events as p
from domain.aggregate import Aggregate
from domain.basket import Basket
from domain.conditions import Condition, billing_locked, shipping_locked
from domain.discounts import SHIPPING
from domain.erasure import PersonalDataErased
from domain.events import Event
from domain.lifecycle import require
from domain.order_evolution import apply
from domain.order_state import LineState, OrderState, reference_key
from domain.order_values import Charge, Discount, OrderLine, ShippingCharge
from domain.refusals import Refusal, invalid
from domain.requests import Address
from domain.status import Status, status
from domain.values import Units

TAGS_MAX = 50


class AlreadyReported(Exception):
    """A provider or carrier repeats itself: ``version`` of the stream is where it was recorded.

    ``another`` says what makes a report a new one.
    """

    def __init__(self, stream_id: UUID, version: int, another: str) -> None:
        super().__init__(f"already recorded as version {version} of {stream_id}")
        self.stream_id = stream_id
        self.version = version
        self.another = another


class Order(Aggregate):
    """Decides about one order."""

    NAME = "order"

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state = OrderState()
        self.basket = Basket()

    def evolve(self, event: Event) -> None:
        """Apply ``event`` to the state."""
        apply(self.state, event)
        if isinstance(event, e.OrderPlaced):
            self.basket = Basket.of(event)
            self.own_number = event.order_number
        elif isinstance(event, e.OrderAmended):
            self.basket = self.basket.amended(event)

    def erase_personal_data(self, at: datetime) -> None:
        """Say that what was personal in it can be read no more; whether that may be decides ``domain.customer``."""
        self.trigger(PersonalDataErased(occurred_at=at))

    @property
    def status(self) -> Status:
        """The status now."""
        return status(self.state)

    def refuse_repeat(self, kind: str, reference: str | None, amount: int, currency: str) -> None:
        """Raise ``AlreadyReported`` for a reference that was seen; refuse one with other figures."""
        if reference is None:
            return
        known = self.state.references.get(reference_key(kind, reference))
        if known is None:
            return
        if known[:2] != (amount, currency):
            raise invalid(
                "provider_reference_reused",
                f"{reference} was recorded before with another amount. Another payment needs a reference of its own.",
                "/provider_reference",
            )
        raise AlreadyReported(self.id, known[2], "Another payment needs a provider_reference of its own.")

    def amend(
        self,
        lines: tuple[OrderLine, ...] | None,
        shipping: ShippingCharge | None,
        note: str | None,
        at: datetime,
        *,
        charges: tuple[Charge, ...] | None = None,
        discounts: tuple[Discount, ...] = (),
        line_attributes: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Replace what is given; id and number stay, the revision goes up by one.

        ``lines`` say what the order consists of from now on; without them counters and cancellations stay. Discounts go
        with the lines, or the delivery, that they were given on. An open authorization survives when it covers the new
        total and is voided otherwise.
        """
        require(self.state, "amend", at)
        before, basket = self.state.grand_total, self.basket
        kept = tuple(each for each in basket.discounts if (shipping if each.target == SHIPPING else lines) is None)
        self.trigger(
            e.OrderAmended(
                occurred_at=at,
                revision=self.state.revision + 1,
                lines=basket.lines if lines is None else lines,
                lines_stay=lines is None,
                shipping=basket.shipping if shipping is None else shipping,
                note=note,
                charges=charges,
                discounts=None if (*kept, *discounts) == basket.discounts else (*kept, *discounts),
                line_attributes={name: dict(texts) for name, texts in (line_attributes or {}).items()} or None,
            )
        )
        if self.state.grand_total != before and 0 < self.state.authorized < self.state.due:
            self.void_authorizations(at)

    def change_address(self, billing: Address | None, shipping: Address | None, at: datetime) -> None:
        """Replace the billing and the shipping address that are given."""
        given = {"billing_address": billing, "shipping_address": shipping}
        kinds = tuple(name for name, address in given.items() if address is not None)
        if not kinds:
            raise invalid("nothing_to_change", "Name a billing_address or a shipping_address.")
        require(self.state, "change-address", at)
        if billing is not None and billing_locked(self.state):
            detail = f"The order is {self.status}: its billing address stays as it is."
            raise Refusal("address_locked", detail, pointer="/billing_address")
        if shipping is not None and shipping_locked(self.state):
            detail = "A shipment is booked to the shipping address: cancel it first."
            raise Refusal("address_locked", detail, pointer="/shipping_address")
        self.trigger(
            e.AddressChanged(
                occurred_at=at,
                kinds=kinds,
                billing_address=None if billing is None else billing.stored(),
                shipping_address=None if shipping is None else shipping.stored(),
            )
        )

    def comment(self, text: str, visible: bool, notify: bool, at: datetime) -> None:
        """Keep a comment."""
        self.trigger(e.OrderCommented(occurred_at=at, text=text, visible=visible, notify=notify))

    def tag(self, add: Sequence[str], remove: Sequence[str], at: datetime) -> None:
        """Put tags on the order and take others off; refuses what changes nothing."""
        tags = self.state.tags
        added = tuple(dict.fromkeys(tag for tag in add if tag not in tags))
        removed = tuple(dict.fromkeys(tag for tag in remove if tag in tags and tag not in add))
        if not added and not removed:
            raise invalid("nothing_to_change", "The order has these tags, and none of those to be taken off.")
        if len(tags) - len(removed) + len(added) > TAGS_MAX:
            raise invalid("too_many_tags", f"An order has at most {TAGS_MAX} tags.", "/add")
        self.trigger(e.OrderTagged(occurred_at=at, added=added, removed=removed))

    def hold(self, at: datetime) -> None:
        """Stop work on the order."""
        require(self.state, "hold", at)
        self.trigger(e.OrderHeld(occurred_at=at))

    def release(self, at: datetime) -> None:
        """End the hold."""
        require(self.state, "release", at)
        self.trigger(e.OrderReleased(occurred_at=at))

    def void_authorizations(self, at: datetime) -> None:
        """Give up every open authorization."""
        self.trigger(p.PaymentVoided(occurred_at=at, amount=self.state.authorized))

    def quantities(
        self,
        lines: str | Sequence[Units],
        available: Callable[[LineState], int],
        reasons: tuple[Condition, str],
    ) -> dict[str, int]:
        """What a request asks for as line id to quantity, none more than ``available`` says.

        ``reasons`` are those of the refusals: nothing is available at all, or less than asked for (its code).
        """
        nothing, exceeds = reasons
        everything = {name: available(line) for name, line in self.state.lines.items()}
        if isinstance(lines, str):
            wanted = {name: quantity for name, quantity in everything.items() if quantity}
        else:
            wanted = self._named(lines)
        if not any(everything.values()):
            raise nothing.refusal(self.state)
        for index, (name, quantity) in enumerate(wanted.items()):
            if quantity > everything[name]:
                detail = f"Only {everything[name]} units of line {name} are left for this, not {quantity}."
                raise Refusal(exceeds, detail, pointer=f"/lines/{index}/quantity")
        return wanted

    def _named(self, lines: Sequence[Units]) -> dict[str, int]:
        wanted: dict[str, int] = {}
        for index, line in enumerate(lines):
            name = line.line_id
            if name not in self.state.lines:
                raise invalid("item_not_in_order", f"The order has no line {name}.", f"/lines/{index}/line_id")
            wanted[name] = wanted.get(name, 0) + line.quantity
        return wanted
