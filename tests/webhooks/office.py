"""The process that sends webhooks over a real log and desk, run in this process, and orders to be told of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from access.roles import Role
from adapters.webhooks.posting import Poster
from daybook.sending import OutgoingFeed
from projections.order_history.actors import Actors
from projections.orders.queries import read_pool
from projections.public_events.reading import PublicEvents
from tests.projections.shop import CODEC, KEYRING
from tests.support.postgres import Database
from tests.web.live import Site, another_order, open_site
from webhooks.addresses import Allowance
from webhooks.courier import Means
from webhooks.process import SendingWebhooks
from webhooks.retrying import Pauses
from webhooks.secrets import SecretBox

MASTER_KEY = bytes(range(32))
"""That of ``tests.projections.shop``."""
QUICK = Pauses((0.1, 0.2, 0.3, 0.5, 1, 2, 3, 60, 3600))


@dataclass
class Office:
    """The whole edge, and the sending of webhooks in rounds of a tenth of a second while it is open."""

    site: Site
    database: Database
    pauses: Pauses = QUICK
    allowance: Allowance = field(default_factory=lambda: Allowance.of("127.0.0.0/8"))
    told: list[tuple[UUID, str, str, datetime]] = field(default_factory=list)

    def ask(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.site.post(f"webhooks{path}", {} if body is None else body, role=Role.ADMIN)
        assert answer.status_code < 300, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def webhook(self, url: str, *events: str) -> dict[str, Any]:
        return self.ask("", {"url": url, "events": list(events or ["order.*"])})

    def shown(self, webhook_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.site.get(f"/queries/webhooks/{webhook_id}").get_json()
        return found

    def deliveries(self, webhook_id: str, **given: str) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in given.items())
        path = f"/queries/webhooks/{webhook_id}/deliveries?{query}"
        found: list[dict[str, Any]] = self.site.get(path).get_json()["items"]
        return found

    def place(self) -> str:
        order_id: str = self.site.post("orders", another_order()).get_json()["order_id"]
        return order_id

    def do(self, order_id: str, *verbs: str) -> None:
        for verb in verbs:
            body = {"text": str(uuid4()), "visible": False} if verb == "comment" else {}
            answer = self.site.post(f"orders/{order_id}/{verb}", body, role=Role.ADMIN)
            assert answer.status_code == 200, answer.get_json()

    def events(self, order_id: str) -> list[str]:
        """The ids of an order's own events, in their order."""
        items = self.site.get(f"/audit/orders/{order_id}/events", Role.AUDITOR).get_json()["items"]
        return [each["event_id"] for each in items if each["aggregate"] == "order"]

    @contextmanager
    def sending(self) -> Iterator[SendingWebhooks]:
        """The process at work for as long as the block lasts."""
        pool = read_pool(self.database.app_url, 4)
        events = PublicEvents(self.site.shop.reader, CODEC, KEYRING, Actors(pool))
        means = Means(
            pool,
            SecretBox(MASTER_KEY),
            OutgoingFeed(events),
            lambda: Poster(self.allowance, timeout=2.0),
            self.pauses,
            lambda: True,
        )

        def tell(*pause: Any) -> bool:
            self.told.append(pause)
            return True

        process, ended = SendingWebhooks(means, tell), threading.Event()

        def rounds() -> None:
            while not ended.is_set():
                process.step()
                ended.wait(0.05)

        thread = threading.Thread(target=rounds)
        thread.start()
        try:
            yield process
        finally:
            ended.set()
            thread.join()
            process.close(6.0)
            pool.close()


@contextmanager
def open_office(database: Database) -> Iterator[Office]:
    with open_site(database) as site:
        yield Office(site, database)
