"""What a handler gets beside the order: the request, the time and where new ids come from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from application.command import Merchant
from eventstore.records import Claim


@dataclass(slots=True)
class Work:
    """One run of a handler; ``claims`` are the unique names that its events take.

    ``at`` is when it happened as the caller says, ``now`` when it is decided.
    """

    target: UUID
    body: dict[str, Any]
    at: datetime
    now: datetime
    merchant: Merchant
    new_id: Callable[[], UUID]
    new_token: Callable[[], str]
    claims: list[Claim] = field(default_factory=list)

    def chosen_id(self, name: str) -> UUID:
        """The id that the caller chose in field ``name``, or a new one."""
        chosen = self.body.get(name)
        return chosen if isinstance(chosen, UUID) else self.new_id()

    def claim(self, kind: str, key: str, partition_id: UUID) -> None:
        """Take a name that only one stream may have, in the same append."""
        self.claims.append(Claim(kind, key, partition_id))
