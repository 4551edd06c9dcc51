"""What was done to many orders at once: the result for each, kept for the person who did it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from access.authentication import Pool

KEPT = timedelta(days=30)
RESULTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class MassAction:
    """One run: ``results`` are None while it is under way."""

    run_id: UUID
    action: str
    began_at: datetime
    results: list[dict[str, Any]] | None


class MassActions:
    """The runs of one installation, over their table. Thread-safe."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def begin(self, run_id: UUID, key_id: str, action: str) -> bool:
        """Note that a run begins; False when it did already: a form that is sent twice acts once."""
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("DELETE FROM access.mass_actions WHERE began_at < now() - %s", [KEPT])
            made = connection.execute(
                "INSERT INTO access.mass_actions (run_id, key_id, action) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [run_id, key_id, action],
            )
        return made.rowcount == 1

    def end(self, run_id: UUID, results: list[dict[str, Any]]) -> None:
        """Keep what came of it."""
        with self._pool.connection() as connection:
            connection.execute(
                "UPDATE access.mass_actions SET results = %s WHERE run_id = %s", [msgspec.json.encode(results), run_id]
            )

    def find(self, run_id: UUID, key_id: str) -> MassAction | None:
        """A person's own run; None when they have none of that id."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT run_id, action, began_at, results FROM access.mass_actions WHERE run_id = %s AND key_id = %s",
                [run_id, key_id],
            ).fetchone()
        if row is None:
            return None
        return MassAction(row[0], row[1], row[2], None if row[3] is None else msgspec.json.decode(row[3]))
