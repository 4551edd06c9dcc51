"""What the queries need from outside: the read models."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from projections.grid_query import GridPage, GridQuery


class OrderQueries(Protocol):
    """Reads orders. A reader that asks for a position not reached in time gets ``projections.positions.Behind``."""

    def grid_page(self, query: GridQuery) -> GridPage: ...

    def order_detail(self, order_id: UUID, min_position: int | None) -> Mapping[str, Any] | None: ...

    def tracking(self, token: str, min_position: int | None) -> Mapping[str, Any] | None: ...
