"""E-invoices of many random orders before the published schemas and rules: ``make einvoices``."""

import argparse
import sys

from tests.adapters.einvoices.judging import judge


def main() -> int:
    """Judge them; answers 1 when somebody found a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.adapters.einvoices", description=__doc__)
    parser.add_argument("--orders", type=int, default=200, help="how many (200)")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first (0)")
    options = parser.parse_args()
    seen, faults = judge(range(options.seed, options.seed + options.orders))
    print(*faults, sep="\n")
    print(", ".join(f"{count} {name}" for name, count in seen.most_common()))
    print(f"{options.orders} orders, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
