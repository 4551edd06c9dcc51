"""`daybook export orders`: every order of a running server as lines that `daybook import` takes.

It reads through the queries and the audit trail that everybody has, order by order in the order of their purchase, in
memory that does not grow with them. It only ever reads.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from daybook.cli.asking import ask
from daybook.exporting.history import Command, History
from daybook.importing.command import address, development_key

PAGE = 200
EVENTS = 500
AT_ONCE = 8

Json = dict[str, Any]


@click.command()
@click.option("--out", help="The file to write; default: stdout.")
@click.option("--store", help="Only the orders of this store.")
@click.option("--url", help="The server, such as https://orders.example; default: this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine; default: PORT, else 8080.")
@click.option("--key", help="API key that may read the audit trail; default: the development key of the admin.")
def orders(out: str | None, store: str | None, url: str | None, port: int | None, key: str | None) -> None:
    """Write every order as commands, one JSON object per line, that `daybook import` takes.

    Lines, discounts, taxes, charges, payments, documents with their numbers, parcels with their scans, refunds,
    comments and tags come out as they stand in the log. What is left out (canceled invoices, dispatches, erased
    personal data) is said on stderr. Imported into an empty Daybook the file makes the same orders.
    """
    server, asking = address(url, port), key or development_key("admin")
    count = 0
    with _written(out) as file, ThreadPoolExecutor(AT_ONCE) as readers:
        found = _ids(server, asking, store)
        while ids := list(islice(found, PAGE)):
            for history in readers.map(lambda order_id: _history(server, asking, order_id), ids):
                count += 1
                for command in history.commands():
                    file.write(_line(command))
                _say(history)
    click.echo(f"{count} orders", err=True)


def _ids(server: str, key: str, store: str | None) -> Iterator[str]:
    """The ids of all orders, the oldest first."""
    chosen = f"&store={store}" if store else ""
    page = f"/queries/orders?sort=purchased_at&limit={PAGE}{chosen}"
    while page:
        answer = ask(server, page, key)
        yield from (item["order_id"] for item in answer["items"])
        page = answer["next"]


def _history(server: str, key: str, order_id: str) -> History:
    events: list[Json] = []
    page: str | None = f"/audit/orders/{order_id}/events?limit={EVENTS}"
    while page:
        answer = ask(server, page, key)
        events += answer["items"]
        page = answer["next"]
    return History(events)


def _say(history: History) -> None:
    for note in history.notes:
        click.echo(f"order {history.number}: {note}", err=True)


def _line(command: Command) -> bytes:
    return msgspec.json.encode({"command": command.path, "key": command.key, "body": command.body}) + b"\n"


@contextmanager
def _written(name: str | None) -> Iterator[BinaryIO]:
    """Whole or not at all; stdout as it comes."""
    if name is None or name == "-":
        yield sys.stdout.buffer
        return
    part = Path(f"{name}.part")
    with part.open("wb") as file:
        yield file
    part.replace(name)
