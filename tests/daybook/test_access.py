"""`daybook keys` and `daybook periods` as their user types them."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg_pool import ConnectionPool

from access.key_desk import KeyDesk
from access.key_form import new_key
from access.people import Identity, KnownPeople
from access.roles import Role
from daybook.cli import periods
from daybook.cli.main import main
from daybook.cli.owner import operator
from domain.payment_events import PaymentCaptured
from tests.support.postgres import Database


@pytest.fixture(autouse=True)
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    monkeypatch.setattr(periods, "SETTLING_SECONDS", 0.01)


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def said(*arguments: str) -> str:
    done = typed(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def id_of(printed: str) -> str:
    return next(line for line in printed.splitlines() if line.startswith("dbk_")).split("_")[1]


def test_a_key_is_made_replaced_revoked_and_told() -> None:
    first = id_of(said("keys", "create", "--role", "auditor", "--name", "Ana  Silva"))
    second = id_of(said("keys", "rotate", first, "--overlap", "24h"))
    assert f"Revoked {second}." in said("keys", "revoke", second)
    listed = {line.split()[0]: line for line in said("keys", "list").splitlines()}
    assert "until" in listed[first]
    assert listed[first].endswith("Ana Silva")
    assert "revoked" in listed[second]
    history = said("keys", "history").splitlines()[-4:]
    assert [line.partition(": ")[2].partition(" role")[0].partition(" key_id")[0] for line in history] == [
        "key created",
        "key rotated",
        "key revoked",
        "key revoked",
    ]
    assert all(f"operator {operator()}: " in line and "(Ana Silva)" in line for line in history)


def row_of(key_id: str) -> str:
    return next(line for line in said("keys", "list").splitlines() if line.startswith(key_id))


def test_a_key_is_made_for_some_days_and_the_list_says_until_when() -> None:
    key = id_of(said("keys", "create", "--role", "admin", "--name", "Ana Silva", "--expires", "90d"))
    ends = datetime.now().astimezone() + timedelta(days=90)
    assert f"until {ends:%Y-%m-%d}" in row_of(key)
    assert "never" in row_of(key)
    successor = id_of(said("keys", "rotate", key, "--overlap", "7d"))
    assert f"until {ends:%Y-%m-%d}" in row_of(successor)
    assert f"expires_at={ends.astimezone(UTC):%Y-%m-%d}" in said("keys", "history").splitlines()[-3]


@pytest.mark.parametrize("named", ["{id}", "dbk_{id}", "{key}"])
def test_a_key_is_named_by_its_id_with_or_without_what_stands_around_it(named: str) -> None:
    key = said("keys", "create", "--role", "admin", "--name", "Ana").strip()
    assert f"Revoked {id_of(key)}." in said("keys", "revoke", named.format(id=id_of(key), key=key))


def test_rotating_again_leaves_the_overlap_that_was_promised() -> None:
    first = id_of(said("keys", "create", "--role", "admin", "--name", "ERP"))
    assert f"{first} works until" in said("keys", "rotate", first, "--overlap", "7d")
    promised = row_of(first)
    assert f"{first} works until" in said("keys", "rotate", first)
    assert row_of(first) == promised
    assert "until" in promised


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("keys", "create", "--role", "admin", "--name", " "), "a key has a name of 1 to 100 printable characters"),
        (("keys", "create", "--role", "customer", "--name", "Ana"), "needs --customer"),
        (("keys", "rotate", "nobody"), "No valid key has the ID nobody"),
        (("keys", "rotate", "nobody", "--overlap", "soon"), "such as 30m, 24h or 90d"),
        (("keys", "create", "--role", "admin", "--name", "Ana", "--expires", "soon"), "such as 30m, 24h or 90d"),
        (("keys", "create", "--role", "admin", "--name", "Ana", "--expires", "0d"), "would end at once"),
        (("keys", "revoke", "nobody"), "No valid key has the ID nobody"),
        (("periods", "close", "2999-12-31"), "is not over yet"),
        (("periods", "close", "31.10.2026"), "does not match"),
        (("periods", "close", "2025-10-31", "--time-zone", "Mars"), "is not a zone"),
    ],
)
def test_a_refusal_says_what_to_do(arguments: tuple[str, ...], advice: str) -> None:
    done = typed(*arguments)
    assert done.exit_code != 0
    assert advice in done.output


def test_a_period_is_closed_once_and_never_earlier(database: Database) -> None:
    assert "everything before 2025-11-01T00:00:00+00:00" in said("periods", "close", "2025-10-31")
    for again in ("2025-10-31", "2025-09-30"):
        assert "is closed already" in typed("periods", "close", again).output
    assert said("periods", "close", "2025-11-30", "--time-zone", "Europe/Berlin")
    assert [line.split()[2] for line in said("periods", "list").splitlines()] == ["2025-10-31", "2025-11-30"]
    assert "period closed" in said("keys", "history")
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT max(closed_before) FROM access.closed_periods").fetchone()
    assert row is not None
    assert row[0].isoformat().startswith(("2025-11-30T23:00", "2025-12-01"))


def test_what_was_still_on_its_way_when_a_period_was_closed_is_named(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def come_late() -> None:
        with psycopg.connect(database.app_url, autocommit=True) as connection:
            connection.execute(LATE, [PaymentCaptured.TOPIC])

    monkeypatch.setattr(periods, "settle", come_late)
    assert "1 events of that time were still on their way" in said("periods", "close", "2025-12-31")


LATE = """
    SELECT log.append(
        ARRAY[ROW(gen_random_uuid(), 1, gen_random_uuid(), NULL, 'order', %s, 1, convert_to('{}', 'UTF8'), NULL,
                  '2025-12-15', 'integrator', 'a key', gen_random_uuid(), gen_random_uuid(), NULL)::log.new_event],
        ARRAY[1, 0, 0, 0, 0], NULL, NULL, NULL, NULL, NULL, NULL)
"""


@pytest.mark.parametrize("keeping", [[], ["--keep-keys"]])
def test_with_a_bar_end_the_keys_that_the_person_made(database: Database, keeping: list[str]) -> None:
    key = new_key()
    with ConnectionPool(database.app_url, min_size=1, max_size=2, open=True) as pool:
        leaver = KnownPeople(pool).meet(Identity("https://login.example.com", key, "Leaver", Role.ADMIN))
        KeyDesk(pool).make(leaver, key, Role.ADMIN, "Back door", customer_id=None, valid_for=timedelta(days=1))
    told = said("people", "bar", leaver.key_id, *keeping)
    state = "Still valid:" if keeping else "Revoked"
    assert told == f"Barred {leaver.key_id}.\n{state} {key.split('_')[1]} (admin, Back door).\n"
    assert ("revoked" in row_of(key.split("_")[1])) is not bool(keeping)
