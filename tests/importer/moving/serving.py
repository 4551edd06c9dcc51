"""The whole edge over a real desk, log and read models, on a port of its own, for what speaks HTTP as a client."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from uuid import UUID

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
    unreadable: set[str] = field(default_factory=set)
    """Orders whose detail is not found, as of one that another program took away meanwhile."""

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
        unreadable: set[str] = set()

        def some_hidden(environ: dict[str, Any], start_response: Any) -> Any:
            path = environ["PATH_INFO"]
            if path.startswith("/queries/orders/") and path.rpartition("/")[2] in unreadable:
                environ = environ | {"PATH_INFO": f"/queries/orders/{UUID(int=0)}"}
            return site.app(environ, start_response)

        server = make_server("127.0.0.1", 0, some_hidden, threaded=True)
        stopping = Event()
        threads = [
            Thread(target=server.serve_forever, daemon=True),
            Thread(target=_follow, args=(site, stopping), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield Served(site, f"http://127.0.0.1:{server.server_port}", unreadable)
        finally:
            stopping.set()
            server.shutdown()
            for thread in threads:
                thread.join()
            server.server_close()


def _follow(site: Site, stopping: Event) -> None:
    while not stopping.wait(PAUSE_SECONDS):
        site.follow()
