"""Many orders of another system through a running server: their rate, and the memory that the import takes.

    make bench-import SYSTEM=shopify ORDERS=100000 PORT=8080 [OLIST=folder]

The export is the invented sample of the system over and over, each order under numbers of its own, written as a
stream. With OLIST commands of the Olist files go through the same server before, so that the rates can be compared. The
import is a process of its own, whose peak is what the kernel says; the server must be one that may be filled.
"""

import csv
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import click

from benchmarks.olist import convert
from daybook.importing.command import settings

SAMPLES = Path(__file__).parent.parent / "tests" / "importer" / "sources" / "samples"
SHOPIFY, WOOCOMMERCE = SAMPLES / "1_shopify_orders_export.csv", SAMPLES / "2_woocommerce_orders.json"
DONE = re.compile(r"(\d+) (?:commands|lines) in ([0-9.]+) s")
OLIST_COMMANDS = 10_000


def shopify(orders: int, folder: Path) -> Path:
    """A plain CSV of so many orders."""
    file = folder / "shopify.csv"
    with SHOPIFY.open(encoding="utf-8", newline="") as sample, file.open("w", encoding="utf-8", newline="") as made:
        head, *rows = csv.reader(sample)
        writer = csv.writer(made)
        writer.writerow(head)
        groups: dict[str, list[list[str]]] = {}
        for row in rows:
            groups.setdefault(row[0], []).append(row)
        for number, mark in _numbers(orders, len(groups)):
            name = list(groups)[number]
            old = name.removeprefix("#")
            writer.writerows([[cell.replace(old, f"{old}{mark}") for cell in row] for row in groups[name]])
    return file


def woocommerce(orders: int, folder: Path) -> Path:
    """A list of the REST interface of so many orders; refunds stand in another file and are left out."""
    file = folder / "woocommerce.json"
    sample = [each for each in json.loads(WOOCOMMERCE.read_text(encoding="utf-8")) if not each.get("refunds")]
    with file.open("w", encoding="utf-8") as made:
        made.write("[")
        for n, (place, mark) in enumerate(_numbers(orders, len(sample))):
            order = sample[place] | {"id": int(f"{sample[place]['id']}{mark}"), "number": f"{n}"}
            made.write(("," if n else "") + json.dumps(order))
        made.write("]")
    return file


def _numbers(orders: int, of_sample: int) -> Iterator[tuple[int, str]]:
    """Which order of the sample comes next, and the mark of its copy: no two runs have one in common."""
    run = f"{int(time.time()) % 1_000_000:06}"
    for n in range(orders):
        yield n % of_sample, f"{run}{n // of_sample:06}"


SYSTEMS: dict[str, Callable[[int, Path], Path]] = {"shopify": shopify, "woocommerce": woocommerce}


@click.command(help="Import many orders of another system into a running server.")
@click.option("--system", type=click.Choice(sorted(SYSTEMS)), default="shopify", show_default=True)
@click.option("--orders", type=click.IntRange(min=1), default=5_000, show_default=True)
@click.option("--olist", type=click.Path(file_okay=False, path_type=Path), help="Folder of the Olist files.")
def main(*, system: str, orders: int, olist: Path | None) -> None:
    folder = settings().home / "bench-import"
    folder.mkdir(exist_ok=True)
    rates = {}
    if olist is not None:
        whole, part = folder / "olist.ndjson", folder / "olist-part.ndjson"
        convert(olist, whole)
        with whole.open("rb") as lines, part.open("wb") as first:
            first.writelines(islice(lines, OLIST_COMMANDS))
        rates["olist"] = _import("--results", str(folder / "results.ndjson"), str(part))
    export = SYSTEMS[system](orders, folder)
    report = str(folder / "report.ndjson")
    rates[system] = _import("--from", system, "--store", "bench", "--report", report, str(export))
    for name, (commands, seconds, peak) in rates.items():
        print(f"{name:<14}{commands:>10,} commands {commands / seconds:>8,.0f}/s   peak of the import {peak:,.0f} MiB")
    print(f"{system:<14}{orders:>10,} orders   {orders / rates[system][1]:>8,.0f}/s")


def _import(*options: str) -> tuple[int, float, float]:
    """Commands and seconds of one import as it says them, and its peak of memory in MiB as the kernel does."""
    command = [sys.executable, "-m", "daybook", "import", *options]
    importing = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    with importing.stderr or sys.stderr as said:
        told = said.read()
    _pid, _status, used = os.wait4(importing.pid, 0)
    found = DONE.search(told)
    if found is None:
        raise click.ClickException(told)
    print(told, file=sys.stderr)
    return int(found[1]), float(found[2]), used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
