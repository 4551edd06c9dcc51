"""`daybook people`: whom an OpenID provider vouched for here, and who is let in no more whatever it says.

As the owner of the database; the log tells who was barred, with who did it.
"""

from typing import Any

import click

from access.made_keys import keys_made_by, revoke_made
from access.people import bar as bar_person
from access.people import list_people
from daybook.cli.owner import owner_connection
from daybook.settings import Settings


def _owner() -> Any:
    return owner_connection(Settings.from_env().owner_conninfo)


@click.group()
def people() -> None:
    """List, bar and unbar people whom an OpenID provider vouches for.

    Roles are given at the provider. The commands below take the ID that `list` shows.
    """


@people.command("list")
def list_() -> None:
    """List everybody whom the provider ever vouched for here, in the order in which they came."""
    with _owner() as connection:
        listed = list_people(connection)
    click.echo(f"{'ID':<30} {'ROLES':<20} {'FIRST SEEN':<10} {'LAST USED':<16} {'STATE':<7} NAME (SUBJECT)")
    for person in listed:
        used = f"{person.last_used_at.astimezone():%Y-%m-%d %H:00}" if person.last_used_at else "never"
        state = "barred" if person.barred_at else "-"
        click.echo(
            f"{person.id:<30} {','.join(person.roles):<20} {person.first_seen_at:%Y-%m-%d} {used:<16} {state:<7}"
            f" {person.name} ({person.subject})"
        )


@people.command()
@click.argument("person_id", metavar="ID")
@click.option("--keep-keys", is_flag=True, help="Do not revoke the keys that they made on the pages.")
def bar(person_id: str, *, keep_keys: bool) -> None:
    """Let a person in no more: their sessions end at once, their tokens within half a minute.

    The valid keys that they made or replaced on the pages are revoked: they have seen them.
    """
    _change(person_id, barred=True)
    with _owner() as connection:
        made = keys_made_by(connection, [person_id])
        direct = set() if keep_keys else {key.id for key in made if key.direct}
        revoked = {key.id for key in revoke_made(connection, person_id, direct)}
    for key in made:
        state = "Revoked" if key.id in revoked else "Still valid:"
        click.echo(f"{state} {key.id} ({key.role}, {key.name}).")


@people.command()
@click.argument("person_id", metavar="ID")
def unbar(person_id: str) -> None:
    """Let a person in again, with the role that the provider gives."""
    _change(person_id, barred=False)


def _change(person_id: str, *, barred: bool) -> None:
    with _owner() as connection:
        if not bar_person(connection, person_id, barred=barred):
            which = "be barred" if barred else "be unbarred"
            raise click.ClickException(f"Nobody of the ID {person_id} can {which}; see `daybook people list`.")
    click.echo(f"{'Barred' if barred else 'Unbarred'} {person_id}.")
