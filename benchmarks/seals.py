"""Seals: a backlog sealed as fast as it goes, and the whole log recomputed from its rows.

Goals: 50,000 events a second sealed, 200,000 recomputed with two processes on two cores. What else
the machine does counts in full: both are bound by the CPU. `python -m benchmarks --only seals`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from adapters.identifiers import new_id
from adapters.seals.checkpoint_file import CheckpointFile
from benchmarks.append_contenders import PAYLOAD
from benchmarks.harness import Bench, Row
from eventstore.bulk import load
from eventstore.records import Append, Metadata, NewEvent
from eventstore.seals.note import SigningKey
from eventstore.seals.sealer import Sealer
from eventstore.seals.verifying import PROCESSES, verify


def run(bench: Bench) -> list[Row]:
    """Seal a log that is there already, then recompute it."""
    events = bench.pick(2_000_000, 400_000)
    key = SigningKey.generate("bench")
    with bench.database("seals") as database, TemporaryDirectory() as folder:
        load(database.owner_url, _orders(events // 4))
        started = time.perf_counter()
        with psycopg.connect(database.app_url, autocommit=True) as connection:
            sealer = Sealer(connection, lambda: [key], CheckpointFile(Path(folder) / "checkpoints.txt"))
            while sealer.step():
                pass
        sealed = events / (time.perf_counter() - started)
        started = time.perf_counter()
        report = verify(database.app_url, [], [key.verifier], processes=PROCESSES)
        recomputed = events / (time.perf_counter() - started)
        if report.findings or report.sealed != events:
            raise AssertionError(f"the log does not agree with its seals: {report}")
    return [
        Row("seals", "sealing a backlog", "a figure", "events/s", sealed, None, 50_000, 100_000),
        Row("seals", f"verify-log, {PROCESSES} processes", "a figure", "events/s", recomputed, None, 200_000, 250_000),
    ]


def _orders(count: int) -> Iterator[Append]:
    """Orders of four events, each of some 400 bytes beside its columns."""
    for _ in range(count):
        order_id, command_id = new_id(), new_id()
        asked = Metadata(command_id, command_id, None, "api_key", "integrator")
        yield Append(
            [
                NewEvent(
                    order_id, version, order_id, order_id, "order", "order.placed", 1, PAYLOAD[:400], None, None,
                    datetime.now(UTC),
                )
                for version in range(1, 5)
            ],
            asked,
        )  # fmt: skip
