"""When an attempt that failed is made again, and when there are no more: growing pauses, each a little by chance.

An event that fails alone is given up when its pauses are used up. An endpoint that fails altogether is paused instead
(``courier``), so that nothing of it is given up.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

CHANCE = 0.2
PAUSES_MAX = 50
SECONDS_MAX = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses between attempts, in seconds."""

    seconds: tuple[float, ...]

    @classmethod
    def of(cls, text: str) -> "Pauses":
        """Read a list of seconds with commas between; raises ValueError."""
        seconds = tuple(float(part) for part in text.split(","))
        if not 1 <= len(seconds) <= PAUSES_MAX or not all(0 < each <= SECONDS_MAX for each in seconds):
            raise ValueError(text)
        return cls(seconds)

    @property
    def whole(self) -> timedelta:
        """How long an event is tried."""
        return timedelta(seconds=sum(self.seconds))

    def after(self, tries: int, at_least: float = 0.0) -> timedelta | None:
        """The pause after so many attempts, no shorter than what the receiver asked for; None after the last."""
        if tries > len(self.seconds):
            return None
        pause = self.seconds[tries - 1] * random.uniform(1 - CHANCE, 1 + CHANCE)  # noqa: S311  (no secret)
        return timedelta(seconds=max(pause, at_least))


PAUSES = Pauses((5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 72_000, 86_400))
"""Three days and a quarter of an hour."""
