"""The commands about read models: how far they are, what is parked, rebuild, verify, retry.

They act as the projections do, beside the running ones, and never touch the log.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from time import monotonic
from typing import Any, Self
from uuid import UUID

import click

from application.unit_of_work import EVENT_CLASSES
from daybook.cli import processes
from daybook.settings import Settings
from eventstore.codec import Codec
from eventstore.master_key import MasterKey
from eventstore.personal_data import Keyring
from projections.catalogue import READ_MODELS, read_model
from projections.engine.comparison import Comparison, Contents, Difference
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.follower import Follower
from projections.engine.lag import lags
from projections.engine.parking import parked
from projections.engine.rebuild import PROCESSES, Progress, RebuildError, rebuild, rollback, verify

# A rate of the first moments tells nothing.
RATE_AFTER_SECONDS = 0.2

NAMES = [model.name for model in READ_MODELS]
_name = click.argument("name", type=click.Choice(NAMES))
_processes = click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=PROCESSES,
    show_default=True,
    help="How many processes work in parallel.",
)


def codec_and_keyring(master_key: bytes | MasterKey) -> tuple[Codec, Keyring]:
    """What a process needs to read the log; called in each of them."""
    return Codec(EVENT_CLASSES), Keyring(master_key)


@click.command("rebuild")
@_name
@_processes
@click.option("--rollback", "back", is_flag=True, help="Go back to the edition that the last rebuild replaced.")
@click.option("--only-if-equal", is_flag=True, help="Replace the live edition only if the new one has the same rows.")
def rebuild_command(name: str, processes: int, back: bool, only_if_equal: bool) -> None:
    """Build a read model again from the log, then put it in place of the live one.

    Reads and commands go on meanwhile. The replaced edition is kept for --rollback.
    """
    settings = Settings.from_env()
    parts = partial(codec_and_keyring, settings.master_key)
    with Bars() as bars:
        try:
            if back:
                rollback(settings.projector_conninfo, parts, read_model(name), watch=bars.show)
                result = None
            else:
                result = rebuild(
                    settings.projector_conninfo,
                    parts,
                    read_model,
                    name,
                    processes=processes,
                    watch=bars.show,
                    accept=(lambda before, after, _: before == after) if only_if_equal else (lambda *_: True),
                )
        except RebuildError as error:
            raise click.ClickException(str(error)) from None
    if result is None:
        click.echo(f"{name} is the edition again that the last rebuild replaced, and it is up to date.")
        return
    click.echo(f"Folded {result.events} events into {result.rows} rows; {result.parked} orders parked.")
    _tell(result.before, result.after, result.first_differences)
    if not result.swapped:
        raise click.ClickException("The live edition stays, because the new one differs.")
    click.echo(f"{name} is rebuilt; `daybook rebuild {name} --rollback` goes back.")


@click.command("verify")
@_name
@_processes
def verify_command(name: str, processes: int) -> None:
    """Compare a read model with what the log says, and list every difference.

    Lists keys and columns, never their values, which may be personal. Parked orders are listed, not compared. Exits
    with status 1 if anything differs.
    """
    settings = Settings.from_env()
    parts = partial(codec_and_keyring, settings.master_key)
    found = 0
    waiting: Collection[UUID] = ()
    try:
        with (
            Bars() as bars,
            verify(
                settings.projector_conninfo, parts, read_model, name, processes=processes, watch=bars.show
            ) as comparison,
        ):
            bars.end()
            _tell(comparison.left, comparison.right, ())
            for difference in comparison.differences():
                found += 1
                click.echo(str(difference))
            waiting = comparison.parked.keys() | comparison.unfoldable.keys()
            _tell_waiting(name, comparison)
    except RebuildError as error:
        raise click.ClickException(str(error)) from None
    if found:
        raise click.ClickException(
            f"{found} rows of {name} differ from the log; `daybook rebuild {name}` puts them right."
        )
    if waiting:
        raise click.ClickException(
            f"{len(waiting)} orders of {name} wait for a retry; everything else is as in the log."
        )
    click.echo(f"{name} is what the log says.")


@click.command("projections")
def projections_command() -> None:
    """Show how far each read model is behind the log, and which orders are parked."""
    with connect(Settings.from_env().projector_conninfo) as connection:
        for lag in lags(connection, NAMES):
            click.echo(
                f"{lag.projection:<14} position {lag.position}, {lag.events} events ({lag.seconds:.1f} s) behind, "
                f"{lag.parked} parked"
            )
        for waiting in parked(connection):
            click.echo(
                f"parked: {waiting.projection} {waiting.partition_id} at position {waiting.position} since "
                f"{waiting.since:%Y-%m-%d %H:%M:%S}, {waiting.attempts} attempts: {waiting.error}"
            )


@click.command("retry")
@click.argument("name", type=click.Choice([*NAMES, *processes.NAMES]))
@click.argument("order_id", type=click.UUID, required=False)
@click.option("--give-up", "never", is_flag=True, help="Stop trying what a process set aside for this order.")
def retry_command(name: str, order_id: UUID | None, never: bool) -> None:
    """Try again what failed: one order, or all that a read model parked or a process set aside.

    A parked order is folded at once by this command; what a process set aside is tried by the running worker.
    """
    if never:
        if order_id is None or name not in processes.NAMES:
            raise click.UsageError("--give-up needs the name of a process and an order.")
        processes.give_up_of_process(name, order_id)
        return
    if name in processes.NAMES:
        processes.retry_process(name, order_id)
        return
    settings = Settings.from_env()
    codec, keyring = codec_and_keyring(settings.master_key)
    model = read_model(name)
    failures = 0
    with connect(settings.projector_conninfo) as connection:
        follower = Follower(connection, model, Decoder.of(model, codec, keyring))
        waiting = [each.partition_id for each in parked(connection, name)]
        if order_id is not None and order_id not in waiting:
            raise click.ClickException(f"{name} has not parked {order_id}.")
        for partition_id in waiting if order_id is None else [order_id]:
            reason = follower.retry(partition_id)
            failures += reason is not None
            click.echo(f"{partition_id}: {'shown again' if reason is None else reason}")
    if failures:
        raise click.ClickException(f"{failures} orders stay parked.")


def _tell_waiting(name: str, comparison: Comparison) -> None:
    """Say which orders were not compared, and what to do: their rows are kept as they were."""
    for order_id, position in comparison.unfoldable.items():
        click.echo(f"{order_id}: cannot be folded, because of position {position}; its row stays as it is")
    for order_id in comparison.parked.keys() - comparison.unfoldable.keys():
        click.echo(f"{order_id}: is parked and can be folded now: `daybook retry {name} {order_id}`")


def _tell(before: Contents, after: Contents, differences: Sequence[Difference]) -> None:
    click.echo(f"Live: {before.rows} rows, checksum {before.checksum}. From the log: {after.rows}, {after.checksum}.")
    for difference in differences:
        click.echo(f"  {difference}")


_LABELS = {"fold": "Folding events", "index": "Building indexes", "catch up": "Catching up", "swap": "Swapping"}


class Bars:
    """A progress bar per stage, with rate and time left."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: Any = None
        self._started = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def show(self, progress: Progress) -> None:
        """Move the bar of a stage; a new stage begins a new bar."""
        if progress.stage != self._stage:
            self.end()
            self._stage, self._started = progress.stage, monotonic()
            self._bar = click.progressbar(
                length=progress.total, label=_LABELS[progress.stage], item_show_func=self._rate(progress.stage)
            )
        if self._bar is not None:
            self._bar.length = max(progress.total, 1)
            self._bar.update(progress.done - self._bar.pos, progress.done)

    def end(self) -> None:
        """Finish the bar that is shown."""
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None

    def _rate(self, stage: str) -> Callable[[Any], str | None]:
        def shown(done: Any) -> str | None:
            taken = monotonic() - self._started
            if done is None or stage not in {"fold", "catch up"} or taken < RATE_AFTER_SECONDS:
                return None
            return f"{done / taken:,.0f} events/s"

        return shown


COMMANDS: tuple[click.Command, ...] = (
    rebuild_command,
    verify_command,
    projections_command,
    retry_command,
    processes.processes_command,
)
