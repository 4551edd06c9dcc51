"""The report of a run: the machine, the server's settings, the table, and all figures as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.harness import Row

_HEAD = ("section", "ours", "against", "ours", "theirs", "unit", "ratio", "reach", "stretch", "")
_RIGHT = {3, 4, 6, 7, 8}
EXPLAINED = "docs/explanation/benchmark.md"


def machine() -> dict[str, Any]:
    """What it ran on, and how busy that was before."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average_before": [round(each, 2) for each in os.getloadavg()],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def as_text(rows: Sequence[Row], found: Mapping[str, Any]) -> str:
    """The report as it is printed."""
    lines = [
        ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found["machine"].items()),
        "PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in found["settings"].items()),
        "Seconds: " + ", ".join(f"{name} {value}" for name, value in found["seconds"].items()),
    ]
    if found["quick"]:
        lines.append("QUICK: tiny sizes and one round; the figures mean nothing.")
    lines += [f"FAILED: {section}, {why.splitlines()[-1]}" for section, why in found["failures"].items()]
    lines += ["", *_table([_HEAD, *map(_cells, rows)]), ""]
    lines += [f"{row.section}, {row.ours_is}: {row.note}" for row in rows if row.note]
    lines += _costs(rows)
    for section, details in found["details"].items():
        lines += ["", f"{section}:", *_indented(details)]
    return "\n".join(lines)


def _costs(rows: Sequence[Row]) -> list[str]:
    """Where the time of ours went, and where to read on about what is short of its goal."""
    costs = dict.fromkeys(f"{row.section}, {row.ours_is}: {row.cost}" for row in rows if row.cost)
    lines = ["", *costs] if costs else []
    short = dict.fromkeys(row.section for row in rows if not row.reached)
    if short:
        lines += ["", f"Short of a goal: {', '.join(short)}. What takes the time and what was tried: {EXPLAINED}"]
    return lines


def as_json(rows: Sequence[Row], found: Mapping[str, Any]) -> str:
    table = [asdict(row) | {"ratio": row.ratio, "reached": row.reached, "stretched": row.stretched} for row in rows]
    return json.dumps({**found, "rows": table}, indent=2, default=str)


def _cells(row: Row) -> tuple[str, ...]:
    most = "<= " if row.at_most else ""
    verdict = "stretch reached" if row.stretched else "reached" if row.reached else "NOT REACHED"
    figures = ["" if value is None else _figure(value) for value in (row.ours, row.theirs)]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    goals = (f"{most}{row.reach:g}", f"{most}{row.stretch:g}")
    return (row.section, row.ours_is, row.against, *figures, row.unit, ratio, *goals, verdict)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if at in _RIGHT else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]


def _indented(details: Any) -> list[str]:
    if not isinstance(details, Mapping):
        return [f"  {details}"]
    return [f"  {name}: {_flat(value)}" for name, value in details.items()]


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    return f"{value:,.3f}" if isinstance(value, float) else str(value)
