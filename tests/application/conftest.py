"""A desk over a real log, with a simulated gateway and the processes behind it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from adapters.gateways.simulated import SimulatedGateway
from adapters.identifiers import new_id, new_token
from application.command import Actor, Cause, Command, Merchant
from application.desk import Desk, Surroundings
from application.gateway import Gateway
from application.holding import HoldingRules
from application.order_log import OrderLog
from application.processes.approvals import Approvals
from application.processes.attempts import Attempts
from application.processes.batches import Batches
from application.processes.expiry import Expiry
from application.processes.gateway_requests import GatewayRequests
from application.processes.process import Origin
from application.unit_of_work import EVENT_CLASSES
from domain.order import Order
from eventstore.aside import Aside, SetAside, retry, set_aside
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader, log_pool
from tests.support.orders import order_body, value_of
from tests.support.postgres import Database


@dataclass
class Office:
    """Everything that takes commands and does what follows; ``clock_runs_ahead`` is for deadlines."""

    log: OrderLog
    reader: LogReader
    gateway: SimulatedGateway
    app_url: str
    clock_runs_ahead: timedelta = timedelta()
    asides: list[Aside] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_runs_ahead

    def origin(self, name: str) -> Origin:
        return Origin(name, new_id, self.now)

    def requests(self, gateway: Gateway | None = None) -> GatewayRequests:
        return GatewayRequests(self.log, gateway or self.gateway, self.origin("gateway"), self.attempts("gateway"))

    def attempts(self, process: str) -> Attempts:
        self.asides.append(Aside(self.app_url, process))
        return Attempts(self.asides[-1])

    def set_aside(self) -> list[SetAside]:
        """What the processes could not do."""
        with psycopg.connect(self.app_url) as connection:
            return set_aside(connection)

    def retry(self, process: str) -> None:
        """Have everything that a process set aside tried again at once."""
        with psycopg.connect(self.app_url) as connection:
            retry(connection, process)

    def desk(
        self, settle: Callable[[UUID], None] | None = None, holding: HoldingRules | None = None, **merchant: Any
    ) -> Desk:
        outside = Surroundings(Merchant(**merchant), self.now, new_id, new_token, holding=holding)
        return Desk(self.log, outside, settle)

    def approvals(self, desk: Desk | None = None) -> Approvals:
        return Approvals(self.log, desk or self.desk(), self.origin("approving"), self.attempts("approving"))

    def batches(self) -> Batches:
        return Batches(self.log, self.desk(), self.origin("batches"), self.attempts("batches"))

    def expiry(self) -> Expiry:
        return Expiry(self.log, self.desk(), self.origin("expiry"), self.attempts("expiry"))

    def do(
        self, name: str, target: UUID | str | None = None, *, desk: Desk | None = None, **body: Any
    ) -> dict[str, Any]:
        """Execute a command; see ``command``."""
        return (desk or self.desk()).execute(self.command(name, target, **body))

    @staticmethod
    def command(name: str, target: UUID | str | None = None, **body: Any) -> Command:
        """A command for the desk; ``key`` is its idempotency key, ``expected_version`` what it is decided on."""
        key = body.pop("key", None)
        actor = body.pop("actor", Actor("integrator", "test"))
        version = body.pop("expected_version", None)
        return Command(
            name=name,
            target=UUID(str(target)) if target else None,
            body=value_of(name, body),
            cause=Cause(
                actor=actor,
                correlation_id=new_id(),
                idempotency_key=key,
                request=repr((name, target, sorted(body.items(), key=str))).encode(),
            ),
            expected_version=version,
        )

    def place(self, **more: Any) -> str:
        """Place an order; returns its id."""
        return str(self.do("orders", **order_body(**more))["order_id"])

    def order(self, order_id: str) -> Order:
        """An order as the log has it."""
        return self.log.load_root(Order, UUID(order_id)).work.order


@contextmanager
def open_office(app_url: str, ledger: Path) -> Iterator[Office]:
    """An office with connections of its own, for as long as the block lasts."""
    committer = GroupCommitter(app_url)
    with log_pool(app_url, max_size=8) as pool:
        reader = LogReader(pool)
        log = OrderLog(reader, committer, Codec(EVENT_CLASSES), Keyring(bytes(range(32))))
        office = Office(log, reader, SimulatedGateway(ledger), app_url)
        yield office
        for aside in office.asides:
            aside.close()
    committer.close()


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    """An office over the database of the module."""
    with open_office(database.app_url, tmp_path / "gateway.json") as office:
        yield office


@pytest.fixture
def fresh_office(fresh_database: Database, tmp_path: Path) -> Iterator[Office]:
    """An office over an empty database."""
    with open_office(fresh_database.app_url, tmp_path / "gateway.json") as office:
        yield office
