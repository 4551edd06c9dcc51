"""Steps of a life: one command, written so that a run can be printed, shortened and repeated.

``target`` counts the invoices or shipments of the order in the order of their issue. Amounts are exact
decimals, times are hours from now.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

AMOUNTS = frozenset(
    {
        "amount",
        "unit_price",
        "tax_rate",
        "tax_amount",
        "discount",
        "adjustment_refund",
        "adjustment_fee",
        "expected_grand_total",
        "tax_total",
    }
)


@dataclass(frozen=True)
class Step:
    """One command with its body."""

    command: str
    body: dict[str, Any] = field(default_factory=dict)
    target: int | None = None

    def text(self) -> str:
        """The step as one line of JSON."""
        shown: dict[str, Any] = {"command": self.command}
        if self.target is not None:
            shown["target"] = self.target
        return json.dumps(shown | {"body": self.body}, default=str)


def step_of(text: str) -> Step:
    """The step that a line of JSON stands for."""
    read = json.loads(text)
    return Step(read["command"], _typed(read["body"]), read.get("target"))


def _typed(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _typed(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_typed(each) for each in value]
    amount = name in AMOUNTS or name == "shipping"
    return Decimal(value) if amount and isinstance(value, str) else value
