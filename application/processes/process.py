"""What all processes are: something that looks for work and does a bounded piece of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from application.command import Actor, Cause


class Process(Protocol):
    """Runs in one place at a time; may be killed at any point and started again."""

    name: str

    def step(self) -> bool:
        """Do what is due, a bounded piece; tells whether there may be more right now."""


@runtime_checkable
class Closing(Protocol):
    """A process that does something beside its steps, which has to be ended."""

    def close(self, timeout_seconds: float) -> None:
        """Begin nothing more, and have what is under way finished, within a time."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Under which name a process acts, and where its ids and its time come from."""

    name: str
    new_id: Callable[[], UUID]
    clock: Callable[[], datetime]

    def cause(self, causation_id: UUID | None = None, correlation_id: UUID | None = None) -> Cause:
        """Of what the process records, because of a command or an event; in a conversation of its own without one."""
        return Cause(
            actor=Actor("process", self.name),
            correlation_id=correlation_id or self.new_id(),
            causation_id=causation_id,
        )
