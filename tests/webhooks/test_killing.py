"""The worker is killed in the middle of its work again and again: nothing is lost, invented, or out of its order."""

from pathlib import Path

from tests.support.postgres import Database
from tests.webhooks.soak import Plan, run


def test_a_worker_that_is_killed_loses_nothing_and_keeps_the_order(fresh_database: Database, tmp_path: Path) -> None:
    outcome = run(fresh_database, tmp_path, Plan(events=200, rate=25, kills=3), others=True)
    assert outcome.wrong == []
    assert len(outcome.delays) == 200
