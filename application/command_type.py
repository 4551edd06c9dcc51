"""What is known of one command before anybody sends it: a row of the catalogue.

Everything else that names commands (routes, rights, the OpenAPI document, the desk's ways) is read from these rows.
They must never name HTTP: the edge knows how a kind of command is answered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from application.command_context import CommandContext
from application.unit_of_work import UnitOfWork
from domain.document_kinds import KIND_OF_COLLECTION, DocumentKind

CommandT = TypeVar("CommandT")

Handler = Callable[[UnitOfWork, CommandT, CommandContext], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandType(Generic[CommandT]):
    """A row of the catalogue.

    ``name`` is the path under /commands without ids, ``value`` the type of what is asked for, ``handle`` what is done.
    ``creates`` is the kind of document that comes into being, whose id the caller may choose in ``id_field``; where it
    ``begins`` a partition there is nothing to load before. ``right`` is what it asks of its caller; ``continues`` says
    that a process does the rest after the answer, ``unheard_of`` that its target need not have a history. ``codes`` are
    its own problems, besides those of every command.
    """

    name: str
    value: type[CommandT]
    handle: Handler[CommandT]
    summary: str
    codes: tuple[str, ...] = ()
    creates: DocumentKind | None = None
    begins: bool = False
    id_field: str | None = None
    right: str = "command"
    continues: bool = False
    unheard_of: bool = False

    @property
    def area(self) -> str:
        """The first word of the name: the collection of what it is sent to."""
        return self.name.partition("/")[0]

    @property
    def target(self) -> DocumentKind | None:
        """The kind of document whose id stands in the path; None where there is none."""
        return KIND_OF_COLLECTION[self.area] if "/" in self.name else None
