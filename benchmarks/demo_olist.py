"""Real orders through a running server: converts the Olist files, imports them, reconciles, prints the rate.

    make demo-olist OLIST=folder PORT=8080 [WHOLE=1]

With WHOLE=1 canceled orders get their money back, and shipments leave with the dispatch of their day.
Run again it changes nothing: every command is known by its key. The file of commands and the answers are kept in
DAYBOOK_HOME (var/), which is never committed; nothing of the data may leave it but figures.
"""

import sys
from pathlib import Path

import click

from benchmarks.olist import convert
from benchmarks.reconcile import expect, read_grid, reconcile
from benchmarks.reconcile_dispatches import expect_days, read_dispatches, reconcile_dispatches
from daybook.cli.asking import ask
from daybook.importing.command import (
    CONNECTIONS,
    Importer,
    Outcome,
    address,
    development_key,
    progress_bar,
    say_outcome,
    server_at,
    settings,
)

EMPTY = (422, "empty_order")


@click.command(help="Import the Olist files into a running server and reconcile.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the files.")
@click.option("--url", help="The server; default: this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine; default: PORT, else 8080.")
@click.option("--whole-workflow", is_flag=True, help="Refund canceled orders, and dispatch shipments day by day.")
def main(*, data: Path, url: str | None, port: int | None, whole_workflow: bool) -> None:
    server, admin = address(url, port), development_key("admin")
    work = settings().home / "olist"
    work.mkdir(exist_ok=True)
    commands = work / ("whole-workflow.ndjson" if whole_workflow else "commands.ndjson")
    converted = convert(data, commands, whole_workflow=whole_workflow)
    before = ask(server, "/queries/orders?limit=1", admin)["position"]
    outcome = import_commands(commands, server)
    say_rate(converted["orders"] - converted["without items"], max(0, outcome.last_position - before), outcome.seconds)
    expected = expect(data, whole_workflow=whole_workflow)
    agrees = reconcile(expected, read_grid(server, admin, outcome.last_position))
    if whole_workflow:
        agrees &= reconcile_dispatches(expect_days(data), read_dispatches(server, admin, outcome.last_position))
    refused_as_expected = dict(outcome.refused) == ({EMPTY: expected.refused} if expected.refused else {})
    if not refused_as_expected:
        print(f"Refused were {dict(outcome.refused)}, expected {expected.refused} times {EMPTY[1]}")
    sys.exit(0 if agrees and refused_as_expected else 1)


def import_commands(commands: Path, server: str) -> Outcome:
    posting = server_at(server, development_key("integrator"))
    results = commands.with_name(commands.name + ".results.ndjson")
    with results.open("wb") as answers, progress_bar(commands.stat().st_size) as bar:
        outcome = Importer(posting, CONNECTIONS, answers, bar).run(commands)
    say_outcome(outcome, {EMPTY[1]})
    if outcome.stopped_because:
        raise click.ClickException(outcome.stopped_because)
    return outcome


def say_rate(orders: int, events: int, seconds: float) -> None:
    print(
        f"{orders} orders, {events} new events in {seconds:.1f} s: "
        f"{orders / seconds:,.0f} orders/s, {events / seconds:,.0f} events/s\n"
    )


if __name__ == "__main__":
    main()
