"""Rebuilding a read model beside the running one: fold the log anew, index, catch up, compare, swap.

Reads and commands go on all the while; only the swap itself asks for the tables, for a moment and never
insisting. The edition that was live before is kept, so that a rollback is a swap again.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from queue import SimpleQueue
from time import sleep
from typing import Any

import psycopg.errors
from psycopg import Connection, sql

from eventstore import feed
from projections.engine import editions, erasing, slices
from projections.engine.comparison import Comparison, Contents, Difference, compare
from projections.engine.connecting import connect
from projections.engine.decoder import Decoder
from projections.engine.editions import CHECK, NEXT, OLD
from projections.engine.follower import Follower
from projections.engine.kept_rows import take_over
from projections.engine.model import Find, ReadModel
from projections.engine.parking import Unfoldable, park
from projections.engine.refold import Parts, Refolded, Task, refold, stretches_of
from projections.engine.slices import SLICES, Slice

PROCESSES = 2
# A swap waits this long for a table in use, then lets the readers through and asks again.
LOCK_TIMEOUT_MS = 200
SWAP_ATTEMPTS = 300
INDEXES_AT_ONCE = 2
VACUUM_TIMEOUT_MS = 600_000
DIFFERENCES_SHOWN = 10


class RebuildError(Exception):
    """The rebuild cannot go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: "fold" counts events, "index" indexes, "catch up" events, "swap" attempts."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made of the log, and how that compares with what was there before."""

    events: int
    rows: int
    parked: int
    before: Contents
    after: Contents
    first_differences: Sequence[Difference]
    swapped: bool


Watch = Callable[[Progress], None]
Accept = Callable[[Contents, Contents, Sequence[Difference]], bool]


def rebuild(
    conninfo: str,
    parts: Parts,
    find: Find,
    name: str,
    *,
    processes: int = PROCESSES,
    watch: Watch = lambda _: None,
    accept: Accept = lambda *_: True,
) -> Rebuilt:
    """Make a new edition of a read model and let it take the place of the live one, if ``accept`` likes it.

    ``conninfo`` acts as daybook_projector. Raises RebuildError.
    """
    model = find(name)
    following = f"{model.name}{NEXT}"
    with _alone(conninfo, model) as connection:
        task = Task(conninfo, parts, find, model.name, following, feed.head(connection))
        folded = _fold(connection, task, processes, watch, keep=True)
        _index(connection, conninfo, model, following, watch)
        follower = _follower(connection, parts, model, following)
        with _analyzing(conninfo, following):
            _catch_up(follower, connection, watch)
            with compare(connection, model, model.name, following) as comparison:
                before, after = comparison.left, comparison.right
                differences = list(islice(comparison.differences(), DIFFERENCES_SHOWN))
        swapped = accept(before, after, differences)
        if swapped:
            _swap(connection, model, follower, following, watch)
        else:
            editions.drop(connection, following)
    return Rebuilt(folded.events, folded.rows, len(folded.failures), before, after, differences, swapped)


def rollback(conninfo: str, parts: Parts, model: ReadModel[Any], *, watch: Watch = lambda _: None) -> None:
    """Let the edition kept by the last rebuild take its place again, once it has caught up."""
    kept = f"{model.name}{OLD}"
    with _alone(conninfo, model) as connection:
        if not editions.exists(connection, kept):
            raise RebuildError(f"There is no earlier edition of {model.name} to go back to.")
        follower = _follower(connection, parts, model, kept)
        _catch_up(follower, connection, watch)
        _swap(connection, model, follower, kept, watch)


@contextmanager
def verify(
    conninfo: str,
    parts: Parts,
    find: Find,
    name: str,
    *,
    processes: int = PROCESSES,
    watch: Watch = lambda _: None,
) -> Iterator[Comparison]:
    """Compare a read model (left) with a fresh fold of the log (right), for as long as the block lasts.

    The fresh fold takes the events as objects of their classes: what bare shapes left out would come to light.
    """
    model = find(name)
    fresh = f"{model.name}{CHECK}"
    with _alone(conninfo, model) as connection:
        task = Task(conninfo, parts, find, model.name, fresh, feed.head(connection), bare=False)
        _fold(connection, task, processes, watch, keep=False)
        try:
            with compare(connection, model, model.name, fresh) as comparison:
                yield comparison
        finally:
            editions.drop(connection, fresh)


@contextmanager
def _alone(conninfo: str, model: ReadModel[Any]) -> Iterator[Connection[Any]]:
    """A connection whose session alone may make editions of this read model."""
    with connect(conninfo) as connection:
        slices.create(connection, model.name)
        row = connection.execute(
            "SELECT pg_try_advisory_lock(%s, hashtext(%s))", [erasing.REBUILDING, model.name]
        ).fetchone()
        if row is None or not row[0]:
            raise RebuildError(f"Another rebuild or verification of {model.name} is running; wait for it or end it.")
        yield connection


