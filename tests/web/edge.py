"""The HTTP edge over real API keys, with nothing behind it: for requests that must be turned down before.

Whatever reaches the ports behind the edge fails the test, because it should never have got there.
"""

from __future__ import annotations

import copy
from typing import Any, NoReturn, Self

from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from access.authentication import ApiKeys
from access.saved_views import SavedViews
from daybook.auditing import auditing
from eventstore.reader import LogReader
from eventstore.seals.reader import SealReader
from projections.engine.lag import Lag
from projections.order_history.actors import Actors
from projections.public_events.reading import PublicEvents
from tests.projections.shop import CODEC, KEYRING
from tests.support.described import DescribedClient
from web.app import Collaborators, create_app
from web.auth import by_bearer_key
from web.commands.routes import ROUTES
from web.rate_limits import RateLimits
from web.webhooks.commands import Outgoing
from webhooks.addresses import Allowance
from webhooks.desk import EndpointDesk
from webhooks.secrets import SecretBox

ADDRESS = {"name": "Ana Silva", "street": ["Rua Nova 1"], "city": "Porto", "postcode": "4000-001", "country": "PT"}
ORDER: dict[str, Any] = {
    "external_reference": "cart-8841",
    "store": "main",
    "currency": "EUR",
    "customer": {"id": "c-1001", "email": "ana@example.com", "name": "Ana Silva", "group": "general"},
    "billing_address": ADDRESS,
    "shipping_address": ADDRESS,
    "shipping": {"method": "flat_rate", "description": "Flat rate", "amount": "5.00", "tax_rate": "0.23"},
    "payment": {"method": "bank_transfer"},
    "lines": [
        {
            "line_id": "1",
            "sku": "MUG-01",
            "name": "Mug",
            "quantity": 3,
            "unit_price": "9.99",
            "tax_rate": "0.23",
            "discount": "0.00",
            "weight_grams": 400,
        }
    ],
}
ORDER_ID = "00000000-0000-4000-8000-000000000001"


def order(**changes: Any) -> dict[str, Any]:
    """A right order, with these fields changed."""
    return copy.deepcopy(ORDER) | changes


class Nobody:
    """Stands behind the edge and is never to be reached."""

    def execute(self, command: object) -> NoReturn:
        raise AssertionError(f"reached the desk: {command}")

    def together(self) -> Self:
        return self

    def grid_page(self, query: object) -> NoReturn:
        raise AssertionError(f"reached the grid: {query}")

    def status_counts(self) -> NoReturn:
        raise AssertionError("reached the counts")

    def stores(self) -> NoReturn:
        raise AssertionError("reached the stores")

    def order_detail(
        self, order_id: object, min_position: object, timeline_before: object, *, reasons: bool
    ) -> NoReturn:
        raise AssertionError(f"reached the order: {order_id}")

    def tracking(self, token: object, min_position: object) -> NoReturn:
        raise AssertionError(f"reached the tracking: {token}")

    def order_events(self, order_id: object, after: int, limit: int) -> NoReturn:
        raise AssertionError(f"reached the audit trail: {order_id}")

    def access_events(self, after: int, limit: int) -> NoReturn:
        raise AssertionError(f"reached the audit trail of access: {after}")

    def report(self, customer_id: str) -> NoReturn:
        raise AssertionError(f"reached what is kept about {customer_id}")

    def order_at(self, order_id: object, point: object, timeline_before: object = None) -> NoReturn:
        raise AssertionError(f"reached the past of {order_id}")

    def changes(self, order_id: object, since: object, until: object) -> NoReturn:
        raise AssertionError(f"reached the past of {order_id}")

    def page(self, query: object, *, audit: bool = False) -> NoReturn:
        raise AssertionError(f"reached a list: {query}")

    def head(self) -> int:
        return 0

    def matching(self, types: object) -> NoReturn:
        raise AssertionError(f"reached the types of events: {types}")

    def mark(self) -> NoReturn:
        raise AssertionError("reached the news")

    def wait(self, mark: int, timeout_seconds: float) -> NoReturn:
        raise AssertionError("reached the news")

    def ready_packages(self, query: object) -> NoReturn:
        raise AssertionError(f"reached the packages: {query}")

    def detail(self, *asked: object, **how: object) -> NoReturn:
        raise AssertionError(f"reached {asked}")

    def customer_orders(self, customer_id: str, query: object) -> NoReturn:
        raise AssertionError(f"reached the orders of {customer_id}")

    def print(self, form: str, document_id: object, min_position: object) -> NoReturn:
        raise AssertionError(f"reached the printer: {form} {document_id}")

    def print_many(self, form: str, document_ids: object, min_position: object) -> NoReturn:
        raise AssertionError(f"reached the printer: {form} {document_ids}")

    def orders(self, query: object) -> NoReturn:
        raise AssertionError("reached the export of orders")

    def documents(self, query: object) -> NoReturn:
        raise AssertionError("reached the export of documents")

    def for_label_printer(self, form: object, document_id: object, min_position: object) -> NoReturn:
        raise AssertionError

    def e_invoice(self, form: object, document_id: object, min_position: object) -> NoReturn:
        raise AssertionError(f"reached the printer: {form} {document_id}")

    def complaints(self) -> list[str]:
        return []

    def warnings(self) -> list[str]:
        return []

    def metrics(self) -> bytes:
        return b""

    def lags(self) -> list[Lag]:
        return []

    def of(self, projection: str) -> Lag | None:
        raise AssertionError(f"reached the lag of {projection}")

    def figures(self, days: int) -> NoReturn:
        raise AssertionError(f"reached the figures of {days} days")

    def test(self, webhook_id: object) -> NoReturn:
        raise AssertionError(f"reached the receiver of {webhook_id}")

    def parked(self) -> NoReturn:
        raise AssertionError("reached what is parked")


def edge_client(pool: ConnectionPool[Any], limits: RateLimits | None = None) -> FlaskClient:
    """A client of the edge with every command of the contract routed and nobody behind it."""
    nobody = Nobody()
    reader = LogReader(pool)
    events = PublicEvents(reader, CODEC, KEYRING, Actors(pool))
    asking = auditing(pool, reader, CODEC, KEYRING, events).asking
    authenticate = by_bearer_key(ApiKeys(pool, ttl_seconds=0.2).caller_of)
    names = [route.name for route in ROUTES]
    to = Collaborators(
        nobody,
        names,
        nobody,
        nobody,
        nobody,
        nobody,
        authenticate,
        nobody,
        nobody,
        nobody,
        nobody,
        SealReader(pool),
        nobody,
        SavedViews(pool),
        nobody,
        nobody,
        nobody,
        asking,
        nobody,
        outgoing=Outgoing(EndpointDesk(pool, SecretBox(bytes(32))), nobody, Allowance(), nobody),
        limits=limits,
    )
    app = create_app(to)
    app.test_client_class = DescribedClient
    return app.test_client()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
