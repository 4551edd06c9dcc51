"""`daybook seals`, `verify-log` and `export` as somebody types them; and that nothing personal leaves with a proof."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from adapters.seals.checkpoint_file import CheckpointFile
from adapters.seals.key_file import KeyFile
from daybook.cli.main import main
from daybook.run.sealing import Outside, follow, signing_keys
from daybook.settings import Settings
from tests.projections.shop import Shop, open_shop
from tests.support.postgres import Database

NAME = "Leocadia Quintanilha"


@pytest.fixture
def shop(fresh_database: Database) -> Iterator[Shop]:
    with open_shop(fresh_database) as shop:
        yield shop


@pytest.fixture
def home(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", shop.database.owner_url)
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def seal(until: int) -> None:
    """As `daybook seal` does, until so many events are sealed."""
    settings, stop = Settings.from_env(), threading.Event()
    file = CheckpointFile(settings.checkpoint_file)

    class Watched(Outside):
        def write(self, note: str) -> None:
            super().write(note)
            last = file.last()
            if last is not None and last.checkpoint.size >= until:
                stop.set()

    with psycopg.connect(settings.app_conninfo, autocommit=True) as connection:
        follow(connection, signing_keys(connection, settings), Watched(file, None), stop)


def typed(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result


def checked(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder), *options]
    return subprocess.run(command, env={}, capture_output=True, text=True, check=False)


def test_from_the_first_key_to_a_proof_on_another_machine(shop: Shop, home: Path, tmp_path: Path) -> None:
    order_id = shop.place()
    shop.do("orders/comment", order_id, text="seen")
    shop.place()
    seal(until=3)
    key = typed("seals", "key").output.strip()
    report = typed("verify-log", "--processes", "1").output
    assert "3 events recomputed" in report
    assert "1 inside the database, 1 from outside" in report
    assert "Every one agrees." in report
    said = typed("export", "--order", order_id, "--out", tmp_path / "order").output
    assert "2 events" in said
    done = checked(tmp_path / "order", "--key", key, "--checkpoint", str(home / "seals" / "checkpoints.txt"))
    assert done.returncode == 0, done.stderr
    assert "Proved." in done.stdout


def test_what_was_changed_is_named_and_ends_with_status_1(shop: Shop, home: Path) -> None:
    shop.place()
    shop.place()
    seal(until=2)
    with psycopg.connect(shop.database.owner_url) as connection:
        connection.execute("ALTER TABLE log.events DISABLE TRIGGER USER")
        connection.execute("UPDATE log.events SET actor_id = 'nobody' WHERE position = 2")
    said = typed("verify-log", status=1).output
    assert "CHANGED: The event at position 2 is not the one that was sealed." in said
    assert "Proved by the checkpoint of 2 events signed by daybook/" in said
    assert str(home / "seals" / "checkpoints.txt") in said


@pytest.mark.usefixtures("home")
def test_a_new_key_signs_beside_the_one_before_until_that_is_retired(shop: Shop) -> None:
    shop.place()
    seal(until=1)
    first = typed("seals", "key").output.strip()
    second = typed("seals", "rotate").output.strip()
    shop.place()
    seal(until=2)
    assert typed("seals", "key").output.split() == [first, second]
    for key in (first, second):
        assert typed("verify-log", "--key", key, status=0 if key == first else 1).output
    assert f"Signs no more: {first}" in typed("seals", "retire").output
    assert "There is only the present key." in typed("seals", "retire").output
    assert "Every one agrees." in typed("verify-log").output


def test_a_lost_key_is_not_replaced_in_silence(shop: Shop, home: Path) -> None:
    shop.place()
    seal(until=1)
    origin = KeyFile(home / "seals" / "signing.key").signing()[0].name
    (home / "seals" / "signing.key").unlink()
    shop.place()
    with pytest.raises(Exception, match="is missing; bring that file back"):
        seal(until=2)
    assert typed("seals", "rotate").output.startswith(f"{origin}+")
    seal(until=2)
    assert "Every one agrees." in typed("verify-log").output


@pytest.mark.usefixtures("home")
def test_what_cannot_be_done_is_said_in_a_sentence(shop: Shop, tmp_path: Path) -> None:
    shop.place()
    assert "No verifier key is known" in typed("verify-log", status=1).output
    assert "No verifier key is known" in typed("seals", "key", status=1).output
    seal(until=1)
    (tmp_path / "no-checkpoint").write_text("something else\n")
    assert (
        "holds something that is no checkpoint"
        in typed("verify-log", "--checkpoint", tmp_path / "no-checkpoint", status=1).output
    )
    assert "1 to 9 is not in it" in typed("export", "--to", 9, "--out", tmp_path / "new", status=1).output
    assert "exists" in typed("export", "--out", tmp_path, status=1).output
    assert "A verifier key cannot be read" in typed("verify-log", "--key", "x+y+z", status=1).output


@pytest.mark.usefixtures("home")
def test_nothing_personal_leaves_with_a_proof_and_erasing_leaves_it_valid(shop: Shop, tmp_path: Path) -> None:
    order = shop.place(customer={"id": "c-77", "name": NAME, "email": "leocadia@example.com"})
    shop.do("orders/cancel", order, reason=f"{NAME} called")
    seal(until=2)
    before = tmp_path / "before"
    typed("export", "--out", before)
    everything = b"".join(path.read_bytes() for path in before.rglob("*") if path.is_file())
    for personal in (NAME, "Leocadia", "leocadia@example.com"):
        assert personal.encode() not in everything
    assert b'"sealed":"' in everything
    shop.erase("c-77")
    with psycopg.connect(shop.database.owner_url) as connection:
        assert not connection.execute("SELECT FROM log.data_keys WHERE partition_id = %s", [order]).fetchall()
    seal(until=4)
    after = tmp_path / "after"
    typed("export", "--out", after)
    assert (after / "events.ndjson").read_bytes().startswith((before / "events.ndjson").read_bytes())
    assert checked(before).returncode == checked(after).returncode == 0
    assert "Every one agrees." in typed("verify-log").output


def test_no_log_line_shows_the_signing_key(shop: Shop, home: Path, capsys: Any) -> None:
    shop.place()
    seal(until=1)
    secret = (home / "seals" / "signing.key").read_text().strip().rpartition("+")[2]
    said = "".join(capsys.readouterr()) + typed("seals", "key").output + typed("verify-log").output
    assert secret not in said
