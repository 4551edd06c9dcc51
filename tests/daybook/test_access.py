"""`daybook keys` and `daybook periods` as their user types them."""

import psycopg
import pytest
from click.testing import CliRunner, Result

from daybook.cli import access
from daybook.cli.main import main
from domain.payment_events import PaymentCaptured
from tests.support.postgres import Database


@pytest.fixture(autouse=True)
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    monkeypatch.setattr(access, "SETTLING_SECONDS", 0.01)


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def said(*arguments: str) -> str:
    done = typed(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def id_of(key: str) -> str:
    return key.strip().split("_")[1]


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
    assert all(f"operator {access.operator()}: " in line and "(Ana Silva)" in line for line in history)


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("keys", "create", "--role", "admin", "--name", " "), "a key has a name of 1 to 100 printable characters"),
        (("keys", "create", "--role", "customer", "--name", "Ana"), "needs --customer"),
        (("keys", "rotate", "nobody"), "No valid key has the id nobody"),
        (("keys", "rotate", "nobody", "--overlap", "soon"), "such as 30m, 24h or 7d"),
        (("keys", "revoke", "nobody"), "No valid key has the id nobody"),
        (("periods", "close", "2999-12-31"), "is not over yet"),
        (("periods", "close", "31.10.2026"), "does not match"),
        (("periods", "close", "2025-10-31", "--time-zone", "Mars"), "is not a zone"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_mend(arguments: tuple[str, ...], mend: str) -> None:
    done = typed(*arguments)
    assert done.exit_code != 0
    assert mend in done.output


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

    monkeypatch.setattr(access, "settle", come_late)
    assert "1 events of that time were still on their way" in said("periods", "close", "2025-12-31")


LATE = """
    SELECT log.append(
        ARRAY[ROW(gen_random_uuid(), 1, gen_random_uuid(), NULL, 'order', %s, 1, convert_to('{}', 'UTF8'), NULL,
                  '2025-12-15', 'integrator', 'a key', gen_random_uuid(), gen_random_uuid(), NULL)::log.new_event],
        ARRAY[1, 0, 0, 0, 0], NULL, NULL, NULL, NULL, NULL, NULL)
"""
