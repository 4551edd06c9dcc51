"""What `daybook import --from SOURCE FILE...` does: reads, moves or shows, reports, and compares to the cent."""

import codecs
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import msgspec

from daybook.cli.asking import ask
from daybook.importing.client import Server
from daybook.importing.moving.expectations import Comparison, expectations
from daybook.importing.moving.mover import Moved, Mover, Progress, commands_of, json_line
from daybook.importing.output import output_file, unused_name
from daybook.importing.sources.catalogue import SOURCES
from daybook.importing.sources.fitting import fitted
from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.reading import Options, Reading, RefusedOrder
from daybook.importing.sources.refused import Unreadable
from daybook.importing.sources.untaxed import at_zero
from domain.values import to_text

SHOWN_MAX = 20
STORE = re.compile("[a-z0-9_-]{1,64}")

Asked = Callable[[], tuple[Server, str]]
"""The server to post to, and its address for questions; asked for only where something is posted."""


@dataclass(frozen=True, slots=True)
class Move:
    """What was asked for on the command line."""

    source: str
    files: Sequence[Path]
    store: str
    options: Options
    connections: int
    report: str | None
    dry_run: bool


def asked_move(
    source: str,
    files: Sequence[Path],
    connections: int,
    *,
    store: str,
    time_zone: str,
    currency: str,
    encoding: str,
    place_without_amounts: bool,
    untaxed_at_zero: bool,
    report: str | None,
    dry_run: bool,
) -> Move:
    """What the options ask for; raises BadParameter for what no file could have."""
    if not STORE.fullmatch(store):
        raise click.BadParameter("A store is lower-case letters, digits, - and _.", param_hint="--store")
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise click.BadParameter(f"{encoding} is no encoding, such as cp1252", param_hint="--encoding") from None
    options = Options(_zone(time_zone), currency.upper(), encoding, place_without_amounts, untaxed_at_zero)
    return Move(source, files, store, options, connections, report, dry_run)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"{name} is no time zone, such as Europe/Lisbon", param_hint="--time-zone") from None


def move(asked: Move, server: Asked) -> None:
    """Does it; raises ClickException or SystemExit(1) where it did not come out as the files say."""
    try:
        if asked.dry_run:
            _show(asked)
        else:
            _post(asked, *server())
    except Unreadable as unreadable:
        raise click.ClickException(str(unreadable)) from None


def _orders(asked: Move, counted: Callable[[int], None], base_currency: str = "") -> Reading:
    options = replace(asked.options, counted=counted, base_currency=base_currency)
    found = SOURCES[asked.source].read(asked.files, options)
    return (fitted(at_zero(order) if options.untaxed_at_zero else order) for order in found)


def _show(asked: Move) -> None:
    """The commands on stdout, what is refused and noted on stderr; nothing is posted."""
    moved = Moved()

    def told() -> Reading:
        for order in _orders(asked, lambda _: None):
            if isinstance(order, RefusedOrder):
                moved.results["refused"] += 1
                click.echo(f"refused: order {order.number or '?'} ({order.place}): {order.reason}", err=True)
            else:
                moved.results["to be posted"] += 1
                _say_notes(order)
            yield order

    for command in commands_of(told(), asked.store):
        moved.commands += 1
        sys.stdout.buffer.write(json_line(command))
    sys.stdout.buffer.flush()
    click.echo(f"{_counts(moved)}; {moved.commands} commands, none of them posted", err=True)


def _say_notes(order: SourceOrder) -> None:
    for kind, texts in order.notes.as_dict().items():
        for text in texts:
            click.echo(f"{order.number}: {kind}: {text}", err=True)


def _post(asked: Move, server: Server, url: str) -> None:
    name = asked.report or unused_name(f"{asked.files[0]}.report", "ndjson")
    base_currency = ask(url, "/queries/configuration", server.key)["base_currency"]
    with output_file(name) as report, expectations() as expected:
        with _progress() as (counted, progress):
            mover = Mover(
                server,
                store=asked.store,
                connections=asked.connections,
                report=report,
                expected=expected,
                progress=progress,
            )
            moved = mover.run(_orders(asked, counted, base_currency))
        _say(moved, name)
        if moved.stopped_because:
            raise click.ClickException(moved.stopped_because)
        compared = expected.compare(url, server.key, moved.last_position)
        for difference in compared.differences:
            report.write(msgspec.json.encode(difference | {"result": "differs"}) + b"\n")
    _say_compared(compared)
    if compared.differences or not moved.complete:
        raise SystemExit(1)


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Progress]]:
    """Orders, rate and time left on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _count: None, lambda _moved: None
        return
    with click.progressbar(
        length=0,
        file=sys.stderr,
        item_show_func=lambda moved: f"{moved.orders / moved.seconds:,.0f} orders/s" if moved else "reading",
    ) as bar:

        def counted(orders: int) -> None:
            bar.length = (bar.length or 0) + orders
            bar.render_progress()

        yield counted, lambda moved: bar.update(1, moved)


def _counts(moved: Moved) -> str:
    return ", ".join(f"{count} {result}" for result, count in moved.results.items()) or "no orders"


def _say(moved: Moved, report: str) -> None:
    rate = moved.orders / moved.seconds
    took = f"{moved.commands} commands in {moved.seconds:.1f} s"
    click.echo(f"{moved.orders} orders, {took} ({rate:,.0f} orders/s): {_counts(moved)}", err=True)
    for (status, code), count in moved.refused.most_common():
        click.echo(f"{count:>8}  commands refused: {status} {code}", err=True)
    noted = ", ".join(f"{count} with something {name}" for name, count in moved.noted.items())
    click.echo(f"What was done about each order{f' ({noted})' if noted else ''}: {report}", err=True)


def _say_compared(compared: Comparison) -> None:
    click.echo(f"\n{'':<34}{'files':>18}{'Daybook':>18}", err=True)
    for currency, sums in compared.sums.items():
        for name, (ours, theirs) in sums.items():
            texts = (to_text(amount, currency) for amount in (ours, theirs))
            _say_row(f"{name.replace('_', ' ')} ({currency})", *texts)
    for status, (ours, theirs) in sorted(compared.statuses.items()):
        _say_row(f"status {status}", str(ours), str(theirs))
    for difference in compared.differences[:SHOWN_MAX]:
        click.echo(f"\nOrder {difference['order_number']} differs", err=True)
        click.echo(f"  file:    {difference['file']}\n  Daybook: {difference['daybook']}", err=True)
    click.echo(f"\n{len(compared.differences)} of {compared.orders} orders differ.", err=True)


def _say_row(name: str, ours: str, theirs: str) -> None:
    click.echo(f"{name:<34}{ours:>18}{theirs:>18}{'' if ours == theirs else '  <-- differs'}", err=True)
