"""The migration runner: once, in turn, whole or not at all, and refusing what was changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from migrations import FOLDER, MigrationError, load, migrate
from tests.support.postgres import Database, TestServer


@pytest.fixture
def empty(postgres: TestServer) -> Iterator[Database]:
    with postgres.empty_database() as database:
        yield database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("-- The first.\nCREATE TABLE first (n int);\n")
    return tmp_path


def tables(database: Database) -> set[str]:
    with psycopg.connect(database.owner_url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows} - {"daybook_migrations"}


def test_a_migration_is_applied_once(empty: Database, folder: Path) -> None:
    assert migrate(empty.owner_url, folder) == ["0001_first.sql"]
    assert migrate(empty.owner_url, folder) == []
    assert tables(empty) == {"first"}


def test_only_what_is_missing_is_applied(empty: Database, folder: Path) -> None:
    migrate(empty.owner_url, folder)
    (folder / "0002_second.sql").write_text("-- The second.\nCREATE TABLE second (n int);\n")
    assert migrate(empty.owner_url, folder) == ["0002_second.sql"]


def test_a_changed_file_is_refused(empty: Database, folder: Path) -> None:
    migrate(empty.owner_url, folder)
    (folder / "0001_first.sql").write_text("-- The first.\nCREATE TABLE other (n int);\n")
    with pytest.raises(MigrationError, match=r"0001_first\.sql was changed after it had been applied"):
        migrate(empty.owner_url, folder)


def test_a_file_that_comes_too_late_is_refused(empty: Database, folder: Path) -> None:
    migrate(empty.owner_url, folder)
    (folder / "0000_before.sql").write_text("-- Before.\nCREATE TABLE before (n int);\n")
    with pytest.raises(MigrationError, match=r"0000_before\.sql comes before 0001_first\.sql"):
        migrate(empty.owner_url, folder)


def test_a_migration_that_fails_leaves_nothing(empty: Database, folder: Path) -> None:
    (folder / "0002_broken.sql").write_text("-- Broken.\nCREATE TABLE half (n int);\nSELECT 1 / 0;\n")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty.owner_url, folder)
    assert tables(empty) == {"first"}


def test_runners_that_start_together_apply_each_file_once(empty: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: migrate(empty.owner_url), range(4)))
    assert sorted(map(len, answers)) == [0, 0, 0, len(load())]


def test_the_files_of_a_folder_are_one_migration_in_their_order(empty: Database, folder: Path) -> None:
    (folder / "0002_second").mkdir()
    (folder / "0002_second" / "20_more.sql").write_text("ALTER TABLE second ADD COLUMN more int;\n")
    (folder / "0002_second" / "10_second.sql").write_text("-- The second.\nCREATE TABLE second (n int);\n")
    assert migrate(empty.owner_url, folder) == ["0001_first.sql", "0002_second"]
    assert tables(empty) == {"first", "second"}
    (folder / "0002_second" / "30_late.sql").write_text("ALTER TABLE second ADD COLUMN late int;\n")
    with pytest.raises(MigrationError, match="0002_second was changed after it had been applied"):
        migrate(empty.owner_url, folder)


def test_a_file_of_a_folder_that_would_have_no_place_in_it_is_refused(folder: Path) -> None:
    (folder / "0002_second").mkdir()
    (folder / "0002_second" / "more.sql").write_text("-- More.\n")
    with pytest.raises(MigrationError, match=r"0002_second/more\.sql must be named NN_what_it_makes\.sql"):
        load(folder)


def test_a_function_is_found_by_the_name_of_its_file(empty: Database) -> None:
    migrate(empty.owner_url)
    query = "SELECT proname FROM pg_proc WHERE pronamespace = 'log'::regnamespace"
    with psycopg.connect(empty.owner_url) as connection:
        functions = {name for (name,) in connection.execute(query).fetchall()}
    files = {path.stem.partition("_")[2] for path in FOLDER.glob("*/*.sql")}
    assert functions <= files


def test_a_file_without_a_number_of_its_own_is_refused(folder: Path) -> None:
    (folder / "0001_again.sql").write_text("-- Again.\n")
    with pytest.raises(MigrationError, match="a number of its own"):
        load(folder)


def test_the_first_line_of_every_migration_says_why() -> None:
    for migration in load():
        assert migration.text.startswith("-- "), migration.name


def test_an_owner_without_the_right_to_create_roles_is_told_what_to_run(postgres: TestServer) -> None:
    with postgres.empty_database() as database, psycopg.connect(postgres.admin_url(database), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS daybook_poor")
        admin.execute("CREATE ROLE daybook_poor LOGIN PASSWORD 'poor'")
        name = admin.info.dbname
        admin.execute(f'ALTER DATABASE "{name}" OWNER TO daybook_poor')
        poor = psycopg.conninfo.make_conninfo(database.owner_url, user="daybook_poor", password="poor")
        with pytest.raises(MigrationError, match="run this as a superuser") as refusal:
            migrate(poor, FOLDER)
        for statement in str(refusal.value).partition("again: ")[2].split("; "):
            if not statement.startswith("CREATE ROLE"):
                admin.execute(statement)
        assert migrate(poor, FOLDER)[0] == "0000_roles.sql"
        admin.execute(f'ALTER DATABASE "{name}" OWNER TO CURRENT_USER')
        admin.execute("DROP OWNED BY daybook_poor CASCADE")
        admin.execute("DROP ROLE daybook_poor")
