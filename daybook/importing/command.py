"""`daybook import FILE.ndjson`: posts a file of commands to a running server and writes down every answer.

It is a client like any other: it speaks HTTP and knows neither the log nor the domain. Each line carries its own
idempotency key, so that a file may be imported as often as one likes: what was done is answered again and not done
again. That is also how an interrupted import goes on. A refusal is written down and counted, and the import goes on;
it must never answer for the server, and never call a run a success that was not.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, BinaryIO

import click
import msgspec

from daybook.importing.client import Courier, ImportStopped, Reply, Server
from daybook.importing.lines import Line, MalformedLine, read_lines
from daybook.importing.moving.command import asked_move, move
from daybook.importing.naming import Orders
from daybook.importing.output import output_file
from daybook.importing.sources.catalogue import SOURCES
from daybook.run.home import Home
from daybook.settings import Settings, SettingsError
from web.commands.lanes import Lanes
from web.commands.results import result_of

# So many bulk requests at once keep the web processes of a server busy.
CONNECTIONS = 4
# Of as many orders, a line of each goes in one request: so many does the server decide together.
LINES_AT_ONCE = 48
LINES_UNDER_WAY_PER_CONNECTION = 4 * LINES_AT_ONCE
MALFORMED = "malformed_line"

Progress = Callable[[int, "Outcome"], None]


@dataclass(slots=True)
class Outcome:
    """What has come back so far: lines accepted, refusals by status and code, the last position in the log."""

    accepted: int = 0
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    last_position: int = 0
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    stopped_because: str = ""

    @property
    def lines(self) -> int:
        return self.accepted + self.refused.total()

    @property
    def seconds(self) -> float:
        return max((self.ended or time.monotonic()) - self.started, 1e-6)

    def unexpected(self, expected_codes: set[str]) -> int:
        return sum(count for (_, code), count in self.refused.items() if code not in expected_codes)


class Importer:
    """One run over one file: this thread reads, the workers post, each answer is written as it comes."""

    def __init__(self, server: Server, connections: int, results: BinaryIO, progress: Progress) -> None:
        self._server = server
        self._connections = connections
        self._results = results
        self._progress = progress
        self._lanes: Lanes[str, Line] = Lanes(connections * LINES_UNDER_WAY_PER_CONNECTION)
        self._stopping = Event()
        self._writing = Lock()
        self._outcome = Outcome()

    def run(self, path: Path) -> Outcome:
        couriers = [Courier(self._server, self._stopping) for _ in range(self._connections)]
        workers = [Thread(target=self._work, args=(courier,), daemon=True) for courier in couriers]
        for worker in workers:
            worker.start()
        try:
            self._read(path)
        except BaseException:
            self._stop("Interrupted. Run the import again: what was done is not done twice.")
            raise
        finally:
            for worker in workers:
                worker.join()
            self._results.flush()
            self._outcome.ended = time.monotonic()
        return self._outcome

    def _read(self, path: Path) -> None:
        orders = Orders()
        for line in read_lines(path):
            if self._lanes.ended:
                return
            if isinstance(line, MalformedLine):
                problem = Reply(400, {"code": MALFORMED, "title": "Malformed line", "detail": line.detail})
                self._record(line.number, None, line.size, problem)
            else:
                self._put(orders.of(line), line)
        self._lanes.drain()
        self._lanes.end()

    def _put(self, order: str, line: Line) -> None:
        if line.concerns_one_order:
            self._lanes.put(order, line)
            return
        self._lanes.drain()
        self._lanes.put(order, line)
        self._lanes.drain()

    def _work(self, courier: Courier) -> None:
        try:
            while taken := self._lanes.take(LINES_AT_ONCE):
                for line, reply in courier.deliver([line] for _, line in taken):
                    self._record(line.number, line.key, line.size, reply)
                self._lanes.done([order for order, _ in taken])
        except ImportStopped as stopped:
            self._stop(str(stopped))
        except BaseException as error:
            self._stop(f"The import failed: {error!r}")
            raise
        finally:
            courier.close()

    def _stop(self, why: str) -> None:
        self._outcome.stopped_because = self._outcome.stopped_because or why
        self._stopping.set()
        self._lanes.end()

    def _record(self, number: int, key: str | None, size: int, reply: Reply) -> None:
        written = msgspec.json.encode(result_of(number, key, reply.status, reply.body)) + b"\n"
        with self._writing:
            self._results.write(written)
            if reply.accepted:
                self._outcome.accepted += 1
                self._outcome.last_position = max(self._outcome.last_position, position_in(reply.body))
            else:
                self._outcome.refused[reply.status, reply.code] += 1
            self._progress(size, self._outcome)


def position_in(answer: dict[str, Any]) -> int:
    position = answer.get("position")
    return position if isinstance(position, int) else 0


def address(url: str | None, port: int | None) -> str:
    """The server that is meant: the one named, else that of this machine at the port given or set."""
    return url or f"http://127.0.0.1:{port or settings().port}"


def development_key(role: str) -> str:
    """The API key that the server of this machine made for its developer."""
    home = Home(settings().home)
    key = home.read_dev_keys().get(role)
    if key is None:
        raise click.ClickException(
            f"There is no API key in {home.dev_keys}; start `daybook run` with this DAYBOOK_HOME."
        )
    return key


def settings() -> Settings:
    try:
        return Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def server_at(url: str, key: str, patience_seconds: float = 60.0) -> Server:
    if not key.isascii() or not key.isprintable():
        raise click.BadParameter("An API key is one line of ASCII.", param_hint="--key")
    try:
        return Server.at(url, key, patience_seconds)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None


@contextmanager
def progress_bar(total_bytes: int) -> Iterator[Progress]:
    """Rate and time left on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _size, _outcome: None
        return
    with click.progressbar(
        length=total_bytes,
        file=sys.stderr,
        update_min_steps=max(total_bytes // 2000, 1),
        item_show_func=lambda outcome: f"{outcome.lines / outcome.seconds:,.0f} commands/s" if outcome else None,
    ) as bar:
        yield bar.update


def say_outcome(outcome: Outcome, expected_codes: set[str]) -> None:
    rate = outcome.lines / outcome.seconds
    click.echo(
        f"{outcome.lines} lines in {outcome.seconds:.1f} s ({rate:,.0f}/s): "
        f"{outcome.accepted} accepted, {outcome.refused.total()} refused",
        err=True,
    )
    for (status, code), count in outcome.refused.most_common():
        click.echo(f"{count:>8}  {status} {code}{' (expected)' if code in expected_codes else ''}", err=True)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from", "source", type=click.Choice(list(SOURCES)), help="The system that the files were exported from."
)
@click.option("--dry-run", is_flag=True, help="Print the commands that an export would become; post none.")
@click.option("--store", default="main", show_default=True, help="The store to put the orders of an export in.")
@click.option("--time-zone", default="UTC", show_default=True, help="Time zone of times that name none, in an export.")
@click.option("--currency", default="", help="Currency of amounts that name none, in an export, such as EUR.")
@click.option("--encoding", default="utf-8-sig", help="Encoding of an export's CSV files; default: UTF-8.")
@click.option("--place-without-amounts", is_flag=True, help="Place canceled orders that have no amounts at 0.00.")
@click.option(
    "--untaxed-at-zero", is_flag=True, help="Take orders of an export without any tax at 0 %: you charge none."
)
@click.option(
    "--report",
    help="Where to write what was done about each order of an export; default: FILE.report.ndjson, "
    "of a second run FILE.report-2.ndjson.",
)
@click.option("--notify", is_flag=True, help="Mail customers about what is imported; by default nobody is mailed.")
@click.option("--url", help="The server, such as https://orders.example; default: this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine; default: PORT, else 8080.")
@click.option("--key", help="API key; default: the development key of the integrator.")
@click.option(
    "--connections",
    type=click.IntRange(1, 256),
    default=CONNECTIONS,
    show_default=True,
    help="Requests at once, each of many commands.",
)
@click.option("--results", help="Where to write the answers, - for stdout; default: FILE.results.ndjson.")
@click.option(
    "--expect-refusals",
    "expected",
    multiple=True,
    metavar="CODE",
    help="A problem code that does not count as failure; may be repeated.",
)
@click.option("--history", is_flag=True, help="Accept facts dated in closed periods, and mark them as history.")
@click.option("--patience", type=click.FloatRange(0), default=60.0, show_default=True, metavar="SECONDS")
def import_command(
    *,
    files: tuple[Path, ...],
    source: str | None,
    url: str | None,
    port: int | None,
    key: str | None,
    connections: int,
    results: str | None,
    expected: tuple[str, ...],
    history: bool,
    patience: float,
    notify: bool,
    **of_an_export: Any,
) -> None:
    """Bring orders in: commands from a FILE of JSON lines, or the export of another system with --from.

    A line is {"command": "orders/{order_id}/invoices", "key": "...", "body": {...}} with the real id. Commands of
    one order are done one after another, those of different orders side by side. Importing a file again changes
    nothing: its keys are known. Each line has a result; a refused line does not end the import, but the exit
    status is 1 unless its code is expected. A server that is away is awaited for --patience seconds.

    With --from the files are read as that system writes them, posted to --store, and what Daybook then shows is
    compared with the files to the cent: totals, paid, refunded, statuses. The report says of each order what was
    spread, dropped or assumed. Run again, or with a later export, only what is new is added. Look first:

        daybook import --from shopify --dry-run orders_export.csv

    Shopify: the CSV of Orders, Export. WooCommerce: JSON of /wp-json/wc/v3/orders, and its refunds. Magento: JSON of
    /rest/V1/orders, invoices, shipments, creditmemos. Etsy: EtsySoldOrders and EtsySoldOrderItems. Amazon: the All
    Orders report. UBL: orders as XML.
    """

    def server() -> Server:
        found = server_at(address(url, port), key or development_key("admin" if history else "integrator"), patience)
        return replace(found, history=history, silent=not notify)

    if source is not None:
        move(asked_move(source, files, connections, **of_an_export), lambda: (server(), address(url, port)))
        return
    if len(files) > 1:
        raise click.UsageError("One file of commands at a time; for exports of another system add --from.")
    _import(files[0], server(), connections, results, set(expected))


def _import(file: Path, server: Server, connections: int, results: str | None, expected: set[str]) -> None:
    with output_file(results or f"{file}.results.ndjson") as answers, progress_bar(file.stat().st_size) as bar:
        outcome = Importer(server, connections, answers, bar).run(file)
    say_outcome(outcome, expected)
    if outcome.stopped_because:
        raise click.ClickException(outcome.stopped_because)
    if outcome.unexpected(expected):
        raise SystemExit(1)
