"""The command line, `daybook`: run it all, or one part, or keep the schema and the keys.

Every refusal is one sentence that says what to do, and exit status 1. No command deletes anything.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import psycopg

import migrations
from adapters.postgres.binaries import PostgresUnavailable
from daybook import __version__
from daybook.cli import read_models
from daybook.cli.export import export_command
from daybook.cli.keys import keys
from daybook.cli.mailbox import mailbox
from daybook.cli.oidc import oidc
from daybook.cli.people import people
from daybook.cli.periods import periods
from daybook.cli.purge import purge
from daybook.cli.rewrap import rewrap_command
from daybook.cli.seals import seals, verify_log_command
from daybook.exporting.command import orders
from daybook.importing.command import import_command
from daybook.run.keeping import heard_or_not
from daybook.run.supervisor import CannotRun, Stopping, Supervisor
from daybook.settings import Settings, SettingsError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_SENTENCES = (CannotRun, PostgresUnavailable, SettingsError, migrations.MigrationError)


def in_one_sentence(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Show an expected refusal as its sentence instead of a traceback."""

    @wraps(command)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return command(*args, **kwargs)
        except _SENTENCES as error:
            raise click.ClickException(str(error)) from None
        except psycopg.OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            raise click.ClickException(f"The database cannot be reached; start it first ({reason}).") from None
        except psycopg.errors.UndefinedTable:
            raise click.ClickException("The database has no tables yet; run `daybook migrate` first.") from None

    return wrapped


@click.group()
@click.version_option(__version__, message="Daybook %(version)s")
def main() -> None:
    """Daybook: orders from checkout to tracking, on a log of everything that happened.

    Settings come from the environment: DATABASE_URL, DAYBOOK_HOME, PORT and others, all explained in
    docs/reference/settings.md.
    """


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default: PORT, else 8080.")
@click.option("--host", help="Address to listen on; default: HOST, else 127.0.0.1.")
@in_one_sentence
def run(port: int | None, host: str | None) -> None:
    """Run everything on this machine: database, web server, projections, worker, sealer.

    Starts a PostgreSQL of its own in DAYBOOK_HOME (default: var/), unless DATABASE_URL names another. Ctrl-C stops
    everything that was started. A process that dies is reported and started again.
    """
    settings = Settings.from_env()
    settings = replace(settings, port=port or settings.port, host=host or settings.host)
    Supervisor(settings, heard_or_not(click.echo), Stopping()).run()


@main.command()
@in_one_sentence
def migrate() -> None:
    """Bring the database's schema up to date. Connects as the database's owner."""
    applied = migrations.migrate(Settings.from_env().owner_conninfo)
    for name in applied:
        click.echo(f"Applied {name}")
    if not applied:
        click.echo("The schema is up to date.")


@main.command()
@in_one_sentence
def serve() -> None:
    """Run the web server only: WEB_WORKERS processes, each answering WEB_THREADS requests at once."""
    from daybook.run.serving import serve as serve_http  # noqa: PLC0415  (granian is not needed by the other commands)

    serve_http(Settings.from_env())


@main.command()
@in_one_sentence
def project() -> None:
    """Keep the read models up to date with the log, until stopped."""
    from daybook.run.projecting import project as project_log  # noqa: PLC0415  (nor are the projections)

    project_log(Settings.from_env())


@main.command()
@in_one_sentence
def work() -> None:
    """Do what follows from recorded events: batches, gateway requests, expiry, mails; until stopped."""
    from daybook.run.working import work as work_on  # noqa: PLC0415  (nor are the processes)

    work_on(Settings.from_env())


@main.command()
@in_one_sentence
def seal() -> None:
    """Seal the log and publish its checkpoints outside the database, until stopped."""
    from daybook.run.sealing import seal as seal_log  # noqa: PLC0415  (nor is the sealer)

    seal_log(Settings.from_env())


keys.add_command(rewrap_command)
for group in (keys, oidc, people, periods, seals):
    main.add_command(group)
    for command in group.commands.values():
        command.callback = in_one_sentence(command.callback or main)
for about_proofs in (verify_log_command, export_command):
    about_proofs.callback = in_one_sentence(about_proofs.callback or main)
    main.add_command(about_proofs)
main.add_command(import_command)
export_command.add_command(orders)
main.add_command(mailbox)
purge.callback = in_one_sentence(purge.callback or main)
main.add_command(purge)
for about_read_models in read_models.COMMANDS:
    about_read_models.callback = in_one_sentence(about_read_models.callback or main)
    main.add_command(about_read_models)
