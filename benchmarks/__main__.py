"""The whole benchmark, or one section of it: `python -m benchmarks [--only SECTION] [--quick]`, `make bench`.

Sections run one after the other on one embedded PostgreSQL; the table says what was to be reached and whether it was.
The same goes, with everything found on the way, as JSON beside the text into benchmarks/reports/.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.harness import Bench, Row, bench_server, server_settings
from benchmarks.report import as_json, as_text, machine

SECTIONS = {
    "append": "benchmarks.append",
    "command": "benchmarks.command",
    "catch-up": "benchmarks.projections_catch_up",
    "rebuild": "benchmarks.projections_rebuild",
    "grid": "benchmarks.grid",
    "lag": "benchmarks.lag",
    "history": "benchmarks.history",
    "memory": "benchmarks.memory",
}
REPORTS = Path(__file__).parent / "reports"


def measure(bench: Bench, sections: Sequence[str]) -> tuple[list[Row], dict[str, float]]:
    """The rows of these sections, and how many seconds each took."""
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    for name in sections:
        bench.say(f"--- {name}")
        run: Callable[[Bench], list[Row]] = importlib.import_module(SECTIONS[name]).run
        began = time.monotonic()
        rows += run(bench)
        seconds[name] = round(time.monotonic() - began, 1)
    return rows, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Daybook side by side with peers and floors.")
    parser.add_argument("--only", choices=list(SECTIONS), action="append", help="a section; may be given several times")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and one round: does it work, not how fast")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="folder for the JSON report")
    options = parser.parse_args()
    with bench_server(quick=options.quick) as bench:
        found = {"machine": machine(), "quick": options.quick, "settings": server_settings(bench)}
        rows, seconds = measure(bench, options.only or list(SECTIONS))
        found |= {"seconds": seconds, "details": bench.details}
    text = as_text(rows, found)
    print(text)
    options.reports.mkdir(exist_ok=True)
    stem = options.reports / time.strftime("%Y%m%d-%H%M%S")
    stem.with_suffix(".json").write_text(as_json(rows, found))
    stem.with_suffix(".txt").write_text(text + "\n")
    print(f"\nReport: {stem}.json")


if __name__ == "__main__":
    main()
