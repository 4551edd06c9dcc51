"""What the commands need from outside: somebody who executes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from application.command import Command
from domain.refusals import Refusal


class Sitting(Protocol):
    """Executes commands on different orders side by side; of one that it leaves to the desk it says None."""

    def execute(self, commands: Sequence[Command]) -> Sequence[Mapping[str, Any] | Refusal | None]: ...


class Desk(Protocol):
    """Executes a command, or raises a Refusal; the answer is JSON-ready."""

    def execute(self, command: Command) -> Mapping[str, Any]: ...

    def together(self) -> Sitting: ...
