"""What an order says it accepts is what it accepts: in every state that random lives come through."""

from dataclasses import replace
from random import Random

import pytest

from domain.lifecycle import LIFECYCLE
from tests.properties.reference.compare import STEPS_PER_LIFE, Pair
from tests.properties.reference.lives import Lives
from tests.properties.reference.promises import offers
from tests.properties.reference.steps import Step

LIVES_PER_SEED = 10


def wrong_offer(seed: str, length: int = STEPS_PER_LIFE) -> tuple[str, list[Step]] | None:
    """The first state of a random life that offers too much or too little, with the steps that led there."""
    random = Random(seed)
    lives, pair, steps = Lives(random), Pair(), list[Step]()
    for number in range(length):
        steps.append(lives.step(pair.model.placed) if number else lives.placing())
        pair.take(steps[-1])
        if pair.model.order is None:
            return None
        wrong = offers(pair.product, LIFECYCLE)
        if wrong:
            return wrong, steps
    return None


@pytest.mark.parametrize("seed", range(4))
def test_a_command_is_offered_exactly_where_some_body_of_it_is_accepted(seed: int) -> None:
    for number in range(LIVES_PER_SEED):
        wrong = wrong_offer(f"{seed}-{number}")
        assert wrong is None, "\n".join([wrong[0], *(step.text() for step in wrong[1])])


def test_an_offer_without_its_condition_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIFECYCLE, "invoices", replace(LIFECYCLE["invoices"], conditions=()))
    assert any(wrong_offer(f"wrong-{number}") for number in range(20))


def test_a_command_that_is_accepted_and_not_offered_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIFECYCLE, "cancel", replace(LIFECYCLE["cancel"], once_back=None))
    assert any(wrong_offer(f"wrong-{number}") for number in range(100))
