"""Catching up: the grid follows a log that is far ahead, beside the library's ProjectionRunner with the same view.

Two of our processes share the log by slices, as on any machine of two cores. The library's runner is one thread by
its design; its rate does not depend on how much is left, so it follows for some seconds of each round only.
"""

from __future__ import annotations

from benchmarks import projections_peer as peer
from benchmarks.harness import Bench, Row, medians
from benchmarks.projections_logs import catch_up, traded

EVENTS = 200_000
ROUNDS = 3


def run(bench: Bench) -> list[Row]:
    """Measure the section."""
    with bench.database("catch_up") as database:
        events = traded(bench, database, bench.pick(EVENTS, 2_000))
        peer.prepare(database, events)
        rounds = bench.interleave(
            {"ours": lambda: catch_up(database, events), "theirs": lambda: peer.follow(database, bench.seconds)},
            min(ROUNDS, bench.rounds),
        )
    bench.details["catch-up"] = {"events": events, "rounds": rounds}
    found = medians(rounds)
    return [
        Row(
            "catch-up",
            f"grid projection following a log of {events:,} events",
            "the library's ProjectionRunner with an equivalent view",
            "events/s",
            found["ours"],
            found["theirs"],
            35,
            70,
        )
    ]
