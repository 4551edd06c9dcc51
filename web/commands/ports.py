"""What the commands need from outside: somebody who executes them."""

from collections.abc import Mapping
from typing import Any, Protocol

from application.command import Command


class Desk(Protocol):
    """Executes a command, or raises a Refusal; the answer is JSON-ready."""

    def execute(self, command: Command) -> Mapping[str, Any]: ...
