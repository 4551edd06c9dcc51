"""Imports point one way, and the domain stays pure: the rules of setup.cfg, and an allow-list for `domain/`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = sorted((ROOT / "domain").rglob("*.py"))

# Nothing in here reads a clock, draws a random number, does I/O or logs.
ALLOWED_IN_DOMAIN = {
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "domain",
    "enum",
    "eventsourcing.domain",
    "fractions",
    "functools",
    "hashlib",
    "hmac",
    "iso4217",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "typing",
    "unicodedata",
    "uuid",
}
IMPURE = {
    "create_utc_datetime_now",
    "datetime_now_with_tzinfo",
    "getnode",
    "now",
    "open",
    "print",
    "today",
    "utcnow",
    "uuid1",
    "uuid4",
    "uuid6",
    "uuid7",
}


def test_the_import_rules_hold() -> None:
    # In a process of its own: it sets up logging so that every logger there was before is silent.
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--config", "setup.cfg", "--no-cache"]
    checked = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_domain_imports_only_what_is_pure(path: Path) -> None:
    strangers = {module for module in imported(path) if not is_allowed(module)}
    assert not strangers


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_domain_reads_no_clock_and_draws_no_random_number(path: Path) -> None:
    called = {name_of(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)}
    taken = {alias.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not (called | taken) & IMPURE


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def is_allowed(module: str) -> bool:
    return any(module == allowed or module.startswith(f"{allowed}.") for allowed in ALLOWED_IN_DOMAIN)


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
