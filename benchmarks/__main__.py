"""The whole benchmark, or one section of it: `python -m benchmarks [--only SECTION] [--quick]`, `make bench`.

Sections run one after the other on one embedded PostgreSQL; the table says what was to be reached and whether it was.
The same goes, with everything found on the way, as JSON beside the text into benchmarks/reports/.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness import Bench, Row, bench_server, server_settings
from benchmarks.report import as_json, as_text, machine

SECTIONS = {
    "append": "benchmarks.append",
    "seals": "benchmarks.seals",
    "command": "benchmarks.command",
    "bulk": "benchmarks.bulk",
    "catch-up": "benchmarks.projections_catch_up",
    "rebuild": "benchmarks.projections_rebuild",
    "grid": "benchmarks.grid",
    "pages": "benchmarks.pages",
    "lag": "benchmarks.lag",
    "history": "benchmarks.history",
    "memory": "benchmarks.memory",
}
REPORTS = Path(__file__).parent / "reports"


@dataclass
class Found:
    """What the sections gave: their rows, how long each took, and which of them failed how."""

    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(bench: Bench, sections: Sequence[str]) -> Found:
    """Run these sections; one that fails is reported and does not take the others' figures along."""
    found = Found()
    for name in sections:
        bench.say(f"--- {name}")
        began = time.monotonic()
        try:
            run: Callable[[Bench], list[Row]] = importlib.import_module(SECTIONS[name]).run
            found.rows += run(bench)
        except Exception:  # noqa: BLE001  whatever it is, the report shows it
            found.failures[name] = traceback.format_exc()
            bench.say(f"{name} failed:\n{found.failures[name]}")
        found.seconds[name] = round(time.monotonic() - began, 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Daybook side by side with peers and floors.")
    parser.add_argument("--only", choices=list(SECTIONS), action="append", help="a section; may be given several times")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and one round: does it work, not how fast")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="folder for the JSON report")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell lets jobs in the background ignore the second
        signal.signal(number, lambda *_: sys.exit("Stopped."))
    with bench_server(quick=options.quick) as bench:
        run = {"machine": machine(), "quick": options.quick, "settings": server_settings(bench)}
        found = measure(bench, options.only or list(SECTIONS))
        run |= {"seconds": found.seconds, "failures": found.failures, "details": bench.details}
    text = as_text(found.rows, run)
    print(text)
    options.reports.mkdir(exist_ok=True)
    stem = options.reports / time.strftime("%Y%m%d-%H%M%S")
    stem.with_suffix(".json").write_text(as_json(found.rows, run))
    stem.with_suffix(".txt").write_text(text + "\n")
    print(f"\nReport: {stem}.json")
    if found.failures:
        sys.exit(f"Failed: {', '.join(found.failures)}")


if __name__ == "__main__":
    main()
