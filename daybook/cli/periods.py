"""`daybook periods`: which time is settled. The log tells when a period was closed, with who did it."""

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from application.closing import SETTLED
from daybook.cli.owner import owner_connection
from daybook.settings import Settings
from eventstore.late_events import find_late_events, last_position

TOPICS = frozenset(event.TOPIC for event in SETTLED)
# Longer than any process remembers that a period is open (adapters/closed_periods.py), and than a command takes.
SETTLING_SECONDS = 3.0


def _owner() -> Any:
    return owner_connection(Settings.from_env().owner_conninfo)


@click.group()
def periods() -> None:
    """Close periods, and list those that are closed.

    What happened in a closed period is settled: payments and documents dated within it are refused.
    """


@periods.command()
@click.argument("last_day", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]))
@click.option(
    "--time-zone", default="UTC", show_default=True, help="Time zone in which the day ends, such as Europe/Lisbon."
)
def close(last_day: datetime, time_zone: str) -> None:
    """Close everything up to the end of that day. This cannot be undone."""
    closed_before = _end_of(last_day, time_zone)
    if closed_before > datetime.now(closed_before.tzinfo):
        raise click.ClickException(f"{last_day:%Y-%m-%d} is not over yet in {time_zone}.")
    with _owner() as connection:
        latest = connection.execute("SELECT max(closed_before) FROM access.closed_periods").fetchone()
        if latest and latest[0] and latest[0] >= closed_before:
            raise click.ClickException(f"Everything before {latest[0].isoformat()} is closed already.")
        connection.execute(
            "INSERT INTO access.closed_periods (closed_before, last_day, time_zone) VALUES (%s, %s, %s)",
            [closed_before, last_day.date(), time_zone],
        )
        position = last_position(connection)
    settle()
    with _owner() as connection:
        late = find_late_events(connection, position, closed_before, TOPICS)
    click.echo(f"Closed: everything before {closed_before.isoformat()}.")
    if late:
        click.echo(
            f"{late.count} events of that time were still on their way; check them from position {late.first} on."
        )


@periods.command("list")
def list_periods() -> None:
    """List the closed periods, and when each was closed."""
    with _owner() as connection:
        query = "SELECT last_day, time_zone, closed_at FROM access.closed_periods ORDER BY closed_before"
        closed = connection.execute(query).fetchall()
    for last_day, time_zone, closed_at in closed:
        click.echo(f"up to {last_day} ({time_zone}), closed at {closed_at:%Y-%m-%d %H:%M:%S%z}")


def settle() -> None:
    """Wait until every process knows, and what was under way has ended."""
    time.sleep(SETTLING_SECONDS)


def _end_of(last_day: datetime, time_zone: str) -> datetime:
    try:
        return (last_day + timedelta(days=1)).replace(tzinfo=ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.UsageError(f"--time-zone {time_zone} is not a zone such as Europe/Lisbon.") from None
