"""`daybook keys` and `daybook periods`: who may ask, and which time is settled. The log tells both, with who did it.

They connect as the owner of the database; the application itself can read these tables and change nothing. A key is
shown once and never again.
"""

import os
import pwd
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import psycopg

from application.closing import SETTLED
from daybook.settings import Settings
from domain.access import ACCESS
from web.auth import Role, create_key, list_keys, revoke_key, rotate_key

_ROLES = [role.value for role in Role]
_DURATION = re.compile(r"([0-9]{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
TOPICS = frozenset(event.TOPIC for event in SETTLED)
_HISTORY = """
    SELECT e.recorded_at, e.topic, e.actor_type, e.actor_id, convert_from(e.payload, 'UTF8')::jsonb, k.name
    FROM log.events e LEFT JOIN access.api_keys k ON k.id = convert_from(e.payload, 'UTF8')::jsonb ->> 'key_id'
    WHERE e.partition_id = %s ORDER BY e.position
"""


def operator() -> str:
    """The user of the operating system who runs this, for the log."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@contextmanager
def owner_connection(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the owner, in one transaction; what it changes is told as the operator's doing."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '10s'")
        connection.execute("SELECT set_config('daybook.actor', %s, false)", [operator()])
        yield connection


def _owner() -> Any:
    return owner_connection(Settings.from_env().owner_conninfo)


@click.group()
def keys() -> None:
    """Create, list, rotate and revoke API keys."""


@keys.command()
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What the key may do.")
@click.option("--name", required=True, help="Whose key it is; shown for good wherever its holder acted.")
@click.option("--customer", "customer_id", help="The customer's id, for a key of the role customer.")
def create(role: str, name: str, customer_id: str | None) -> None:
    """Create a key and print it, this once; only its hash is kept."""
    if (role == Role.CUSTOMER) != (customer_id is not None):
        raise click.UsageError("A key of the role customer, and only that, needs --customer.")
    with _owner() as connection:
        try:
            key = create_key(connection, Role(role), name, customer_id=customer_id)
        except ValueError as error:
            raise click.UsageError(f"--name: {error}.") from None
    click.echo(key)


@keys.command("list")
def list_() -> None:
    """List all keys, without their secrets, oldest first."""
    with _owner() as connection:
        listed = list_keys(connection)
    now = datetime.now().astimezone()
    for key in listed:
        ended = key.revoked_at is not None and key.revoked_at <= now
        state = f"{'revoked' if ended else 'until'} {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "valid"
        click.echo(f"{key.id:<20} {key.role:<11} {key.created_at:%Y-%m-%d} {state:<18} {key.name}")


@keys.command()
@click.argument("key_id")
@click.option(
    "--overlap", default="0m", help="How long the old key goes on working: 30m, 24h, 7d. Default: not at all."
)
def rotate(key_id: str, overlap: str) -> None:
    """Create a key for the same holder in place of another one, and print it, this once."""
    matched = _DURATION.fullmatch(overlap)
    if matched is None:
        raise click.UsageError("--overlap is a number of minutes, hours or days, such as 30m, 24h or 7d.")
    with _owner() as connection:
        key = rotate_key(connection, key_id, timedelta(**{_UNITS[matched[2]]: int(matched[1])}))
        if key is None:
            raise click.ClickException(f"No valid key has the id {key_id}; see `daybook keys list`.")
    click.echo(key)


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Revoke a key by its id, the middle part of the key; it stops working within a second."""
    with _owner() as connection:
        if not revoke_key(connection, key_id):
            raise click.ClickException(f"No valid key has the id {key_id}; see `daybook keys list`.")
    click.echo(f"Revoked {key_id}.")


@keys.command()
def history() -> None:
    """What happened to keys and periods, oldest first: when, what, by whom; as `/audit/access/events` shows it."""
    with _owner() as connection:
        happened = connection.execute(_HISTORY, [ACCESS]).fetchall()
    for recorded_at, topic, kind, actor, facts, name in happened:
        about = " ".join(f"{key}={value}" for key, value in facts.items())
        what = topic.removeprefix("access.").replace("_", " ")
        click.echo(f"{recorded_at:%Y-%m-%d %H:%M:%S} {kind} {actor}: {what} {about}{f' ({name})' if name else ''}")


# Longer than any process remembers that a period is open (adapters/closed_periods.py), and than a command takes.
SETTLING_SECONDS = 3.0
_LATE = """
    SELECT count(*), min(position) FROM log.events
    WHERE position > %s AND occurred_at < %s AND actor_type NOT IN ('import', 'operator', 'database')
        AND topic = ANY (%s)
"""


@click.group()
def periods() -> None:
    """Close and list periods: money and documents of a closed one are refused."""


@periods.command()
@click.argument("last_day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--time-zone", default="UTC", show_default=True, help="Where LAST_DAY ends, such as Europe/Lisbon.")
def close(last_day: datetime, time_zone: str) -> None:
    """Close everything up to the end of LAST_DAY, for good; what is recorded from now on must have happened later."""
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
        position = connection.execute("SELECT coalesce(max(position), 0) FROM log.events").fetchone()
    settle()
    with _owner() as connection:
        late = connection.execute(_LATE, [position and position[0], closed_before, sorted(TOPICS)]).fetchone()
    click.echo(f"Closed: everything before {closed_before.isoformat()}.")
    if late and late[0]:
        click.echo(f"{late[0]} events of that time were still on their way; look at them, from position {late[1]} on.")


@periods.command("list")
def list_periods() -> None:
    """List what was closed, and when."""
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
