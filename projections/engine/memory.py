"""The orders that a worker folded lately, so that their next event needs no look at the past.

What is remembered of a slice counts only while nobody else has moved that slice; it is a copy of what
the log says, never the truth. Forgetting costs time and nothing else.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from projections.engine.slices import SLICES, Slice, slice_of


class Memory:
    """States by partition, the longest unused forgotten first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = max(1, capacity // SLICES)
        self._states: list[dict[UUID, Any]] = [{} for _ in range(SLICES)]
        self._positions: list[int | None] = [None] * SLICES

    def trust(self, slices: Iterable[Slice]) -> None:
        """Forget what is older than these slices are now."""
        for each in slices:
            if self._positions[each.number] != each.position:
                self._states[each.number].clear()

    def moved(self, slices: Iterable[Slice]) -> None:
        """What is remembered of these slices is as of where they are now."""
        for each in slices:
            self._positions[each.number] = each.position

    def take(self, partition_id: UUID) -> Any | None:
        """The state of a partition, which is no longer remembered until it is kept again."""
        return self._states[slice_of(partition_id)].pop(partition_id, None)

    def keep(self, partition_id: UUID, state: Any) -> None:
        """Remember a state."""
        states = self._states[slice_of(partition_id)]
        states[partition_id] = state
        if len(states) > self._capacity:
            del states[next(iter(states))]

    def clear(self) -> None:
        """Forget everything: a transaction failed, and what it folded never happened."""
        self.__init__(self._capacity * SLICES)  # type: ignore[misc]

    def keep_only(self, numbers: Collection[int]) -> None:
        """Forget the slices that somebody else holds: what was erased in them meanwhile is told to him alone."""
        for number, states in enumerate(self._states):
            if number not in numbers:
                states.clear()

    def mine(self) -> list[int]:
        """The slices of which something is remembered."""
        return [number for number, states in enumerate(self._states) if states]
