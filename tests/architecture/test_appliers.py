"""What applies events never asks for their class: read models fold events as bare shapes, which have none."""

import ast
import inspect
import sys

import pytest

from domain import label_state, order_evolution, shipment_state
from projections.catalogue import READ_MODELS

APPLIERS = (
    *order_evolution.APPLIERS.values(),
    *shipment_state.APPLIERS.values(),
    *label_state.APPLIERS.values(),
)
MODULES = sorted(
    {applier.__module__ for applier in APPLIERS} | {model.fold.__module__ for model in READ_MODELS if model.bare}
)


@pytest.mark.parametrize("module", MODULES)
def test_an_applier_never_asks_for_the_class_of_an_event(module: str) -> None:
    functions = ast.parse(inspect.getsource(sys.modules[module])).body
    asked = [
        node.lineno
        for function in functions
        if getattr(function, "name", "") != "apply"  # finds the applier of an event, and is not for shapes
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"isinstance", "type"}
    ]
    assert not asked, f"{module}: lines {asked}"