def _fold(connection: Connection[Any], task: Task, processes: int, watch: Watch, *, keep: bool) -> Refolded:
    """Fold the log up to now into a new table; its positions and parked orders are written last.

    With ``keep``, orders that cannot be folded have the rows that the live edition has of them.
    """
    table, pin = task.table, task.pin
    editions.create(connection, task.model, table)
    folded = Refolded()
    watch(Progress("fold", 0, pin))
    for done in refold(task, stretches_of(connection, pin), processes):
        folded.add(done)
        watch(Progress("fold", folded.events, pin))
    with connection.transaction():
        slices.create(connection, table)
        if keep:
            # Whom the live edition does not know to be erased yet it shows as before.
            erased = erasing.erased_between(connection, slices.behind(connection, task.model), pin)
            unfolded = [partition_id for partition_id, *_ in folded.failures if partition_id not in erased]
            folded.rows += take_over(connection, task.find(task.model), table, unfolded, folded.counts)
        held = {number: Slice(number, pin, folded.counts[number]) for number in range(SLICES)}
        slices.move(connection, table, held)
        for partition_id, position, error in folded.failures:
            park(connection, table, partition_id, Unfoldable(position, error))
    return folded


def _index(connection: Connection[Any], conninfo: str, model: ReadModel[Any], table: str, watch: Watch) -> None:
    """Build the indexes of the live table, two at a time."""
    groups = editions.index_statements(connection, model.name, table)
    watch(Progress("index", 0, len(groups)))

    idle: SimpleQueue[Connection[Any]] = SimpleQueue()

    def build(group: list[sql.Composed]) -> None:
        own = idle.get()
        try:
            for statement in group:
                own.execute(statement)
        finally:
            idle.put(own)  # also when it failed: others wait for it, and shall fail too

    with ExitStack() as stack:
        for _ in range(INDEXES_AT_ONCE):
            own = stack.enter_context(connect(conninfo))
            # They are built side by side already: more processes for each would only take turns.
            own.execute("SET maintenance_work_mem = '256MB'; SET max_parallel_maintenance_workers = 0")
            idle.put(own)
        pool = stack.enter_context(ThreadPoolExecutor(INDEXES_AT_ONCE))
        for number, _ in enumerate(pool.map(build, groups), start=1):
            watch(Progress("index", number, len(groups)))


@contextmanager
def _analyzing(conninfo: str, table: str) -> Iterator[None]:
    """Let the planner know the new table while something else is done with it."""

    def analyze() -> None:
        with connect(conninfo) as own:
            own.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("read", table)))

    with ThreadPoolExecutor(1) as pool:
        analyzed = pool.submit(analyze)
        yield
        analyzed.result()


def _follower(connection: Connection[Any], parts: Parts, model: ReadModel[Any], table: str) -> Follower:
    codec, keyring = parts()
    return Follower(connection, model, Decoder.of(model, codec, keyring), name=table)


def _catch_up(follower: Follower, connection: Connection[Any], watch: Watch) -> None:
    """Take in what was appended meanwhile, until nothing is left for a moment."""
    done = 0
    while True:
        step = follower.step()
        done += step.events
        watch(Progress("catch up", done, done if not step.more else max(done, feed.head(connection))))
        if not step.more:
            return


def _swap(connection: Connection[Any], model: ReadModel[Any], follower: Follower, edition: str, watch: Watch) -> None:
    """Exchange the live edition for another, which misses nothing that the live one shows.

    The live one's slices are held meanwhile, so that no batch is under way; the one that was live becomes the old one.
    """
    watch(Progress("swap", 0, SWAP_ATTEMPTS))
    with connection.transaction():
        _keep_vacuum_away(connection, model.name, edition)
        while follower.step().more:
            pass
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(LOCK_TIMEOUT_MS))
        for attempt in range(1, SWAP_ATTEMPTS + 1):
            watch(Progress("swap", attempt, SWAP_ATTEMPTS))
            if _exchanged(connection, model, follower, edition):
                break
            sleep(LOCK_TIMEOUT_MS / 1000)
        else:
            message = f"read.{model.name} was in use all the time; run it again when fewer long reads are under way."
            raise RebuildError(message)
    watch(Progress("swap", SWAP_ATTEMPTS, SWAP_ATTEMPTS))


def _exchanged(connection: Connection[Any], model: ReadModel[Any], follower: Follower, edition: str) -> bool:
    """Whether the tables could be had at once; if not, nothing has happened."""
    try:
        with connection.transaction():
            _exchange(connection, model, follower, edition)
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def _keep_vacuum_away(connection: Connection[Any], live: str, edition: str) -> None:
    """Take a lock that neither readers nor writers notice, and that an automatic vacuum gives way to.

    It does so only for who waits longer than deadlock_timeout, which no lock that stops readers should be asked for.
    """
    tables = [table for table in dict.fromkeys([live, edition, f"{live}{OLD}"]) if editions.exists(connection, table)]
    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(VACUUM_TIMEOUT_MS))
    names = sql.SQL(", ").join([sql.Identifier("read", table) for table in tables])
    try:
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(names))
    except psycopg.errors.LockNotAvailable:
        message = f"A vacuum or a change of {' or '.join(tables)} is under way; run it again when that has ended."
        raise RebuildError(message) from None


def _exchange(connection: Connection[Any], model: ReadModel[Any], follower: Follower, edition: str) -> None:
    live = model.name
    kept = f"{live}{OLD}"
    aside = f"{live}_aside"
    erasing.remove_unseen(connection, model, live)  # it takes all slices
    while follower.step().more:
        pass
    editions.rename(connection, edition, aside)
    if edition != kept:
        editions.drop(connection, kept)
    editions.rename(connection, live, kept)
    editions.rename(connection, aside, live)
