"""The commands over HTTP: their paths, their bodies and what their answers point at, all read from the catalogue.

A name is the path under ``/commands`` without its id. Every row of the catalogue has a route; which of them are served
is up to whoever makes the application.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from access.roles import Right, Role
from application.answers import APPROVAL_REQUIRED
from application.catalogue import COMMANDS
from application.command_type import CommandType
from domain.document_kinds import CUSTOMER
from web.schemas import customers, orders, payments, shipments
from web.schemas.body import BodyReader, CommandBody

BODIES: dict[type[Any], type[CommandBody]] = {
    value: body
    for area in (orders, payments, shipments, customers)
    for body in vars(area).values()
    if isinstance(body, type) and issubclass(body, CommandBody)
    for value in vars(body).get("makes", ())
}
"""By type of command its schema; commands that ask for nothing beyond their path share one."""


@dataclass(frozen=True, slots=True)
class Route:
    """One command of the catalogue over HTTP.

    ``roles`` are those to whom the merchant keeps it, if to any, and ``reason_required`` says whether the merchant
    wants to know why, ``may_wait`` whether it may need a second person.
    """

    command: CommandType[Any]
    roles: frozenset[Role] | None = None
    reason_required: bool = False
    may_wait: bool = False

    @property
    def name(self) -> str:
        """The name of the command."""
        return self.command.name

    @property
    def right(self) -> Right:
        """What it asks of its caller."""
        return Right(self.command.right)

    @property
    def body(self) -> type[CommandBody]:
        """The shape of its body."""
        return BODIES.get(self.command.value, orders.Nothing)

    def reader(self) -> BodyReader:
        """Reads its bodies into what is asked for."""
        return BodyReader(self.body(), self.command.value)

    @property
    def status(self) -> int:
        """Of its answer when all went well: 201 for something new, 202 where the rest is still to be done."""
        if self.command.creates is not None:
            return 201
        return 202 if self.command.continues else 200

    def status_of(self, answer: Mapping[str, Any]) -> int:
        """Of an answer: 202 where the command waits for a second person."""
        return 202 if answer.get("code") == APPROVAL_REQUIRED else self.status

    @property
    def path(self) -> str:
        """The Flask rule."""
        collection, _, verb = self.name.partition("/")
        if self.names_customer:
            return f"/commands/{collection}/<path:customer_id>/{verb}"
        return f"/commands/{collection}/<uuid:target>/{verb}" if verb else f"/commands/{collection}"

    @property
    def names_customer(self) -> bool:
        """Whether a customer's id stands in its path, which may be any text."""
        return self.command.target is CUSTOMER

    def location(self, answer: Mapping[str, Any]) -> str | None:
        """Where what came into being, or waits, can be read; None where nothing did, or has no query of its own."""
        if answer.get("code") == APPROVAL_REQUIRED:
            return f"/queries/approvals/{answer['approval_id']}"
        kind = self.command.creates
        if kind is None or not kind.readable:
            return None
        return f"/queries/{kind.collection}/{answer[kind.id_name]}"


@dataclass(frozen=True, slots=True)
class House:
    """The merchant's own rules: by command the roles it is kept to, which commands need a reason, which may be held.

    IMPORT_HISTORY is no command, but what lets a key bring in facts of a closed period.
    """

    rights: Mapping[str, Collection[str]] = field(default_factory=dict)
    reasons: Collection[str] = ()
    held: Collection[str] = ()

    def roles(self, name: str) -> frozenset[Role] | None:
        """Those to whom it is kept; None for all who may command."""
        kept = self.rights.get(name)
        return None if kept is None else frozenset(Role(role) for role in kept)

    def rule(self, route: Route) -> Route:
        """The route under these rules."""
        return replace(
            route,
            roles=self.roles(route.name),
            reason_required=route.names_customer or route.name in self.reasons,
            may_wait=route.name in self.held,
        )

    @property
    def historians(self) -> frozenset[Role]:
        """Who may bring in history: people who administer, unless the merchant says otherwise."""
        kept = self.roles(IMPORT_HISTORY)
        return frozenset({Role.ADMIN}) if kept is None else kept


IMPORT_HISTORY = "import-history"

ROUTES: tuple[Route, ...] = tuple(Route(row) for row in COMMANDS.values())
