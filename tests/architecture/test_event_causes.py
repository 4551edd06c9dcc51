"""What the reference says of who causes an event is what happens."""

from collections import defaultdict
from random import Random

import pytest

from application.catalogue import COMMANDS
from application.unit_of_work import EVENT_CLASSES
from tests.properties.reference.compare import STEPS_PER_LIFE, Pair
from tests.properties.reference.lives import Lives
from tests.support.event_causes import CAUSES, GATEWAY


def test_every_event_says_who_causes_it() -> None:
    assert sorted(CAUSES) == sorted(event.__name__ for event in EVENT_CLASSES)


def test_every_cause_that_looks_like_a_command_is_one() -> None:
    causes = {cause for named in CAUSES.values() for cause in named}
    assert {cause for cause in causes if " " not in cause} <= set(COMMANDS)


@pytest.mark.parametrize("seed", range(3))
def test_random_orders_see_no_other_causes(seed: int) -> None:
    seen = defaultdict[str, set[str]](set)
    for number in range(20):
        lives, pair = Lives(Random(f"causes-{seed}-{number}")), Pair()
        for step_number in range(STEPS_PER_LIFE):
            step = lives.step(pair.model.placed) if step_number else lives.placing()
            known = len(pair.product.events)
            pair.take(step)
            for event in pair.product.events[known:]:
                seen[type(event).__name__].add(GATEWAY if step.command == "gateway" else step.command)
            if pair.model.order is None:
                break
    assert {name: causes - set(CAUSES[name]) for name, causes in seen.items() if causes - set(CAUSES[name])} == {}
