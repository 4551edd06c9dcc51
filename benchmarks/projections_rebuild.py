"""Rebuilding the grid from a million events, beside the library's runner and beside the limit of reading.

Ours is the whole of `daybook rebuild`: processes started, log read, opened and folded, rows written, indexes built,
caught up, compared with the live edition and swapped in. The limit is COPY out of the same events and decoding them,
by as many processes that were started before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from benchmarks import projections_peer as peer
from benchmarks.harness import Bench, Database, Row, medians
from benchmarks.processes import Costs, own_clock
from benchmarks.projections_logs import PROCESSES, catch_up, parts, read_and_decode, reading, traded
from projections.catalogue import read_model
from projections.engine.rebuild import Progress, rebuild
from projections.orders_grid.read_model import ORDERS_GRID

EVENTS = 1_000_000
PEER_EVENTS = 20_000
ROUNDS = 3


def run(bench: Bench) -> list[Row]:
    """Measure the section."""
    stages: list[dict[str, float]] = []
    with bench.database("rebuild") as database:
        events = traded(bench, database, bench.pick(EVENTS, 3_000))
        peer.prepare(database, min(events, PEER_EVENTS))
        bench.say("building the live edition")
        catch_up(database, events)
        with reading(database.projector_url) as pipes:
            costs = Costs({"rebuild": own_clock, "PostgreSQL": bench.server_clock()})
            contenders: dict[str, Callable[[], float]] = {
                "ours": costs.metered(partial(_rebuild, database, stages), lambda _: events),
                "library": partial(peer.follow, database, bench.seconds),
                "limit": partial(read_and_decode, pipes, events),
            }
            rounds = bench.interleave(
                contenders,
                min(ROUNDS, bench.rounds),
            )
    cost = f"{costs.told('event')}; {_told(stages)}"
    bench.details["rebuild"] = {"events": events, "rounds": rounds, "seconds by stage": stages}
    found = medians(rounds)
    ours_is = f"grid of {events:,} events incl. indexes, {PROCESSES} processes"
    against = ("the library's ProjectionRunner, both decrypting", "COPY out + decode of the same events")
    return [
        Row("rebuild", ours_is, against[0], "events/s", found["ours"], found["library"], 100, 180, cost=cost),
        Row("rebuild", ours_is, against[1], "events/s", found["ours"], found["limit"], 0.4, 0.6, cost=cost),
    ]


def _told(stages: Sequence[Mapping[str, float]]) -> str:
    """How long each stage took, medians of the rounds."""
    names = list(stages[0])
    taken = {name: [each[after] - each[name] for each in stages] for name, after in pairwise(names)}
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in medians(taken).items())


def _rebuild(database: Database, stages: list[dict[str, float]]) -> float:
    """Rebuild once; returns events per second of the whole."""
    begun: dict[str, float] = {}

    def watch(progress: Progress) -> None:
        begun.setdefault(progress.stage, time.perf_counter())

    started = time.perf_counter()
    result = rebuild(database.projector_url, parts, read_model, ORDERS_GRID.name, processes=PROCESSES, watch=watch)
    taken = time.perf_counter() - started
    if result.before != result.after or not result.rows:
        raise AssertionError(f"the new edition differs: {result.first_differences}")
    stages.append({stage: round(moment - started, 2) for stage, moment in begun.items()} | {"end": round(taken, 2)})
    return result.events / taken
