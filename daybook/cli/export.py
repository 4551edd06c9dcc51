"""`daybook export`: a bundle of events that can be proved on a machine without Daybook.

It holds nothing that the log has sealed in clear, and changes nothing.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import click

from adapters.seals.checkpoint_file import read_checkpoint_notes
from daybook.cli.seals import known_keys
from daybook.settings import Settings
from eventstore.patience import PatientConnection
from eventstore.seals.checkpoint import SignedCheckpoint
from eventstore.seals.exporting import Bundle, ExportError, Selection, export
from eventstore.seals.note import NoteError, VerifierKey
from eventstore.seals.reader import last_note


@click.group("export", invoke_without_command=True)
@click.option("--from", "first", type=click.IntRange(min=1), default=1, show_default=True, help="The first position.")
@click.option("--to", "last", type=click.IntRange(min=1), help="The last position; default: the last one sealed.")
@click.option("--order", "order_id", type=click.UUID, help="The events of one order (its id) instead of a range.")
@click.option(
    "--checkpoint",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Prove against the last checkpoint in this file, such as an auditor's; default: the last one made.",
)
@click.option("--key", "keys", multiple=True, help="A verifier key to add; without it those of SEAL_KEY_FILE.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="The folder to write, always named; it must not exist."
)
@click.pass_context
def export_command(  # noqa: PLR0917  (click passes them by name)
    context: click.Context,
    first: int,
    last: int | None,
    order_id: UUID | None,
    file: Path | None,
    keys: Sequence[str],
    folder: Path | None,
) -> None:
    """Write events with their proof into a folder, to be checked on a machine without Daybook.

    Personal data stays sealed in it, and it stays valid after the keys of a customer are erased. With a word behind it
    something else is taken out: `daybook export orders`.
    """
    if context.invoked_subcommand is not None:
        return
    if folder is None:
        raise click.UsageError("Missing option '--out': name the folder to write.")
    _write_bundle(first, last, order_id, file, keys, folder)


def _write_bundle(  # noqa: PLR0917
    first: int, last: int | None, order_id: UUID | None, file: Path | None, keys: Sequence[str], folder: Path
) -> None:
    known = known_keys(keys)
    with PatientConnection.connect(
        Settings.from_env().app_conninfo, autocommit=True, client_encoding="utf8"
    ) as connection:
        try:
            if order_id is not None and (first != 1 or last is not None):
                raise click.UsageError("Name an order, or a range, not both.")
            note = _from_file(file) if file else _required(last_note(connection))
            _require_signer(note, known)
            verifier = {name: (files("verifier") / name).read_bytes() for name in ("verify.py", "README.md")}
            bundle = Bundle(note, [str(key) for key in known], verifier)
            with click.progressbar(length=1, label="Exporting", show_percent=True) as bar:

                def progress(done: int, of: int) -> None:
                    bar.length = of
                    bar.update(done - bar.pos)

                count = export(connection, folder, Selection(first, last, order_id), bundle, progress)
        except (ExportError, NoteError) as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be written: {error.strerror}.") from None
    size = SignedCheckpoint.parse(note).checkpoint.size
    click.echo(f"{count} events in {folder}, proved against the checkpoint of {size} events.")
    click.echo(f"To check: python3 {folder / 'verify.py'} {folder} --key KEY")


def _from_file(file: Path) -> str:
    notes = list(read_checkpoint_notes(file))
    if not notes:
        raise ExportError(f"{file} holds no checkpoint.")
    return notes[-1]


def _require_signer(note: str, known: Sequence[VerifierKey]) -> None:
    if not SignedCheckpoint.parse(note).note.signers(known):
        raise ExportError("The checkpoint is signed by none of the known keys; name its key with --key.")


def _required(note: str | None) -> str:
    if note is None:
        raise ExportError("The log has no checkpoint yet; let `daybook seal` run first.")
    return note
