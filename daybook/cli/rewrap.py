"""`daybook keys rewrap`: another master key, while everything goes on."""

import click
import psycopg

from daybook.settings import Settings
from eventstore.personal_data import Keyring
from eventstore.rewrapping import Rewrapped, rewrap
from webhooks.resealing import reseal
from webhooks.secrets import SecretBox


@click.command("rewrap")
def rewrap_command() -> None:
    """Wrap the keys of personal data anew, under the first of the master keys that are set.

    Before: set DAYBOOK_MASTER_KEY (or write in master.key) the new key, a blank and the old one, and restart every
    process. Then run this, while everything goes on; it can be ended and begun again. It prints what to set at last.
    """
    settings = Settings.from_env()
    master_key = settings.master_key
    keyring = Keyring(master_key)
    with psycopg.connect(settings.owner_conninfo, autocommit=True) as connection:
        done = rewrap(connection, keyring, _show)
        secrets = reseal(connection, SecretBox(master_key))
    click.echo(
        f"{done.wrapped} of {done.total} keys were wrapped anew, {secrets} secrets of webhooks sealed anew.", err=True
    )
    if done.lost:
        raise click.ClickException(
            f"{done.lost} keys open under none of the master keys that are set; add the missing."
        )
    if len(master_key.opening) > 1:
        click.echo("Every key is wrapped under the new master key. Set the following, and restart:", err=True)
        click.echo(master_key.renewed)


def _show(done: Rewrapped) -> None:
    click.echo(f"{done.seen}/{done.total} looked at, {done.wrapped} wrapped anew", err=True)
