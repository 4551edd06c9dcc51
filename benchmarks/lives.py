"""Orders with their whole lives: placed, paid, invoiced, shipped, scanned, interleaved as in a day's trade.

A few dozen lives are decided by the real handlers; every order of the log is one of them under ids, names and
addresses of its own, encoded and sealed by the real codec. They end in the proportions in which the real orders of the
public data set end (benchmarks/olist.py), with as many lines as those: about eight events an order. ``young`` orders
have come half as far: about four. Nothing here decides anything by itself.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from application.catalogue import COMMANDS
from application.command import Actor, Merchant
from application.command_context import CommandContext
from application.unit_of_work import EVENT_CLASSES, UnitOfWork
from domain.events import Event
from domain.order import Order
from domain.order_events import OrderPlaced
from domain.refusals import unknown
from domain.shipment import Shipment
from domain.shipment_events import ShipmentBooked
from eventstore.codec import Codec
from eventstore.personal_data import Cipher, Keyring
from eventstore.records import Append, Claim, Metadata, NewEvent

T = TypeVar("T")

LIVES = 200
START = datetime(2025, 1, 1, 8, tzinfo=UTC)
# The order of a life, before it is lived.
NOBODY = UUID(int=0)
# So many later orders are placed, at most, between two steps of one order.
OVERLAP = 2_000

_GIVEN = "Ana Rui Inês João Maria Tomás Clara Hugo Eva Nuno Zoë Jürgen Søren Łucja Κώστας Ελένη Иван Ольга Peter Linda"
_FAMILY = "Silva Müller O'Neill García Kowalski Novak Παππάς Петров Smith Jones Andersson Rossi Dubois Horvat Kaya Popa"
_STREETS = ("Rua Nova", "Hauptstraße", "Οδός Ερμού", "High Street", "Calle Mayor", "Невский проспект", "Rue de la Paix")
_CITIES = ("Porto", "Köln", "Αθήνα", "London", "Madrid", "Москва", "Paris", "Warszawa", "Wien", "Zürich")
_SYLLABLES = ("ba", "ko", "ri", "ne", "lu", "ma", "to", "se", "vi", "da", "po", "gu")

# How orders end, and how many of them do.
ENDS = {"delivered": 5172, "shipped": 1107, "canceled": 1234, "invoiced": 314, "processing": 303, "created": 5}
YOUNG = {"delivered": 1, "shipped": 1, "invoiced": 3, "processing": 3, "created": 2}
LINES = {1: 6661, 2: 531, 3: 94, 4: 74}


ACTOR = Actor("integrator", "benchmark")


class _NoLog:
    """Where there is no log there is nothing to look up."""

    def order_book(self, order_id: UUID) -> UnitOfWork:
        raise unknown("order", order_id)

    def require_orders(self, order_ids: Sequence[UUID], pointer: str) -> None:  # noqa: ARG002
        raise unknown("order", order_ids[0])

    def attach_shipments(self, shipment_ids: Sequence[UUID]) -> list[Shipment]:
        raise unknown("shipment", shipment_ids[0])

    def claims(self, kind: str, prefix: str, limit: int) -> list[Claim]:  # noqa: ARG002
        return []


class Life:
    """One order as the handlers decide it: a list of events per command."""

    def __init__(self, random: Random, number: int, end: str) -> None:
        self.commands: list[list[Event]] = []
        self._random = random
        self._ids = iter(range(1, 100))
        self._work = UnitOfWork(Order, NOBODY)
        self._now = START
        self._live(number, end)

    def _live(self, number: int, end: str) -> None:
        lines = [self._line(place) for place in range(1, drawn(self._random, LINES) + 1)]
        self._do("orders", **self._checkout(lines, "card_authorize" if number % 2 else "bank_transfer"))
        if end != "created":
            self._do(
                "orders/capture-payment",
                amount=Decimal(self._work.order.state.grand_total) / 100,
                provider_reference=f"payment-{number}",
            )
        if end == "canceled":
            self._do("orders/cancel")
        if end in {"invoiced", "shipped", "delivered"}:
            self._do("orders/invoices", lines="all_remaining", notify=True)
        if end in {"shipped", "delivered"}:
            self._ship(lines, end)

    def _ship(self, lines: list[dict[str, Any]], end: str) -> None:
        contents = [{"line_id": line["line_id"], "quantity": line["quantity"]} for line in lines]
        package = {"weight_grams": 900, "contents": contents, "tracking_number": "1Z999AA10123456784"}
        self._do("orders/shipments", lines=contents, carrier="ups", service="standard", packages=[package])
        shipment = next(e.originator_id for e in self.commands[-1] if isinstance(e, ShipmentBooked))
        for status in ("picked_up", "delivered")[: 1 + (end == "delivered")]:
            scan = {"carrier": "ups", "tracking_number": "1Z999AA10123456784", "status": status, "location": "Porto"}
            self._do("shipments/tracking-events", shipment, **scan)

    def _do(self, command: str, target: UUID = NOBODY, **body: Any) -> None:
        self._now += timedelta(hours=1)
        context = CommandContext(target, ACTOR, self._now, self._now, Merchant(), self._new_id, lambda: "", _NoLog())
        row = COMMANDS[command]
        row.handle(self._work, msgspec.convert(body, row.value, builtin_types=[Decimal, UUID]), context)
        self.commands.append([event for _, event in self._work.collect_events()])

    def _new_id(self) -> UUID:
        return UUID(int=next(self._ids))

    def _line(self, place: int) -> dict[str, Any]:
        number = self._random.randrange(1000)
        return {
            "line_id": str(place), "sku": f"MUG-{number:04}", "name": f"Mug number {number}, with a handle",
            "quantity": self._random.randint(1, 4), "unit_price": Decimal(999 + number) / 100,
            "tax_rate": Decimal("0.23"), "weight_grams": 400,
        }  # fmt: skip

    def _checkout(self, lines: list[dict[str, Any]], method: str) -> dict[str, Any]:
        address = {"name": "?", "country": "PT"}
        return {
            "order_id": NOBODY, "store": self._random.choice(("main", "outlet")), "currency": "EUR",
            "customer": {"id": "?", "group": "general"}, "billing_address": address, "shipping_address": address,
            "shipping": {"method": "flat_rate", "description": "Flat rate", "amount": Decimal(5)},
            "base_rate": Decimal(1), "payment": {"method": method}, "lines": lines,
        }  # fmt: skip


class Trade:
    """Orders in the making: lives under names of their own. The same ones for the same seed."""

    def __init__(self, codec: Codec, keyring: Keyring, ends: dict[str, int], seed: int = 1) -> None:
        self._codec = codec
        self._keyring = keyring
        self._random = Random(seed)
        self._lives = [Life(self._random, number, drawn(self._random, ends)) for number in range(LIVES)]

    def order(self, number: int) -> list[Append]:
        """The appends of one order, one per command."""
        random = self._random
        order_id = self._id()
        ids = {NOBODY: order_id} | {UUID(int=small): self._id() for small in range(1, 100)}
        key, cipher = self._keyring.new_data_key(order_id, f"c-{number // 3}")
        life = random.choice(self._lives)
        shift = timedelta(seconds=30 * number)
        found = []
        for place, events in enumerate(life.commands):
            rows = [self._row(self._own(event, ids, shift, number), order_id, cipher) for event in events]
            command_id = self._id()
            metadata = Metadata(command_id, command_id, None, "integrator", "checkout")
            found.append(Append(rows, metadata, None, (), (), () if place else (key,)))
        return found

    def _own(self, event: Event, ids: dict[UUID, UUID], shift: timedelta, number: int) -> Event:
        """The event as one of this order."""
        changes: dict[str, Any] = {
            field.name: ids[value]
            for field in dataclasses.fields(event)
            if isinstance(value := getattr(event, field.name), UUID) and value in ids
        }
        changes["occurred_at"] = event.occurred_at + shift
        if isinstance(event, OrderPlaced):
            changes |= self._person(number) | {"tracking_token": ids[NOBODY].hex}
        return dataclasses.replace(event, **changes)

    def _person(self, number: int) -> dict[str, Any]:
        random = self._random
        given, family = random.choice(_GIVEN.split()), random.choice(_FAMILY.split())
        middle = "".join(random.choices(_SYLLABLES, k=3)).title()
        address = {
            "name": f"{given} {middle} {family}", "street": [f"{random.choice(_STREETS)} {number % 500}"],
            "city": random.choice(_CITIES), "postcode": f"{random.randint(1000, 9999)}-{random.randint(100, 999)}",
            "country": "PT", "phone": f"+351 {number:09}",
        }  # fmt: skip
        customer = {"id": f"c-{number // 3}", "email": f"{middle.lower()}.{number // 3}@example.com"}
        return {
            "customer": customer | {"name": address["name"]}, "billing_address": address, "shipping_address": address,
            "external_reference": f"cart-{number}",
        }  # fmt: skip

    def _row(self, event: Event, order_id: UUID, cipher: Cipher) -> NewEvent:
        payload, sealed = self._codec.encode(event, cipher)
        return NewEvent(
            event.originator_id, event.originator_version, order_id, order_id, event.TOPIC.partition(".")[0],
            event.TOPIC, event.SCHEMA_VERSION, payload, sealed, event.SERIES, event.occurred_at,
        )  # fmt: skip

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def drawn(random: Random, weights: dict[T, int]) -> T:
    """One of the keys, as often as its weight says."""
    return random.choices(list(weights), list(weights.values()))[0]


def trade(keyring: Keyring, events: int, *, young: bool = False, seed: int = 1) -> Iterator[Append]:
    """At least so many events in the order in which they happened: the steps of many orders interleaved."""
    made = Trade(Codec(EVENT_CLASSES), keyring, YOUNG if young else ENDS, seed)
    random = Random(seed)
    waiting: list[tuple[int, int, Append]] = []
    given = number = counter = 0
    while given < events:
        due = number
        for append in made.order(number):
            counter += 1
            heapq.heappush(waiting, (due, counter, append))
            due += random.randint(1, OVERLAP)
        number += 1
        while waiting and waiting[0][0] < number and given < events:
            append = heapq.heappop(waiting)[2]
            given += len(append.events)
            yield append
