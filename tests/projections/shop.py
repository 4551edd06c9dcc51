"""A shop for tests of read models: commands through the real desk into a real log, read models that follow it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection

from access.holders import Holders
from adapters.carriers.kept_labels import KeptLabels
from adapters.closed_periods import ClosedPeriods
from adapters.documents import Fonts
from adapters.documents.printer import DocumentPrinter, proofreader, stationery_keeper
from adapters.merchant import config as merchant_config
from adapters.merchant.config import MerchantConfig
from application.command import Actor, Cause, Command, Merchant
from application.commands.customers import EraseCustomer
from application.desk import Desk, Surroundings
from application.order_log import OrderLog
from application.unit_of_work import EVENT_CLASSES
from daybook.forgetting import BesideTheLog
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.erasing import Eraser
from eventstore.keeping import Snapshots, Vault, keeping_pool
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader, log_pool
from projections.catalogue import READ_MODELS, read_model
from projections.documents.issued import IssuedDocuments
from projections.documents.queries import DocumentQueries
from projections.engine import slices
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.follower import Follower
from projections.orders.queries import OrderQueries, read_pool
from tests.support.orders import order_body, value_of
from tests.support.postgres import Database

KEYRING = Keyring(bytes(range(32)))
CODEC = Codec(EVENT_CLASSES)
# With the shipped fonts alone, so that it is the same on every machine.
MERCHANT = replace(
    merchant_config.load(), documents=replace(merchant_config.load().documents, fonts=Fonts(installed=False))
)
# Whom labels are bought from.
LABELLING = "custom"
LABELLED = frozenset({LABELLING})
START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Shop:
    """Takes commands as the HTTP edge does, and answers its queries."""

    database: Database
    desk: Desk
    queries: OrderQueries
    reader: LogReader
    documents: DocumentQueries
    log: OrderLog
    printer: DocumentPrinter
    commands: int = 0
    orders: list[UUID] = field(default_factory=list)

    def do(self, name: str, target: UUID | None = None, **body: Any) -> dict[str, Any]:
        """Execute a command; it happens a second after the one before."""
        self.commands += 1
        at = body.pop("occurred_at", START + timedelta(seconds=self.commands))
        reason = body.pop("reason", None)
        actor = body.pop("actor", Actor("integrator", "test"))
        return self.desk.execute(
            Command(
                name=name,
                target=target,
                body=value_of(name, body),
                cause=Cause(actor=actor, correlation_id=uuid4(), reason=reason),
                occurred_at=at,
            )
        )

    def place(self, *lines: dict[str, Any], **more: Any) -> UUID:
        """Place an order; returns its id."""
        self.orders.append(UUID(self.do("orders", **order_body(*lines, **more))["order_id"]))
        return self.orders[-1]

    def erase(self, customer_id: str) -> dict[str, Any]:
        """Erase a customer, whatever has to be kept."""
        cause = Cause(actor=Actor("admin", "test"), correlation_id=uuid4(), reason="asked for it")
        body = EraseCustomer(reason="asked for it", waive_retention=True)
        return self.desk.execute(
            Command(name="customers/erase", target=None, body=body, cause=cause, customer_id=customer_id)
        )

    def follow(self) -> None:
        """Let every read model take in everything."""
        for model in READ_MODELS:
            with following(self.database, model.name) as follower:
                catch_up(follower)

    def events(self) -> int:
        """The end of the log."""
        return self.reader.head()


@contextmanager
def open_shop(database: Database, merchant: MerchantConfig = MERCHANT) -> Iterator[Shop]:
    """A shop over a database, for as long as the block lasts."""
    committer = GroupCommitter(database.app_url)
    with (
        log_pool(database.app_url, max_size=2) as log,
        read_pool(database.app_url, max_size=4) as pool,
        keeping_pool(database.app_url) as keeping,
    ):
        reader, snapshots = LogReader(log), Snapshots(keeping)
        stationery = stationery_keeper(merchant.stationery, snapshots)
        orders = OrderLog(
            reader,
            committer,
            CODEC,
            KEYRING,
            proofread=proofreader(merchant.documents.fonts),
            stationery=stationery,
            prefixes={"outlet": "OUT-"},
            eraser=Eraser(database.app_url, BesideTheLog(keeping)),
        )
        surroundings = Surroundings(
            Merchant(base_currency="USD", carrier_accounts=LABELLED, carrier_manifests=LABELLED),
            lambda: datetime.now(UTC),
            uuid4,
            lambda: uuid4().hex,
            closed_before=ClosedPeriods(keeping).closed_before,
            holding=merchant.holding,
            same_person=Holders(keeping).same_person,
        )
        desk = Desk(orders, surroundings)
        queries = OrderQueries(pool, reader, CODEC, KEYRING)
        documents = DocumentQueries(pool, reader, CODEC, KEYRING)
        issued, vault = IssuedDocuments(reader, CODEC, KEYRING), Vault(keeping, reader, KEYRING)
        printer = DocumentPrinter(
            documents,
            merchant.stationery,
            merchant.documents.fonts,
            issued=issued,
            snapshots=snapshots,
            vault=vault,
            carrier_labels=KeptLabels(vault, reader),
            public_url="https://shop.example",
        )
        yield Shop(database, desk, queries, reader, documents, orders, printer)
    committer.close()


@contextmanager
def following(database: Database, name: str, **options: Any) -> Iterator[Follower]:
    """A worker of one projection."""
    model = read_model(name)
    with connect(database.projector_url) as connection:
        slices.create(connection, name)
        yield Follower(connection, model, Decoder.of(model, CODEC, KEYRING), **options)


def catch_up(follower: Follower, share: int = slices.SLICES) -> int:
    """Take batches until nothing is left; returns the number of events."""
    events = 0
    while True:
        step = follower.step(share)
        events += step.events
        if not step.more:
            return events


def table(database: Database, name: str) -> dict[str, tuple[Any, ...]]:
    """All rows of a table of schema ``read`` as text, by the first column."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        rows = connection.execute(f"SELECT * FROM read.{name}".encode()).fetchall()
    return {str(row[0]): row for row in rows}


def start_again(database: Database, name: str) -> None:
    """Empty a read model and let it start at the beginning of the log."""
    with psycopg.connect(database.projector_url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE read.{name}".encode())
        connection.execute("DELETE FROM read.positions WHERE projection = %s", [name])
        connection.execute("DELETE FROM read.parked WHERE projection = %s", [name])


def scalar(connection: Connection[Any], statement: str, *parameters: Any) -> Any:
    """The first column of the first row."""
    row = connection.execute(statement.encode(), parameters).fetchone()
    return None if row is None else row[0]
