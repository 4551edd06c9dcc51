"""For long: every role, or one, asks a running Daybook; the counts are printed. ``make fuzz`` runs this."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from access.roles import Role
from tests.fuzz.asking import Asking, Tally
from tests.fuzz.house import ROLES, errors_of, key_of, running_house, schema_of
from tests.fuzz.known import Known

EXAMPLES = 3000
PUBLIC = "public"


def told(role: str, tally: Tally, seconds: float) -> str:
    """The counts of a role in words."""
    created = ", ".join(f"{name} {count}" for name, count in sorted(tally.created.items())) or "nothing"
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    reached = f"{len(tally.done)} of {len(tally.asked)} operations done"
    return f"{role}: {tally.asked.total()} requests in {seconds:.0f} s, {reached}\n  created {created}\n  {statuses}"


def main() -> None:
    """Ask, and print what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--role", choices=[*Role, PUBLIC], help="Only this one; without it all of them.")
    options.add_argument("--examples", type=int, default=EXAMPLES, help="Requests of each role.")
    options.add_argument("--seed", type=int, default=0, help="Another number makes up other requests.")
    chosen = options.parse_args()
    roles = [role for role in ROLES if chosen.role in {None, role or PUBLIC}]
    random = Random(chosen.seed)
    known, faults = Known(random), list[str]()
    with tempfile.TemporaryDirectory() as folder, running_house(Path(folder)) as run:
        schema = schema_of(run)
        for role in roles:
            began = time.monotonic()
            asking = Asking(schema, role, key_of(run, role), known, random)
            tally = asking.ask(chosen.examples, chosen.seed)
            print(told(role or PUBLIC, tally, time.monotonic() - began), flush=True)
            faults += tally.faults.values()
        shown = errors_of(run) if faults else []
    if faults:
        sys.exit("\n\n".join([f"{len(faults)} kinds of faults:", *faults, *shown]))


if __name__ == "__main__":
    main()
