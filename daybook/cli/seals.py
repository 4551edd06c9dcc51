"""`daybook seals` and `daybook verify-log`: the keys that sign checkpoints, and the log held against all of them.

A signing key is never shown. Nothing here writes to the database.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import click
import psycopg

from adapters.seals.checkpoint_file import read_checkpoint_notes
from adapters.seals.key_file import KeyFile, KeyFileError
from daybook.run.sealing import made_up_origin
from daybook.settings import Settings
from eventstore.seals.checkpoint import SignedCheckpoint
from eventstore.seals.note import NoteError, VerifierKey
from eventstore.seals.reader import last_note
from eventstore.seals.verifying import Finding, Report, verify


@click.group()
def seals() -> None:
    """Show, rotate and retire the keys that sign the checkpoints of the log."""


@seals.command("key")
def key_command() -> None:
    """Print the public keys that auditors check checkpoints with, the current one last.

    Hand them to the auditor in person or over a channel that nobody on this machine can change later.
    """
    for key in known_keys(()):
        click.echo(str(key))


@seals.command("rotate")
def rotate_command() -> None:
    """Make a new signing key. Earlier keys keep signing beside it until `daybook seals retire`.

    The running sealer picks it up. Existing checkpoints stay as they are.
    """
    settings = Settings.from_env()
    keys = KeyFile(settings.seal_key_file)
    try:
        new = keys.rotate(_origin(keys, settings))
    except KeyFileError as error:
        raise click.ClickException(str(error)) from None
    click.echo(str(new.verifier))


@seals.command("retire")
def retire_command() -> None:
    """Delete all signing keys but the current one, so that they sign nothing any more."""
    try:
        forgotten = KeyFile(Settings.from_env().seal_key_file).retire()
    except KeyFileError as error:
        raise click.ClickException(str(error)) from None
    for key in forgotten:
        click.echo(f"Signs no more: {key}")
    if not forgotten:
        click.echo("There is only the present key.")


@click.command("verify-log")
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with checkpoints from outside, such as an auditor's copy; may be given more than once.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="A public key to trust, or a file of them; default: those of SEAL_KEY_FILE.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 1,
    show_default=True,
    help="How many work in parallel.",
)
def verify_log_command(files: Sequence[Path], keys: Sequence[str], processes: int) -> None:
    """Recompute the log and compare it with every checkpoint, in the database and outside it.

    Names the first event that was changed, removed, inserted or reordered, and what proves it. Exits with status 1 if
    anything is found. The checkpoints in CHECKPOINT_FILE are always used.
    """
    settings = Settings.from_env()
    started = monotonic()
    try:
        with click.progressbar(length=1, label="Recomputing the log", show_percent=True) as bar:

            def progress(done: int, of: int) -> None:
                bar.length = max(of, 1)
                bar.update(done - bar.pos)

            known, notes = known_keys(keys), _notes([*_published(settings), *files])
            report = verify(settings.app_conninfo, notes, known, progress, processes)
    except (NoteError, KeyFileError, OSError) as error:
        raise click.ClickException(str(error)) from None
    _tell(report, monotonic() - started)


def known_keys(given: Sequence[str]) -> list[VerifierKey]:
    """The verifier keys that were given, or those of this machine's key file. Raises click.ClickException."""
    try:
        if given:
            return [VerifierKey.parse(line) for text in given for line in _lines(text)]
        keys = KeyFile(Settings.from_env().seal_key_file)
        if known := keys.verifiers():
            return known
    except (NoteError, KeyFileError) as error:
        raise click.ClickException(f"A verifier key cannot be read: {error}.") from None
    raise click.ClickException(
        f"No verifier key is known: {keys.verifier_keys} is missing. The sealer makes it at its first start; "
        "on another machine name the log's key with --key."
    )


def _lines(key: str) -> list[str]:
    """The keys that were typed, or those of a file of them."""
    text = Path(key).read_text() if "\n" not in key and Path(key).is_file() else key
    return [line for line in text.split("\n") if line.strip()]


def _published(settings: Settings) -> list[Path]:
    return [settings.checkpoint_file] if settings.checkpoint_file.exists() else []


def _notes(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for file in files:
        try:
            for note in read_checkpoint_notes(file):
                SignedCheckpoint.parse(note)
                yield note, str(file)
        except NoteError as error:
            raise NoteError(f"{file} holds something that is no checkpoint: {error}") from None


def _tell(report: Report, seconds: float) -> None:
    rate = f"{report.events / max(seconds, 0.001):,.0f} a second"
    click.echo(
        f"{report.events:,} events recomputed in {seconds:.1f} s ({rate}); {report.sealed:,} of them are sealed."
    )
    click.echo(f"Checkpoints compared: {report.inside:,} inside the database, {report.outside:,} from outside.")
    if not report.findings:
        told = "Every one agrees." if report.inside + report.outside else "There is none, so nothing is proved."
        click.echo(told)
        if not report.outside:
            click.echo("None is from outside: who owns the database and the key could have rewritten all of it.")
        return
    for finding in report.findings:
        click.echo(_sentence(finding))
    raise click.ClickException("The log is not as it was sealed, or cannot be shown to be.")


def _sentence(finding: Finding) -> str:
    proof = f" Proved by {finding.proof}." if finding.proof else ""
    return f"{finding.kind.replace('_', ' ').upper()}: {finding.detail}{proof}"


def _origin(keys: KeyFile, settings: Settings) -> str:
    """The log's name: as the present key has it, or the last checkpoint when that key is lost."""
    if keys.exists:
        return keys.signing()[0].name
    with psycopg.connect(settings.app_conninfo) as connection:
        note = last_note(connection)
    return SignedCheckpoint.parse(note).checkpoint.origin if note else made_up_origin(settings)
