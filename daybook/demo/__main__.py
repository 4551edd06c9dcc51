"""Imports the sample into the running server and says what there is to look at: `make demo`."""

import sys
from importlib.resources import as_file, files
from typing import Any

import click

from daybook.cli.asking import ask, require_answer
from daybook.importing.command import (
    Importer,
    address,
    development_key,
    progress_bar,
    say_outcome,
    server_at,
    settings,
)
from daybook.importing.lines import Line, MalformedLine, read_lines

SAMPLE = files("daybook.demo") / "orders.ndjson"
DELIVERED = "demo-012"


@click.command(help="Import the invented sample into a running server.")
@click.option("--url", help="The server; default: this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine; default: PORT, else 8080.")
def main(url: str | None, port: int | None) -> None:
    server = address(url, port)
    require_answer(server)
    posting, answers = server_at(server, development_key("integrator")), settings().home / "demo.results.ndjson"
    with as_file(SAMPLE) as sample, answers.open("wb") as results, progress_bar(sample.stat().st_size) as bar:
        outcome = Importer(posting, 4, results, bar).run(sample)
        order_ids = [placed for line in read_lines(sample) if (placed := order_placed_by(line))]
    say_outcome(outcome, set())
    if outcome.stopped_because:
        raise click.ClickException(outcome.stopped_because)
    show(server, order_ids, development_key("admin"))
    sys.exit(1 if outcome.refused else 0)


def order_placed_by(line: Line | MalformedLine) -> str | None:
    return line.subject if isinstance(line, Line) and line.command == "orders" else None


def show(server: str, order_ids: list[str], admin: str) -> None:
    """Every order of the sample as it stands now, and where to look next."""
    orders = [ask(server, f"/queries/orders/{order_id}", admin) for order_id in order_ids]
    click.echo("\n" + "\n".join(described(order) for order in orders))
    delivered = next(order for order in orders if order["external_reference"] == DELIVERED)
    click.echo(f"""
What to look at, with the admin key of {settings().home / "dev-keys.json"} as the bearer token:
  {server}/queries/orders?status=Processing&sort=-purchased_at
  {server}/queries/orders?q=izmir
  {server}/queries/orders/{delivered["order_id"]}
  {server}/audit/orders/{delivered["order_id"]}/events
and without any key, as the customer:
  {server}/queries/tracking/{delivered["tracking_token"]}""")


def described(order: dict[str, Any]) -> str:
    total = f"{order['totals']['grand_total']} {order['currency']}"
    states = f"{order['status']:<16} {order['payment_status']:<15} {order['fulfilment_status']:<19}"
    return f"{order['order_number']}  {states}{total:>15}  {order['billing_address']['name']}"


if __name__ == "__main__":
    main()
