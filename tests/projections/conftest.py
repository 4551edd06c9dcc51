"""A shop of the module's own, or of the test's own."""

from collections.abc import Iterator

import pytest

from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database


@pytest.fixture
def shop(fresh_database: Database) -> Iterator[Shop]:
    """A shop over an empty log."""
    with open_shop(fresh_database) as shop:
        yield shop


@pytest.fixture(scope="module")
def busy_shop(database: Database) -> Iterator[Shop]:
    """One shop for all tests of a module."""
    with open_shop(database) as shop:
        yield shop
