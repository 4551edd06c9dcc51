"""`daybook keys`: who may ask. The log tells what happens to keys, with who did it.

The commands connect as the owner of the database; the application itself can read the keys and change nothing. A key is
shown once and never again.
"""

import re
from datetime import datetime, timedelta
from typing import Any

import click

from access.history import read_history
from access.key_form import named_id
from access.keys import ApiKey, create_key, list_keys, revoke_key, rotate_key
from access.roles import Role
from daybook.cli.owner import owner_connection
from daybook.settings import Settings

_ROLES = [role.value for role in Role]
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def read_duration(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    """The span of time that an option names: minutes, hours or days."""
    if value is None:
        return None
    matched = re.fullmatch(r"([0-9]{1,4})([mhd])", value)
    if matched is None:
        raise click.BadParameter("It is a number of minutes, hours or days, such as 30m, 24h or 90d.")
    return timedelta(**{_UNITS[matched[2]]: int(matched[1])})


def read_lifetime(context: click.Context, option: click.Parameter, value: str | None) -> timedelta | None:
    """A duration of some length."""
    lifetime = read_duration(context, option, value)
    if lifetime == timedelta(0):
        raise click.BadParameter("The key would end at once; give it some time, such as 90d.")
    return lifetime


def _owner() -> Any:
    return owner_connection(Settings.from_env().owner_conninfo)


def _nobody(key_id: str) -> click.ClickException:
    return click.ClickException(f"No valid key has the ID {key_id}; see `daybook keys list`.")


@click.group()
def keys() -> None:
    """Create, list, rotate and revoke API keys.

    A key reads dbk_ID_SECRET. The commands below take the ID.
    """


@keys.command()
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What the key may do.")
@click.option("--name", required=True, help="Who holds the key. History shows this name forever.")
@click.option("--customer", "customer_id", help="The customer's ID, for a key of the role customer.")
@click.option(
    "--expires",
    "valid_for",
    callback=read_lifetime,
    metavar="TIME",
    help="When the key ends: 24h, 90d. Default: never.",
)
def create(role: str, name: str, customer_id: str | None, valid_for: timedelta | None) -> None:
    """Create a key and print it. It cannot be shown again: only its hash is stored."""
    if (role == Role.CUSTOMER) != (customer_id is not None):
        raise click.UsageError("A key of the role customer, and only that, needs --customer.")
    with _owner() as connection:
        try:
            key = create_key(connection, Role(role), name, customer_id=customer_id, valid_for=valid_for)
        except ValueError as error:
            raise click.UsageError(f"--name: {error}.") from None
    click.echo(key)


@keys.command("list")
def list_() -> None:
    """List all keys, oldest first, and when each was last used (to the hour)."""
    with _owner() as connection:
        listed = list_keys(connection)
    now = datetime.now().astimezone()
    click.echo(f"{'ID':<20} {'ROLE':<11} {'CREATED':<10} {'STATE':<18} {'LAST USED':<16} NAME")
    for key in listed:
        used = f"{key.last_used_at.astimezone():%Y-%m-%d %H:00}" if key.last_used_at else "never"
        click.echo(
            f"{key.id:<20} {key.role:<11} {key.created_at:%Y-%m-%d} {_state(key, now):<18} {used:<16} {key.name}"
        )


def _state(key: ApiKey, now: datetime) -> str:
    ends = key.ends_at
    if ends is None:
        return "valid"
    if ends > now:
        return f"until {ends.astimezone():%Y-%m-%d}"
    return f"{'revoked' if ends == key.revoked_at else 'expired'} {ends.astimezone():%Y-%m-%d}"


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option(
    "--overlap",
    callback=read_duration,
    metavar="TIME",
    help="How long the old key still works, if no sooner end is set: 30m, 24h, 7d. Default: it ends at once.",
)
@click.option(
    "--expires",
    "valid_for",
    callback=read_lifetime,
    metavar="TIME",
    help="When the new key ends: 24h, 90d. Default: it is valid for as long as the old one was created for.",
)
def rotate(key_id: str, overlap: timedelta | None, valid_for: timedelta | None) -> None:
    """Print a new key for the same holder, and end the old one.

    Rotating the old key again prints another new key; the old key's end moves only to be earlier, by --overlap.
    """
    key_id = named_id(key_id)
    with _owner() as connection:
        replaced = rotate_key(connection, key_id, overlap, valid_for)
    if replaced is None:
        raise _nobody(key_id)
    click.echo(replaced.key)
    if replaced.old_ends_at > datetime.now().astimezone():
        click.echo(f"{key_id} works until {replaced.old_ends_at.astimezone():%Y-%m-%d %H:%M:%S %Z}.", err=True)


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Revoke a key. Every process refuses it within a second."""
    key_id = named_id(key_id)
    with _owner() as connection:
        if not revoke_key(connection, key_id):
            raise _nobody(key_id)
    click.echo(f"Revoked {key_id}.")


@keys.command()
def history() -> None:
    """Show what happened to keys and periods, oldest first, and who did it.

    The same as GET /audit/access/events.
    """
    with _owner() as connection:
        events = read_history(connection)
    for event in events:
        about = " ".join(f"{name}={value}" for name, value in event.facts.items())
        what = event.topic.removeprefix("access.").replace("_", " ")
        who = f"{event.actor_type} {event.actor_id}"
        named = f" ({event.name})" if event.name else ""
        click.echo(f"{event.recorded_at:%Y-%m-%d %H:%M:%S} {who}: {what} {about}{named}")
