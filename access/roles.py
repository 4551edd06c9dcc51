"""What callers are, and what each may do. A right is asked for by a path; nobody has one that is not listed here."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a key is for."""

    ADMIN = "admin"
    INTEGRATOR = "integrator"
    AUDITOR = "auditor"
    CUSTOMER = "customer"


class Right(StrEnum):
    """What a path asks of its caller."""

    COMMAND = "command"
    QUERY = "query"
    AUDIT = "audit"
    REORDER = "reorder"  # any order, or for a customer's key only its own
    ADMINISTER = "administer"  # what concerns the installation and no order: who is told by webhook
    OWN = "own"  # what belongs to a customer: all of it, or for a customer's key only its own


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset({Right.COMMAND, Right.REORDER, Right.QUERY, Right.AUDIT, Right.ADMINISTER, Right.OWN}),
    Role.INTEGRATOR: frozenset({Right.COMMAND, Right.REORDER, Right.QUERY, Right.OWN}),
    Role.AUDITOR: frozenset({Right.QUERY, Right.AUDIT, Right.OWN}),
    Role.CUSTOMER: frozenset({Right.REORDER, Right.OWN}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the key it came with, or that it signed in with; ``customer_id`` for customers only.

    ``first_key_id`` is the key that this one took the place of, be it over several others.
    """

    key_id: str
    role: Role
    name: str
    customer_id: str | None = None
    first_key_id: str | None = None

    @property
    def scope(self) -> str:
        """Within which an idempotency key stands for one request, also when the API key was replaced before a retry."""
        return self.first_key_id or self.key_id
