"""Which order a line of a bulk request belongs to, as far as can be told before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from application.command_type import CommandType
from domain.document_kinds import READABLE
from web.commands.bulk_lines import Line

_OF_AN_ORDER = [kind for kind in READABLE if not kind.spans]
CHOSEN = tuple(kind.id_name for kind in _OF_AN_ORDER)
OF_AN_ORDER = frozenset(kind.collection for kind in _OF_AN_ORDER)

PartitionsOf = Callable[[Sequence[UUID]], Mapping[UUID, UUID]]
"""By the id of an order or a document of one: the order's."""
Name = UUID | int
"""Of a lane: an order, or something of its own for one that is only being placed."""


def nothing_known(_: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """Where nobody knows which document belongs to which order."""
    return {}


class Orders:
    """Which order a line belongs to, as far as can be told: by its path, by the log, or by a line before it."""

    def __init__(self, partitions_of: PartitionsOf) -> None:
        self._partitions_of = partitions_of
        self._known: dict[UUID, UUID] = {}

    def of(self, line: Line) -> Name | None:
        """The order, something of its own for a new one, None where a line may concern several."""
        command: CommandType[Any] = line.route.command
        if line.target is None:
            return self._chosen(line, None) or line.number if command.name == "orders" else None
        if command.area not in OF_AN_ORDER:
            return None
        order = self._order(line.target, command.area)
        if order is not None:
            self._chosen(line, order)
        return order

    def _order(self, target: UUID, area: str) -> UUID | None:
        if area == "orders":
            return target
        if target not in self._known:
            self._known |= self._partitions_of([target])
        return self._known.get(target)

    def _chosen(self, line: Line, order: UUID | None) -> UUID | None:
        """Note the ids that a line chooses for what it makes; those belong to its order."""
        if not isinstance(line.body, dict):
            return order
        for name in CHOSEN:
            try:
                chosen = UUID(line.body[name])
            except (KeyError, ValueError, TypeError, AttributeError):
                continue
            order = order or chosen
            self._known[chosen] = order
        return order
