"""What is kept of people beside the log, put together: what an erasure removes in its own transaction."""

from typing import Any
from urllib.parse import parse_qsl

from prometheus_client import Counter
from psycopg import Connection

from access import erasing
from access.authentication import Pool
from application.customer_records import naming
from eventstore.erasing import Eraser, Erasure
from eventstore.records import Append, Appended

ERASURES = Counter("daybook_customers_erased", "Customers who were erased.")


class CountedEraser(Eraser):
    """An eraser that counts for `/metrics`."""

    def append(self, append: Append, erasure: Erasure) -> Appended:
        """As Eraser does; counted once it is done."""
        appended = super().append(append, erasure)
        ERASURES.inc()
        return appended


class BesideTheLog:
    """API keys, saved views, results of mass actions."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def keeps(self, customer_id: str) -> bool:
        """Whether the customer has keys."""
        return erasing.has_keys(self._pool, customer_id)

    def forget(self, connection: Connection[Any], erasure: Erasure) -> None:
        """Remove what names the person."""
        names = naming(erasure.texts)
        erasing.end_keys(connection, erasure.customer_id)
        erasing.delete_views(connection, names, _asked)
        erasing.delete_results(connection, names)


def _asked(query: str) -> str:
    """What a query string asks for, in words."""
    return "\n".join(value for _, value in parse_qsl(query))
