"""The whole edge over the real desk, log and read models, asked in process."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from access.authentication import ApiKeys
from access.key_desk import KeyDesk
from access.keys import create_key
from access.mass_actions import MassActions
from access.oidc.configuration import Configuration
from access.roles import Role
from access.saved_views import SavedViews
from access.sessions import Sessions
from adapters.carriers.simulated import SimulatedCarrier
from adapters.merchant import config as merchant_config
from adapters.merchant.config import MerchantConfig
from adapters.webhooks.posting import Poster
from application.catalogue import COMMANDS
from daybook.auditing import Auditing, auditing
from daybook.carrying import AskedRates
from daybook.configured import configured
from daybook.identities import identities
from daybook.sending import WebhookTester
from eventstore.news import LogNews
from eventstore.seals.reader import SealReader
from projections.approvals.queries import ApprovalQueries
from projections.audit.trail import LogTrail
from projections.catalogue import READ_MODELS
from projections.dashboard import Dashboard
from projections.engine.lag import LagWatch
from projections.exports import Exports
from projections.order_history.actors import Actors
from projections.orders.access_report import AccessReports
from projections.orders.past import PastOrders
from projections.orders.telling import OrderTeller
from projections.public_events.reading import PublicEvents
from tests.projections.shop import CODEC, KEYRING, LABELLING, MERCHANT, Shop, open_shop
from tests.support.described import DescribedClient
from tests.support.postgres import Database
from tests.web.edge import ORDER, bearer
from web.app import Collaborators, create_app
from web.auth import by_bearer_key
from web.clients import Proxies
from web.commands.routes import House
from web.pages.routes import People
from web.rate_limits import RateLimits
from web.webhooks.commands import Outgoing
from webhooks.addresses import Allowance
from webhooks.desk import EndpointDesk
from webhooks.secrets import SecretBox

STAFF: tuple[Role, ...] = (Role.ADMIN, Role.INTEGRATOR, Role.AUDITOR)


class AlwaysReady:
    """A process with nothing to complain about."""

    def complaints(self) -> list[str]:
        return []

    def warnings(self) -> list[str]:
        return []

    def metrics(self) -> bytes:
        return b""


@dataclass
class Site:
    """The application with a key of each role; ``follow`` lets the read models take in everything."""

    app: Flask
    shop: Shop
    keys: dict[Role, str]
    audit: Auditing

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, path: str, body: Any = None, *, role: Role = Role.INTEGRATOR, **headers: str) -> Any:
        """Send a command; header names with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        return self.client.post(f"/commands/{path}", headers=bearer(self.keys[role]) | named, **more)

    def get(self, path: str, role: Role = Role.ADMIN, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=bearer(self.keys[role]) | named)

    def follow(self) -> None:
        self.shop.follow()


def another_order(**changes: Any) -> dict[str, Any]:
    """An order without an external reference, so that it can be placed again and again."""
    body = copy.deepcopy(ORDER) | changes
    return {name: value for name, value in body.items() if name != "external_reference" or name in changes}


@contextmanager
def open_site(
    database: Database,
    house: House | None = None,
    oidc: Configuration | None = None,
    public_url: str = "",
    merchant: MerchantConfig = MERCHANT,
    limits: RateLimits | None = None,
    proxies: str = "",
) -> Iterator[Site]:
    """The application over a database for as long as the block lasts, under the merchant's own rules if any.

    With an OpenID provider too, if one is named, that sends people back to ``public_url``.
    """
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        keys = {role: create_key(connection, role, "test") for role in STAFF}
    with (
        open_shop(database, merchant) as shop,
        ConnectionPool(database.app_url, min_size=1, max_size=4, open=True) as pool,
    ):
        trail = LogTrail(shop.reader, CODEC, KEYRING, Actors(pool))
        teller = OrderTeller(CODEC, KEYRING, Actors(pool))
        known = identities(oidc, public_url, pool, bytes(range(32)))
        authenticate = by_bearer_key(known.caller_of)
        events = PublicEvents(shop.reader, CODEC, KEYRING, Actors(pool))
        audit = auditing(pool, shop.reader, CODEC, KEYRING, events)
        codes = {"carrier": ("ups", "dhl"), "origin": ("main",), "location": ("main",)}
        endpoints, local = EndpointDesk(pool, SecretBox(bytes(range(32)))), Allowance.of("127.0.0.0/8")
        to = Collaborators(
            shop.desk,
            COMMANDS.keys(),
            shop.queries,
            trail,
            PastOrders(shop.reader, teller, trail.listed),
            AccessReports(pool, shop.reader, KEYRING, teller, trail.listed),
            authenticate,
            AlwaysReady(),
            shop.documents,
            shop.printer,
            LagWatch(pool, [model.name for model in READ_MODELS]),
            SealReader(pool),
            Exports(pool),
            SavedViews(pool),
            Dashboard(pool),
            events,
            LogNews(database.app_url),
            audit.asking,
            ApprovalQueries(pool, shop.reader, CODEC, KEYRING, Actors(pool)),
            rates=AskedRates(shop.log, shop.reader, {LABELLING: SimulatedCarrier(Path("never-opened"))}, {"main"}),
            noting=audit.noting,
            partitions_of=shop.reader.partitions_of,
            house=house or House(),
            configured=configured(merchant_config.load(), gateway=True),
            outgoing=Outgoing(endpoints, events, local, WebhookTester(endpoints, lambda: Poster(local))),
            people=People(
                Sessions(pool, oidc.issuer if oidc and known.provider else ""),
                SavedViews(pool),
                MassActions(pool),
                ApiKeys(pool).caller_of,
                codes,
                secure=public_url.startswith("https://"),
                provider=known.provider,
                keys=KeyDesk(pool),
                secret=bytes(range(1, 33)),
                proxies=Proxies.of(proxies),
            ),
            limits=limits,
            issuer=oidc.issuer if oidc and oidc.audience else None,
        )
        app = create_app(to)
        app.test_client_class = DescribedClient
        yield Site(app, shop, keys, audit)
        audit.refusals.notes.flush()
        audit.accesses.notes.flush()
