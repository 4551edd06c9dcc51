"""Every read model that is kept up to date: the one place where a new one is added."""

from typing import Any

from projections.documents import DOCUMENTS
from projections.model import ReadModel
from projections.orders_grid import ORDERS_GRID
from projections.tracking import TRACKING

READ_MODELS: tuple[ReadModel[Any], ...] = (ORDERS_GRID, TRACKING, DOCUMENTS)


def read_model(name: str) -> ReadModel[Any]:
    """The read model of that name; raises LookupError with the names that exist."""
    for model in READ_MODELS:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in READ_MODELS)
    raise LookupError(f"There is no read model {name}; there are {known}.")
