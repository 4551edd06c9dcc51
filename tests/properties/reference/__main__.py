"""Run random lives against the product by hand: ``python -m tests.properties.reference --steps 100000 --seed 1``."""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from tests.properties.reference.compare import Difference, Tally, live, replay, shorten
from tests.properties.reference.steps import step_of


def main() -> int:
    options = _options()
    if options.repeat:
        steps = [step_of(line) for line in options.repeat.read_text().splitlines() if line.startswith("{")]
        what = replay(steps)
        print(what or "no difference")
        return 1 if what else 0
    tally, found = _run(options)
    _report(tally)
    for each in found:
        print(f"\n{each.report()}")
    print(f"\n{len(found)} differences" if found else "\nno difference")
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--differences", type=int, default=1, help="go on after a difference, up to so many kinds")
    parser.add_argument("--repeat", type=Path, help="take the steps of a file, one JSON object a line")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> tuple[Tally, list[Difference]]:
    tally, kinds = Tally(), Counter[str]()
    found: list[Difference] = []
    began = told = time.monotonic()
    while tally.steps < options.steps and len(found) < options.differences:
        different = live(f"{options.seed}-{tally.lives}", tally)
        if different:
            short = shorten(different)
            kind = short.steps[-1].command + "".join(each for each in short.what if not each.isdigit())
            kinds[kind] += 1
            if kinds[kind] == 1:
                found.append(short)
        if time.monotonic() - told > 5:
            told = time.monotonic()
            print(f"{tally.steps} steps, {tally.lives} lives, {told - began:.0f} s", file=sys.stderr)
    print(f"seed {options.seed}: {tally.steps} steps in {tally.lives} lives, {time.monotonic() - began:.1f} s")
    for kind, count in kinds.most_common():
        print(f"{count:6} x {kind}")
    return tally, found


def _report(tally: Tally) -> None:
    for command in sorted({name for name, _ in tally.outcomes}):
        counts = {outcome: count for (name, outcome), count in sorted(tally.outcomes.items()) if name == command}
        codes = {code: count for (name, code), count in tally.codes.most_common() if name == command}
        print(f"{command:28} {counts} {codes or ''}")


if __name__ == "__main__":
    sys.exit(main())
