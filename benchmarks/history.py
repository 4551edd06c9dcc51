"""The state of one order of a hundred events, from our log and from the library's repository.

The same facts on both sides: an order of ten lines, then invoices and shipments of its parts, payments and comments.
The library has them as events of one aggregate with the same fields, stored by its own recorder, transcoded and
encrypted by its own means; its aggregate only takes the facts over, ours is ready to decide. Both read one order after
the other over one connection, with nothing cached but what each keeps by default; ours keeps the order's opened key.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from adapters.identifiers import new_id, new_token
from application.catalogue import COMMANDS
from application.command import Actor, Cause, Command, Merchant
from application.desk import Desk, Surroundings
from application.order_log import OrderLog
from benchmarks.harness import MASTER_KEY, Bench, Database, Row, medians
from benchmarks.order_requests import LINES, order_body
from benchmarks.seeding import codec
from domain.order import Order
from eventstore.committer import GroupCommitter
from eventstore.reader import LogReader, log_pool

EVENTS = 100
READS = 300
QUICK_READS = 10
_CIPHER = {"CIPHER_TOPIC": "eventsourcing.cryptography:AESCipher", "CIPHER_KEY": b64encode(MASTER_KEY).decode()}


class LibraryOrder(Aggregate):
    """The library's aggregate, which takes over what happened."""

    @event("Placed")
    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = {"placed": facts}

    @event("Happened")
    def happen(self, name: str, facts: dict[str, Any]) -> None:
        self.facts[name] = facts


class Plain(Application[UUID]):
    """The library's application as it comes."""


class Sealed(Application[UUID]):
    """The same with its cipher."""

    env = _CIPHER


def run(bench: Bench) -> list[Row]:
    with bench.database("history") as database, our_log(bench, database) as log:
        order_id = _make_history(log)
        with ExitStack() as stack:
            contenders: dict[str, Callable[[], object]] = {"ours": partial(log.load_root, Order, order_id)}
            facts = [(type(each).__name__, msgspec.to_builtins(each)) for each in _events(log, order_id)]
            for kind in (Sealed, Plain):
                library = stack.enter_context(_library(kind, database))
                contenders[kind.__name__.lower()] = partial(library.repository.get, _copy_history(library, facts))
            found = _measured(bench, contenders)
    bench.details["history"] = {f"{name}, ms": value for name, value in found.items()} | {"events": len(facts)}
    note = f"{len(facts)} events, both decrypting; without its cipher the library takes {found['plain']:.2f} ms"
    return [
        Row(
            "history", f"state of one order of {len(facts)} events", "the library's repository", "ms",
            found["ours"], found["sealed"], 0.3, 0.2, at_most=True, note=note,
        )
    ]  # fmt: skip


def _measured(bench: Bench, contenders: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Milliseconds of one reading: the median of rounds, each the median of many."""
    reads = bench.pick(READS, QUICK_READS)

    def read(load: Callable[[], object]) -> float:
        taken = []
        for _ in range(reads):
            began = time.perf_counter()
            load()
            taken.append(time.perf_counter() - began)
        return sorted(taken)[reads // 2] * 1000

    rounds = {name: partial(read, load) for name, load in contenders.items()}
    bench.interleave(rounds, 1)
    return medians(bench.interleave(rounds))


@contextmanager
def our_log(bench: Bench, database: Database) -> Iterator[OrderLog]:
    """Orders in our log, as the desk has them."""
    committer = GroupCommitter(database.app_url)
    with log_pool(database.app_url, max_size=1) as pool:
        yield OrderLog(LogReader(pool), committer, codec(), bench.keyring())
    committer.close()


@contextmanager
def _library(kind: type[Application[UUID]], database: Database) -> Iterator[Application[UUID]]:
    parts = conninfo_to_dict(database.owner_url)
    names = {"POSTGRES_DBNAME": "dbname", "POSTGRES_HOST": "host", "POSTGRES_USER": "user"}
    environment = {name: str(parts[part]) for name, part in names.items()}
    environment |= {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_PORT": str(parts.get("port", 5432)),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "POSTGRES_POOL_SIZE": "1",
    }
    with kind(environment) as library:
        yield library


def _events(log: OrderLog, order_id: UUID) -> list[Any]:
    return list(log.load_root(Order, order_id).work.events)


def _copy_history(library: Application[UUID], facts: list[tuple[str, dict[str, Any]]]) -> UUID:
    copy = LibraryOrder(facts[0][1])
    for number, (name, happened) in enumerate(facts[1:]):
        copy.happen(f"{name} {number}", happened)
    library.save(copy)
    found: UUID = copy.id
    return found


def _make_history(log: OrderLog) -> UUID:
    """Bring an order to a hundred events through the real desk."""
    desk = Desk(log, Surroundings(Merchant(), lambda: datetime.now(UTC), new_id, new_token))

    def do(name: str, target: UUID | None, body: dict[str, Any]) -> dict[str, Any]:
        actor = Actor("integrator", "benchmark")
        cause = Cause(actor=actor, correlation_id=new_id())
        asked = msgspec.json.decode(msgspec.json.encode(body), type=COMMANDS[name].value)
        return desk.execute(Command(name=name, target=target, body=asked, cause=cause))

    order = order_body(0) | {"payment": {"method": "cash_on_delivery"}}
    order_id = UUID(do("orders", None, order)["order_id"])
    for line in LINES:
        units = [{"line_id": line.line_id, "quantity": line.quantity}]
        package = {"weight_grams": 400, "contents": units, "tracking_number": f"1Z{line.line_id}"}
        do("orders/capture-payment", order_id, {"amount": Decimal("1.00"), "provider_reference": f"t-{line.line_id}"})
        do("orders/invoices", order_id, {"lines": units})
        do("orders/shipments", order_id, {"lines": units, "carrier": "ups", "packages": [package]})
    while len(_events(log, order_id)) < EVENTS:
        do("orders/comment", order_id, {"text": "The customer asked when the rest will come."})
    return order_id
