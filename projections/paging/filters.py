"""Filters as conditions of a WHERE clause: column names are ours, whatever a reader gave travels as a parameter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# What stands for no amount in a column of amounts, so that it has its place in every order of rows.
NO_AMOUNT = "-Infinity"


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a WHERE clause and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


def between(column: str, kind: str, low: Any, high: Any) -> Iterator[Condition]:
    """Compared as values of that type, which a column of whole numbers is not: readers may ask for 2.5 and more."""
    if low is not None:
        yield Condition(f"{column} >= %s::{kind}", (low,))
    if high is not None:
        yield Condition(f"{column} <= %s::{kind}", (high,))


def one_of(ways: Sequence[Condition]) -> Condition:
    """Rows for which one of these holds; no row when there is none."""
    if not ways:
        return Condition("false")
    return Condition(
        f"({' OR '.join([each.text for each in ways])})", tuple([v for each in ways for v in each.parameters])
    )


def has(asked: str) -> Condition:
    """Rows whose words answer a tsquery; no row when it asks for nothing."""
    return Condition("words @@ %s::tsquery", (asked,)) if asked else Condition("false")
