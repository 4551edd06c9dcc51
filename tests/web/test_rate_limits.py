"""How much a key may send: counted for all processes of a machine, said in every answer, refused past the limit."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from access.roles import Role
from daybook.bootstrap import rate_limits
from daybook.settings import Settings, SettingsError
from tests.web.edge import bearer, edge_client
from web.rate_limits import RateLimit, RateLimits, SharedUses


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def uses(tmp_path: Path) -> SharedUses:
    return SharedUses(tmp_path / "rate-limits")


def test_a_burst_of_a_whole_window_passes_and_no_more(uses: SharedUses) -> None:
    limits = RateLimits(RateLimit(5, 10), uses, Clock())
    assert [limits.spend("a")[0] for _ in range(7)] == [4, 3, 2, 1, 0, -1, -1]
    assert limits.spend("b")[0] == 4


def test_what_is_used_comes_back_evenly(uses: SharedUses) -> None:
    clock = Clock()
    limits = RateLimits(RateLimit(5, 10), uses, clock)
    for _ in range(5):
        limits.spend("a")
    left, seconds = limits.spend("a")
    assert (left, round(seconds, 3)) == (-1, 2.0)
    clock.now += 2.0
    assert limits.spend("a")[0] == 0
    assert limits.spend("a")[0] == -1
    clock.now += 10.0
    assert limits.spend("a")[0] == 4


def test_processes_count_together(tmp_path: Path) -> None:
    path = tmp_path / "rate-limits"
    limits = RateLimits(RateLimit(100, 3600), SharedUses(path))
    limits.spend("a")
    program = (
        "import sys; from pathlib import Path; from web.rate_limits import *;"
        "limits = RateLimits(RateLimit(100, 3600), SharedUses(Path(sys.argv[1])));"
        "print([limits.spend('a')[0] for _ in range(3)])"
    )
    told = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[98, 97, 96]"


def test_what_the_file_says_of_another_boot_limits_nobody(uses: SharedUses) -> None:
    uses.use("a", 10**9)
    assert RateLimits(RateLimit(5, 10), uses, Clock()).spend("a")[0] == 4


@pytest.fixture
def limited_edge(pool: ConnectionPool[Any], uses: SharedUses) -> Any:
    return edge_client(pool, RateLimits(RateLimit(3, 60), uses))


def test_every_answer_says_how_it_stands_and_the_last_when_to_come_again(
    limited_edge: Any, keys: dict[Role, str]
) -> None:
    key = bearer(keys[Role.ADMIN])
    answers = [limited_edge.get("/queries/views", headers=key) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert [re.findall(r"r=(\d+)", each.headers["RateLimit"])[0] for each in answers] == ["2", "1", "0", "0"]
    assert answers[3].json["code"] == "rate_limited"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 21
    assert limited_edge.get("/queries/views", headers=bearer(keys[Role.INTEGRATOR])).status_code == 200
    refused = limited_edge.get("/queries/orders?colour=red", headers=bearer(keys[Role.INTEGRATOR]))
    assert (refused.status_code, refused.headers["RateLimit"].partition(";t")[0]) == (400, '"key";r=1')
    assert "RateLimit" not in limited_edge.get("/healthz").headers


def test_a_developers_database_has_no_limit_and_another_has_one(tmp_path: Path) -> None:
    home = {"DAYBOOK_HOME": str(tmp_path)}
    assert rate_limits(Settings.from_env(home)) is None
    elsewhere = home | {"DATABASE_URL": "postgresql://localhost/x"}
    own = rate_limits(Settings.from_env(elsewhere))
    assert own is not None
    assert own.limit == RateLimit(60000, 60)
    assert rate_limits(Settings.from_env(home | {"RATE_LIMIT": "10/1"})) is not None
    assert rate_limits(Settings.from_env(elsewhere | {"RATE_LIMIT": "off"})) is None
    with pytest.raises(SettingsError, match="RATE_LIMIT=quick must be"):
        Settings.from_env({"RATE_LIMIT": "quick"})


def test_each_line_of_a_bulk_request_counts_and_the_first_too_many_ends_it(
    limited_edge: Any, keys: dict[Role, str]
) -> None:
    headers = bearer(keys[Role.ADMIN]) | {"Content-Type": "application/x-ndjson"}
    answer = limited_edge.post("/commands/bulk", data=b"{\n" * 6, headers=headers)
    results = sorted((json.loads(line) for line in answer.data.splitlines()), key=lambda result: result["line"])
    assert [(each["line"], each["status"]) for each in results] == [(1, 400), (2, 400), (3, 400), (4, 429)]
    assert re.search(r"send the rest in \d+ s\.$", results[-1]["detail"])
    assert limited_edge.get("/queries/views", headers=bearer(keys[Role.ADMIN])).status_code == 429
