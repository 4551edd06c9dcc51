"""The house rules a machine can keep: prose in every module, files and functions of a size one can hold in mind."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from daybook.ownership import PACKAGES, ForeignPackage, check_packages

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in (*PACKAGES, "benchmarks") for path in (ROOT / package).rglob("*.py"))
LINES_MAX = 400
ONE_FILE = {"verifier/verify.py"}  # carried alone to machines without Daybook
FUNCTION_LINES_MAX = 60
TITLES = [str(path.relative_to(ROOT)) for path in MODULES]


def tracked() -> list[Path]:
    """What the repository holds; outside of one (a source archive), every file there is."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=TITLES)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=TITLES)
def test_files_and_functions_fit_in_a_head(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX}
    assert text.count("\n") <= LINES_MAX or str(path.relative_to(ROOT)) in ONE_FILE
    assert not long


TABLES = {
    table
    for path in (ROOT / "migrations").rglob("*.sql")
    for table in re.findall(r"CREATE TABLE ((?:log|seals)\.\w+)", path.read_text(encoding="utf-8"))
}
OF_THE_LOG = re.compile(rf"\b({'|'.join(sorted(TABLES)).replace('.', chr(92) + '.')})\b")


def test_the_tables_of_the_log_are_asked_in_the_eventstore_only() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.relative_to(ROOT).parts[0] not in {"eventstore", "migrations", "benchmarks"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and OF_THE_LOG.search(node.value)
    }
    assert {"log.events", "log.claims", "seals.checkpoints"} <= TABLES
    assert asking == set()


def test_no_work_is_left_undone_in_the_code() -> None:
    marks = re.compile(rb"\b(TO" rb"DO|FIX" rb"ME|XX" rb"X)\b")
    assert not [str(path) for path in tracked() if path.suffix == ".py" and marks.search(path.read_bytes())]


def test_the_repository_names_no_package_index() -> None:
    index = re.compile(
        rb"--(extra-)?index-url|--find-links|(files\.pythonhosted|py" rb"pi)\.org|registry\.npm", re.IGNORECASE
    )
    assert not [str(path) for path in tracked() if path != Path(__file__) and index.search(path.read_bytes())]


def test_only_the_settings_read_the_environment() -> None:
    """One place knows what can be set; the supervisor passes the environment on, and the rest is given values."""
    passing_on = {
        "adapters/postgres/binaries.py",
        "daybook/run/children.py",
        "daybook/run/supervisor.py",
        "web/operations.py",
    }
    readers = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if re.search(r"\b(os\.environ|getenv)\b", path.read_text(encoding="utf-8")) and path.parts[-2] != "benchmarks"
    }
    assert readers <= passing_on | {"daybook/settings.py"}


def test_our_package_names_are_ours() -> None:
    check_packages()


def test_a_package_of_another_distribution_under_our_name_is_named(tmp_path: Path) -> None:
    with pytest.raises(ForeignPackage, match=r"The package `access` comes from .* instead of"):
        check_packages(tmp_path)
