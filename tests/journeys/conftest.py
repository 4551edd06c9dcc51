"""A whole shop for the journeys: the real edge, desk, log, read models and processes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.gateways.simulated import SimulatedGateway
from application.processes.attempts import Attempts
from application.processes.batches import Batches
from application.processes.gateway_requests import GatewayRequests
from application.processes.process import Origin
from eventstore.aside import Aside
from tests.journeys.trade import Trade
from tests.support.postgres import Database
from tests.web.live import open_site


def origin(name: str) -> Origin:
    return Origin(name, uuid4, lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def trade(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """One shop for all journeys of a module."""
    ledger: Path = tmp_path_factory.mktemp("gateway") / "ledger.json"
    with open_site(database) as site:
        log, desk = site.shop.log, site.shop.desk
        asides = {name: Aside(database.app_url, name) for name in ("batches", "gateway")}
        gateway = GatewayRequests(log, SimulatedGateway(ledger), origin("gateway"), Attempts(asides["gateway"]))
        yield Trade(site, [Batches(log, desk, origin("batches"), Attempts(asides["batches"])), gateway])
        for aside in asides.values():
            aside.close()
