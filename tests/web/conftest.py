"""What the tests of the HTTP edge share: a database with keys, and a client of the edge alone."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from access.keys import create_key
from access.roles import Role
from tests.support.postgres import Database
from tests.web.edge import edge_client
from tests.web.live import Site, open_site


@pytest.fixture(scope="module")
def pool(database: Database) -> Iterator[ConnectionPool[Any]]:
    """Connections as the application has them."""
    with ConnectionPool(database.app_url, min_size=1, max_size=4, kwargs={"autocommit": True}, open=True) as pool:
        yield pool


@pytest.fixture(scope="module")
def keys(database: Database) -> dict[Role, str]:
    """A key of each role."""
    with psycopg.connect(database.owner_url) as connection:
        return {
            role: create_key(connection, role, "a test", customer_id="c-1" if role is Role.CUSTOMER else None)
            for role in Role
        }


@pytest.fixture(scope="module")
def edge(pool: ConnectionPool[Any]) -> FlaskClient:
    """The edge with nobody behind it."""
    return edge_client(pool)


@pytest.fixture(scope="module")
def site(database: Database) -> Iterator[Site]:
    """The whole edge over a real desk, log and read models."""
    with open_site(database) as site:
        yield site
