"""What the answers so far have told: ids, positions, what is due, which lines an order has."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

Json = dict[str, Any]

IDS = frozenset(
    {
        *("order_id", "invoice_id", "credit_memo_id", "shipment_id", "batch_id", "dispatch_id", "notification_id"),
        *("webhook_id", "view_id", "event_id", "command_id", "customer_id"),
    }
)
OTHER_NAMES = {"tracking_token": "token", "position": "position", "tree_size": "size"}
RECENT = 40


class Known:
    """Values by the name of the parameter that they are good for."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._values: dict[str, list[Any]] = defaultdict(list)
        self.lines: dict[str, list[str]] = {}
        self.due: dict[str, str] = {}

    def learn(self, answer: Any) -> None:
        """Take in what an answer says."""
        if isinstance(answer, list):
            for each in answer:
                self.learn(each)
        elif isinstance(answer, dict):
            for name, value in answer.items():
                if name in IDS and isinstance(value, str):
                    self.add(name, value)
                elif name in OTHER_NAMES and value is not None:
                    self.add(OTHER_NAMES[name], value)
                self.learn(value)
            if "grand_total" in answer and "order_id" in answer:
                self.due[answer["order_id"]] = str(answer.get("total_due") or answer["grand_total"])

    def add(self, name: str, value: Any) -> None:
        values = self._values[name]
        if value not in values[-RECENT:]:
            values.append(value)

    def placed(self, order_id: str, body: Json) -> None:
        """An order came into being with these lines."""
        self.lines[order_id] = [line["line_id"] for line in body["lines"]]

    def some(self, name: str) -> Any:
        """One of the values of late, or None; an older one now and then."""
        values = self._values[name]
        if not values:
            return None
        return self._random.choice(values if self._random.random() < 0.1 else values[-RECENT:])

    def several(self, name: str, most: int) -> list[Any]:
        """A few different values of late."""
        values = self._values[name][-RECENT:]
        return self._random.sample(values, min(len(values), self._random.randint(1, most)))
