"""Every read model that is kept up to date: the one place where a new one is added."""

from typing import Any

from projections.approvals.read_model import APPROVALS
from projections.documents.read_model import DOCUMENTS
from projections.engine.model import ReadModel
from projections.orders.tracking import TRACKING
from projections.orders_grid.read_model import ORDERS_GRID

READ_MODELS: tuple[ReadModel[Any], ...] = (ORDERS_GRID, TRACKING, DOCUMENTS, APPROVALS)


def read_model(name: str) -> ReadModel[Any]:
    """The read model of that name; raises LookupError with the names that exist."""
    for model in READ_MODELS:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in READ_MODELS)
    raise LookupError(f"There is no read model {name}; there are {known}.")
