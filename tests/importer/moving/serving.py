"""The whole edge over a real desk, log and read models, on a port of its own, for what speaks HTTP as a client."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from werkzeug.serving import make_server

from access.roles import Role
from tests.support.postgres import Database
from tests.web.live import Site, open_site

PAUSE_SECONDS = 0.05


@dataclass
class Served:
    """The site and where it listens; its read models follow the log."""

    site: Site
    url: str

    def options(self, role: Role = Role.ADMIN) -> list[str]:
        """What a command of `daybook` needs to find it."""
        return ["--url", self.url, "--key", self.site.keys[role]]

    def ask(self, path: str) -> Any:
        answer = self.site.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def head(self) -> int:
        """The end of the log."""
        return self.site.shop.events()

    def events_of(self, order_id: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.ask(f"/audit/orders/{order_id}/events?limit=500")["items"]
        return items


@contextmanager
def serving(database: Database) -> Iterator[Served]:
    """A server for as long as the block lasts."""
    with open_site(database) as site:
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        stopping = Event()
        threads = [
            Thread(target=server.serve_forever, daemon=True),
            Thread(target=_follow, args=(site, stopping), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield Served(site, f"http://127.0.0.1:{server.server_port}")
        finally:
            stopping.set()
            server.shutdown()
            for thread in threads:
                thread.join()
            server.server_close()


def _follow(site: Site, stopping: Event) -> None:
    while not stopping.wait(PAUSE_SECONDS):
        site.follow()
