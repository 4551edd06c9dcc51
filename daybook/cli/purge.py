"""`daybook purge`: what was erased goes from the disk too."""

import click
import psycopg
from psycopg.errors import InsufficientPrivilege

from adapters.postgres.roles import SUPERUSER, read_logins
from daybook.purging import InUse, cycle_wal, rewrite_samples, rewrite_tables, wait_for_others
from daybook.settings import Settings


@click.command()
def purge() -> None:
    """Write anew what may still hold the bytes of customers who were erased.

    The tables of the read models and those beside the log are closed one after the other while they are written, for
    seconds each; at most their own size is needed in room. The log of events is left alone: of it the keys are gone.
    What is archived of the write-ahead log, standbys and backups are not reached; see docs/how-to/erase-a-customer.md.
    """
    settings = Settings.from_env()
    logins = read_logins(settings.home) if settings.embedded else None
    conninfo = logins.url(SUPERUSER) if logins else settings.owner_conninfo
    try:
        with psycopg.connect(conninfo, autocommit=True) as above:
            wait_for_others(above)
            with psycopg.connect(settings.owner_conninfo, autocommit=True) as connection:
                rewrite_tables(connection, click.echo)
            wait_for_others(above)
            rewrite_samples(above, click.echo)
            cycle_wal(above, click.echo)
    except InUse as busy:
        raise click.ClickException(f"{busy} was in use all the time; run it again when fewer are working.") from None
    except InsufficientPrivilege:
        raise click.ClickException(
            "The tables are written anew. The rest only the server's superuser may: VACUUM FULL pg_statistic; then "
            "CHECKPOINT and pg_switch_wal() until pg_wal holds nothing older (docs/how-to/erase-a-customer.md)."
        ) from None
    click.echo("Nothing of before is left in this database's own files.")
