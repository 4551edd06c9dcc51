"""Daybook's packages have plain names (`domain`, `web`): this says so when another distribution owns one of them.

Plain names are the price of a tree that reads like a table of contents; the check makes the price known at the start
instead of as a strange error later. It must never import what it checks.
"""

import importlib.util
from pathlib import Path

PACKAGES = (
    "access",
    "adapters",
    "application",
    "daybook",
    "domain",
    "eventstore",
    "migrations",
    "projections",
    "verifier",
    "web",
    "webhooks",
)


class ForeignPackage(Exception):
    """A package under one of our names that is not ours; the message is one sentence that says what to do."""


ROOT = Path(__file__).resolve().parent.parent


def check_packages(root: Path = ROOT) -> None:
    """Refuse to go on when one of our names leads elsewhere."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found != root / name:
            raise ForeignPackage(
                f"The package `{name}` comes from {found or 'nowhere'} instead of {root / name}; "
                "install Daybook into a virtual environment of its own (`make run` does)."
            )
