"""Real orders by the million, through the event store's own COPY: the log that rebuilds and the grid are measured on.

Every order has its full payload, its personal data sealed under a key of its own, metadata and an idempotency key,
as if it had come over HTTP. Most were just placed; some were paid or put on hold, so that statuses differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from random import Random
from uuid import UUID

import msgspec
import psycopg

from application.unit_of_work import EVENT_CLASSES
from benchmarks.harness import MASTER_KEY, Bench, Database
from domain.events import Event
from domain.order_events import OrderHeld, OrderPlaced
from domain.order_values import OrderLine, ShippingCharge
from domain.payment_events import PaymentCaptured
from eventstore.bulk import load
from eventstore.codec import Codec
from eventstore.personal_data import Cipher, Keyring
from eventstore.records import Append, IdempotencyKey, Metadata, NewEvent

ORDERS = 1_000_000
QUICK_ORDERS = 2_000
CHUNK = 2_000
SHIPPING_WITH_TAX = 615
FIRST_PURCHASE = datetime(2024, 1, 1, tzinfo=UTC)
SECONDS_BETWEEN = 60
FIRST_MILLISECOND = int(FIRST_PURCHASE.timestamp()) * 1000

_GIVEN = (
    "Ana", "Rui", "Inês", "João", "Maria", "Tomás", "Clara", "Hugo", "Eva", "Nuno", "Sofia", "Paulo", "Rita", "Jorge",
    "Lena", "Max", "Élodie", "Zoë", "Olga", "Iván",
)  # fmt: skip
_FAMILY = (
    "Silva", "Santos", "Ferreira", "Pereira", "Oliveira", "Costa", "Rodrigues", "Martins", "Jesus", "Sousa", "Gomes",
)  # fmt: skip
_CITIES = ("Porto", "Lisboa", "Braga", "Coimbra", "Faro", "Évora", "Aveiro", "Viseu", "Leiria", "Setúbal")
_STORES = ("main", "outlet", "b2b")
_METHODS = ("bank_transfer", "bank_transfer", "bank_transfer", "check_money_order", "hosted_checkout")
_GOODS = [
    OrderLine(
        line_id=str(number % 3 + 1), sku=f"MUG-{number:04}", name=f"Mug number {number}, with a handle",
        quantity=number % 4 + 1, unit_price=999 + number, tax_rate="0.23", subtotal=(999 + number) * (number % 4 + 1),
        tax=round((999 + number) * (number % 4 + 1) * 0.23), weight_grams=400,
    )
    for number in range(300)
]  # fmt: skip


def codec() -> Codec:
    """The codec of the whole program."""
    return Codec(EVENT_CLASSES)


class Orders:
    """Invented orders of one to three lines, the same ones for the same seed."""

    def __init__(self, codec: Codec, keyring: Keyring, seed: int = 1) -> None:
        self._codec = codec
        self._keyring = keyring
        self._random = Random(seed)

    def append(self, number: int) -> Append:
        """Everything recorded of the order with that number."""
        order_id = self.order_id(number)
        name = f"{self._one_of(_GIVEN)} {self._one_of(_FAMILY)}"
        key, cipher = self._keyring.new_data_key(order_id, f"c-{number // 3}")
        events = self._events(order_id, number, name)
        rows = [self._row(event, cipher) for event in events]
        command_id = self._id(number)
        metadata = Metadata(command_id, command_id, None, "integrator", "checkout")
        idempotency = IdempotencyKey("checkout", str(order_id), self._keyring.request_hash(rows[0].payload))
        return Append(rows, metadata, idempotency, (), (), (key,))

    def _events(self, order_id: UUID, number: int, name: str) -> list[Event]:
        at = FIRST_PURCHASE + timedelta(seconds=SECONDS_BETWEEN * number)
        placed = self._placed(order_id, number, name, at)
        if number % 5 == 1:
            due = sum([line.subtotal + line.tax for line in placed.lines]) + SHIPPING_WITH_TAX
            paid = PaymentCaptured(
                originator_id=order_id, originator_version=2, occurred_at=at + timedelta(hours=1),
                amount=due, currency="EUR", provider_reference=f"transfer-{number}",
            )  # fmt: skip
            return [placed, paid]
        if number % 20 == 2:
            return [placed, OrderHeld(originator_id=order_id, originator_version=2, occurred_at=at)]
        return [placed]

    def _placed(self, order_id: UUID, number: int, name: str, at: datetime) -> OrderPlaced:
        address = {
            "name": name, "street": [f"Rua Nova {number % 200}", "2 dto"], "city": self._one_of(_CITIES),
            "postcode": f"{4000 + number % 900}-001", "country": "PT",
        }  # fmt: skip
        email = f"{name.split(maxsplit=1)[0].lower()}.{number // 3}@example.com"
        return OrderPlaced(
            originator_id=order_id, originator_version=1, occurred_at=at, store=_STORES[number % 3], currency="EUR",
            base_rate="1", payment_method=_METHODS[number % len(_METHODS)],
            lines=self._lines(number),
            shipping=ShippingCharge(method="flat_rate", description="Flat rate", amount=500, tax_rate="0.23", tax=115),
            customer={"id": f"c-{number // 3}", "email": email, "name": name}, customer_group="general",
            billing_address=address, shipping_address=address, tracking_token=order_id.hex,
        )  # fmt: skip

    def order_id(self, number: int) -> UUID:
        """The id of the order with that number."""
        return self._id(number)

    def _lines(self, number: int) -> tuple[OrderLine, ...]:
        first = self._random.randrange(99) * 3
        return tuple(_GOODS[first : first + number % 3 + 1])

    def _row(self, event: Event, cipher: Cipher) -> NewEvent:
        payload, sealed = self._codec.encode(event, cipher)
        return NewEvent(
            event.originator_id, event.originator_version, event.originator_id, event.originator_id, "order",
            event.TOPIC, event.SCHEMA_VERSION, payload, sealed, event.SERIES, event.occurred_at,
        )  # fmt: skip

    def _one_of(self, names: tuple[str, ...]) -> str:
        return names[int(self._random.random() * len(names))]

    def _id(self, number: int) -> UUID:
        """A UUID version 7: ids made one after the other lie together in an index."""
        milliseconds = FIRST_MILLISECOND + number * 40
        drawn = self._random.getrandbits(74)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | (drawn >> 62) << 64 | 0b10 << 62 | drawn & (1 << 62) - 1)


def seed(bench: Bench, database: Database, orders: int, kind: type[Orders] = Orders) -> int:
    """Load so many orders into an empty log; returns the number of events."""
    bench.say(f"seeding {orders:,} orders by COPY")
    _, events = load(database.owner_url, beside(partial(_appends, orders, kind)))
    vacuum(database)
    bench.say(f"seeded {events:,} events")
    return events


def bench_log(bench: Bench) -> Database:
    """The log of a million orders (and a quarter more events), seeded once per run."""

    def make() -> Database:
        database = bench.new_database("million")
        seed(bench, database, bench.pick(ORDERS, QUICK_ORDERS))
        return database

    return bench.once("million", make)


def vacuum(database: Database) -> None:
    """What autovacuum would have done by the time anybody reads so much."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) log.events, log.data_keys, log.idempotency_keys, log.claims")


def beside(make: Callable[[], Iterable[Append]]) -> Iterator[Append]:
    """The appends, made in a process beside the one that loads them; `make` can be pickled."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    maker = context.Process(target=_make, args=(theirs, make), daemon=True)
    maker.start()
    theirs.close()
    while chunk := _read_chunk(ours.recv_bytes()):
        yield from chunk
    maker.join()


def _make(pipe: Pipe, make: Callable[[], Iterable[Append]]) -> None:
    made = iter(make())
    while chunk := list(islice(made, CHUNK)):
        pipe.send_bytes(msgspec.msgpack.encode(chunk))
    pipe.send_bytes(msgspec.msgpack.encode([]))


def _appends(orders: int, kind: type[Orders]) -> Iterator[Append]:
    """So many orders as they would have been appended."""
    return map(kind(codec(), Keyring(MASTER_KEY)).append, range(orders))


_read_chunk = msgspec.msgpack.Decoder(list[Append]).decode
