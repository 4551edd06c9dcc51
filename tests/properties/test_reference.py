"""The product and an independent model of its rules say the same of random orders.

More of it by hand: ``python -m tests.properties.reference --steps 100000 --seed 7``.
"""

import ast
from pathlib import Path

import pytest

from tests.properties import reference
from tests.properties.reference.compare import Difference, Tally, live, replay, shorten
from tests.properties.reference.state import Order

LIVES_PER_SEED = 30
KNOWS_THE_PRODUCT = {"product.py"}
PRODUCT = {"adapters", "application", "daybook", "domain", "eventstore", "projections", "web"}


@pytest.mark.parametrize("seed", range(8))
def test_product_and_model_agree_on_every_step_of_random_orders(seed: int) -> None:
    tally = Tally()
    for number in range(LIVES_PER_SEED):
        different = live(f"{seed}-{number}", tally)
        assert different is None, shorten(different).report()
    accepted = sum(count for (_, outcome), count in tally.outcomes.items() if outcome == "accepted")
    assert accepted > tally.steps / 4


def first_difference(lives: int) -> Difference:
    found = (live(f"wrong-{number}", Tally()) for number in range(lives))
    return next(each for each in found if each is not None)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("held", property(lambda order: order.captured)),
        ("due", property(lambda order: max(0, order.grand_total - order.canceled_value - order.held))),
        ("uninvoiced", property(lambda order: order.held - order.refunding)),
    ],
)
def test_a_rule_that_differs_between_the_two_is_found(
    rule: str, wrong: property, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Order, rule, wrong)
    short = shorten(first_difference(200))
    assert replay(short.steps) == short.what
    assert len(short.steps) <= 10


def test_the_model_knows_nothing_of_the_product() -> None:
    for path in Path(reference.__file__).parent.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {each.name.partition(".")[0] for each in node.names}
        assert path.name in KNOWS_THE_PRODUCT or not imported & PRODUCT
