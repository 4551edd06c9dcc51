"""The benchmark works, from its server to its report: one round of tiny sizes, which says nothing of speed."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import SECTIONS
from benchmarks.harness import Row, percentile
from benchmarks.processes import Costs, Peak, cpu_seconds, family
from benchmarks.report import EXPLAINED, as_text

ROOT = Path(__file__).parents[2]


def measured(ours: float, theirs: float | None, *, at_most: bool = False) -> Row:
    goals = (0.6, 0.4) if at_most else (2.0, 4.0)
    return Row("append", "ours", "theirs", "ms", ours, theirs, *goals, at_most=at_most)


@pytest.mark.parametrize(
    ("ours", "theirs", "at_most", "reached", "stretched"),
    [
        (8.0, 2.0, False, True, True),
        (4.0, 2.0, False, True, False),
        (3.0, 2.0, False, False, False),
        (0.3, 1.0, True, True, True),
        (0.5, 1.0, True, True, False),
        (1.0, 1.0, True, False, False),
        (0.5, None, True, True, False),
    ],
)
def test_a_figure_is_held_against_its_goals(
    ours: float, theirs: float | None, at_most: bool, reached: bool, stretched: bool
) -> None:
    row = measured(ours, theirs, at_most=at_most)
    assert (row.reached, row.stretched) == (reached, stretched)


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (51.0, 100.0, 7.0)


def test_the_report_says_what_was_not_reached_and_what_failed() -> None:
    found: dict[str, Any] = {
        "machine": {"cores": 2}, "settings": {"fsync": "on"}, "seconds": {"append": 1.0}, "quick": True,
        "failures": {"grid": "Traceback\nOSError: no space"}, "details": {"append": {"p95_ms": 1.5}},
    }  # fmt: skip
    text = as_text([measured(3.0, 2.0), measured(0.3, 1.0, at_most=True)], found)
    assert "NOT REACHED" in text
    assert "stretch reached" in text
    assert "FAILED: grid, OSError: no space" in text
    assert "the figures mean nothing" in text


def test_the_report_tells_each_cost_once_and_where_to_read_on() -> None:
    found: dict[str, Any] = {
        "machine": {}, "settings": {}, "seconds": {}, "quick": False, "failures": {}, "details": {},
    }  # fmt: skip
    costly = replace(measured(3.0, 2.0), cost="processor time per append: writers 80 us")
    text = as_text([costly, replace(costly, against="another"), measured(8.0, 2.0)], found)
    assert text.count("writers 80 us") == 1
    assert f"Short of a goal: append. What takes the time and what was tried: {EXPLAINED}" in text
    assert (ROOT / EXPLAINED).exists()
    assert "Short of a goal" not in as_text([measured(8.0, 2.0)], found)


def test_costs_are_summed_over_the_rounds_and_told_per_unit() -> None:
    used = count(step=0.25)  # a quarter of a second between two looks at the clock
    costs = Costs({"writers": lambda: next(used)})

    def record() -> list[float]:
        time.sleep(0.05)  # the system counts in hundredths
        return [0.001] * 500

    work = costs.metered(record, len)
    assert [len(work()), len(work())] == [500, 500]
    assert costs.told("append").startswith("processor time per append: writers 500.0 us; ")


def test_what_a_process_uses_is_read_from_its_family() -> None:
    code = "import time; block = bytearray(b'x' * 40_000_000); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        with Peak(lambda: family(process.pid), every_seconds=0.01) as peak:
            deadline = time.monotonic() + 30
            while peak.largest_mib < 40 and time.monotonic() < deadline:
                time.sleep(0.01)
        process.kill()
    assert 40 < peak.largest_mib <= peak.together_mib
    assert cpu_seconds([process.pid]) == 0.0


def test_sections_are_measured_and_reported(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--reports", str(reports)]
    for section in ("command", "lag", "history"):
        command += ["--only", section]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = reports.glob("*.json")
    report = json.loads(path.read_text())
    assert report["failures"] == {}
    assert {report["settings"][name] for name in ("fsync", "synchronous_commit", "full_page_writes")} == {"on"}
    assert [row["section"] for row in report["rows"]] == ["command", "command", "lag", "history"]
    assert all(row["ours"] > 0 and row["ratio"] > 0 for row in report["rows"])
    assert path.with_suffix(".txt").read_text().strip() in done.stdout


def test_every_section_of_the_contract_can_be_asked_for() -> None:
    read = ["catch-up", "rebuild", "grid", "pages", "lag", "history"]
    assert list(SECTIONS) == ["append", "seals", "command", "bulk", *read, "memory"]
    for module in SECTIONS.values():
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()
