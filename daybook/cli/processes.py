"""The commands about the worker's processes: what they have set aside, and having it tried again.

They only read, or say that something is to be tried now; the worker does it.
"""

from datetime import UTC, datetime
from uuid import UUID

import click
import psycopg

from daybook.run.watching import SILENT_SECONDS, STUCK_SECONDS
from daybook.settings import Settings
from eventstore.aside import give_up, retry, set_aside

NAMES = ("approving", "batches", "expiry", "gateway", "carriers", "notifications", "mailing", "webhooks")

_HEARTBEATS = """
    SELECT process, worker, extract(epoch FROM clock_timestamp() - beat_at)::float8,
           extract(epoch FROM beat_at - came_round_at)::float8, steps, failures
    FROM work.heartbeats ORDER BY process
"""


@click.command("processes")
@click.option("--check", is_flag=True, help="Exit with status 1 if a process is silent or stuck.")
def processes_command(check: bool) -> None:
    """Show the worker's processes: when each was last heard of, and what failed and waits.

    What failed is set aside with its error and tried again automatically; `daybook retry NAME` tries it at once.
    """
    late = []
    with psycopg.connect(Settings.from_env().app_conninfo) as connection:
        heard_of = connection.execute(_HEARTBEATS).fetchall()
        for process, worker, silent, at_step, steps, failures in heard_of:
            if silent > SILENT_SECONDS or at_step > STUCK_SECONDS:
                late.append(process)
            click.echo(f"{process:<14} heard of {silent:.0f} s ago ({worker}), {steps} steps, {failures} failed")
        for row in set_aside(connection):
            wait = max(0.0, (row.next_try - datetime.now(UTC)).total_seconds())
            again = "given up" if row.given_up else f"again in {wait:.0f} s"
            click.echo(
                f"set aside: {row.process} {row.what} of {row.order_id} since {row.since:%Y-%m-%d %H:%M:%S}, "
                f"{row.attempts} attempts, {again}: {row.error}"
            )
    if check and not heard_of:
        raise click.ClickException("No worker was ever heard of; start `daybook work`.")
    if check and late:
        raise click.ClickException(f"Not heard of lately, or at one step for long: {', '.join(late)}.")


def give_up_of_process(name: str, order_id: UUID) -> None:
    """Have what a process set aside of one order neither tried nor warned of any more."""
    with psycopg.connect(Settings.from_env().app_conninfo) as connection:
        given_up = give_up(connection, name, order_id)
    if not given_up:
        raise click.ClickException(f"{name} has set aside nothing of {order_id}.")
    for what in given_up:
        click.echo(f"{what}: given up; `daybook retry {name} {order_id}` has it tried again")


def retry_process(name: str, order_id: UUID | None) -> None:
    """Have what a process set aside, or what of it belongs to one order, tried at once."""
    with psycopg.connect(Settings.from_env().app_conninfo) as connection:
        again = retry(connection, name, order_id)
    if order_id is not None and not again:
        raise click.ClickException(f"{name} has set aside nothing of {order_id}.")
    for what in again:
        click.echo(f"{what}: the worker tries it again now")
    click.echo(f"{len(again)} to be tried; `daybook processes` shows what stays.")
