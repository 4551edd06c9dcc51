"""What the tests install from npm is pinned, and asked of the registry that the machine is set up for."""

import json
from pathlib import Path

import pytest

from tests.support.npm_packages import node_modules

TESTS = Path(__file__).parents[1]
LOCKS = sorted(TESTS.rglob("package-lock.json"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.parent.relative_to(TESTS)))
def test_a_lock_pins_every_package_by_its_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_packages_are_installed_once_and_outside_of_the_tree() -> None:
    found = node_modules(Path(__file__).parent)
    assert (found / ".bin" / "openapi-ts").exists()
    assert node_modules(Path(__file__).parent) == found
    assert not found.is_relative_to(TESTS)
