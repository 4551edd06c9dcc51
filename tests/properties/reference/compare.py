"""One life in both: after each step the product and the model must say the same."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from tests.properties.reference.lives import Lives
from tests.properties.reference.model import Model
from tests.properties.reference.product import Product
from tests.properties.reference.promises import broken, uncovered
from tests.properties.reference.steps import Step

STEPS_PER_LIFE = 30


@dataclass
class Tally:
    """What a run came to: commands by name and outcome, and the refusals' codes."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    steps: int = 0
    lives: int = 0


class Pair:
    """The product and the model on the same order."""

    def __init__(self, tally: Tally | None = None) -> None:
        self.product, self.model = Product(), Model()
        self.view: dict[str, Any] = {}
        self.tally = tally or Tally()

    def take(self, step: Step) -> str | None:
        """Let both take the step; what differs afterwards, None when nothing does."""
        self.product.now += timedelta(seconds=1)
        self.model.now = self.product.now
        expected = self.model.take(step)
        try:
            seen = self.product.take(step)
        except Exception as crash:  # noqa: BLE001 - whatever it raises, it is a difference
            return f"the product fails with {type(crash).__name__}: {crash}; the model: {_said(expected)}"
        self._count(step, seen)
        if seen[0] != expected[0]:
            return f"the product says {_said(seen)}, the model {_said(expected)}"
        if seen[0] == "refused" and seen[1][0] not in expected[1] and "*" not in expected[1]:
            return f"the product says {_said(seen)}, the model {_said(expected)}"
        if self.model.order is None:
            return None
        unasked = self._unoffered(step) if seen[0] == "accepted" else None
        self.view = self.product.view()
        shipped = step.command == "orders/shipments" and seen[0] == "accepted"
        given_away = uncovered(self.view, self.model.placed.method.code, step.body["lines"]) if shipped else None
        return unasked or given_away or difference(self.view, self.model.view())

    def _unoffered(self, step: Step) -> str | None:
        """What an order takes it also offers; ``view`` is how the order looked before."""
        kind, _, command = step.command.partition("/")
        silent = kind != "orders" or not command or command in self.view["allowed"]
        return None if silent else f"the product takes {command} and does not offer it"

    def _count(self, step: Step, seen: tuple[str, tuple[str, ...]]) -> None:
        self.tally.steps += 1
        self.tally.outcomes[step.command, seen[0]] += 1
        if seen[1]:
            self.tally.codes[step.command, seen[1][0]] += 1


def _said(outcome: tuple[str, tuple[str, ...]]) -> str:
    return outcome[0] + (f" ({' or '.join(outcome[1])})" if outcome[1] else "")


def difference(product: Any, model: Any, path: str = "") -> str | None:
    """The first place where two views differ; fields that only one shows are not compared."""
    if isinstance(product, dict) and isinstance(model, dict):
        both = [name for name in model if name in product]
        if path.endswith("lines") and set(product) != set(model):
            return f"{path}: product {sorted(map(str, product))}, model {sorted(map(str, model))}"
        found = (difference(product[name], model[name], f"{path}/{name}") for name in both)
        return next((each for each in found if each), None)
    if isinstance(product, list) and isinstance(model, list) and len(product) == len(model):
        found = (difference(one, two, f"{path}/{n}") for n, (one, two) in enumerate(zip(product, model, strict=True)))
        return next((each for each in found if each), None)
    return None if product == model else f"{path}: product {product!r}, model {model!r}"


@dataclass
class Difference:
    """A life that ends in a difference."""

    seed: str
    steps: list[Step]
    what: str

    def report(self) -> str:
        """The shortest list of commands that shows it, to be repeated with ``--repeat FILE``."""
        return "\n".join([f"seed {self.seed}: {self.what}", *(step.text() for step in self.steps)])


def live(seed: str, tally: Tally, length: int = STEPS_PER_LIFE) -> Difference | None:
    """One random life; where it ends in a difference, that."""
    random = Random(seed)
    lives, pair, steps = Lives(random), Pair(tally), []
    tally.lives += 1
    for number in range(length):
        step = lives.placing() if not number else lives.step(pair.model.placed)
        steps.append(step)
        what = pair.take(step)
        if what:
            return Difference(seed, steps, what)
        if pair.model.order is None:
            return None
    what = broken(pair.product)
    return Difference(seed, steps, what) if what else None


def replay(steps: list[Step]) -> str | None:
    """What differs first when these steps are taken."""
    pair = Pair()
    for step in steps:
        if pair.model.order is None and step.command != "orders":
            return None
        what = pair.take(step)
        if what:
            return what
    return broken(pair.product) if pair.product.events else None


def shorten(found: Difference) -> Difference:
    """Remove commands as long as some difference of the same kind remains."""
    steps, what, kind = found.steps, found.what, _kind(found.what)
    again = True
    while again:
        again = False
        for place in range(len(steps) - 1, 0, -1):
            fewer = steps[:place] + steps[place + 1 :]
            seen = replay(fewer)
            if seen and _kind(seen) == kind:
                steps, what, again = fewer, seen, True
    return Difference(found.seed, steps, what)


def _kind(what: str) -> str:
    """What a difference is about, without its figures."""
    return "".join(each for each in what.partition("product")[0] if not each.isdigit()).partition(";")[0]
