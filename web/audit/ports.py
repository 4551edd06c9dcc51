"""What the audit trail needs from outside: somebody who reads the log."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID


class AuditTrail(Protocol):
    """Reads what happened, as it was recorded, in log order."""

    def order_events(self, order_id: UUID, after: int, limit: int) -> Sequence[Mapping[str, Any]] | None:
        """Up to ``limit`` events of the order with positions above ``after``; None when there is no such order."""

    def access_events(self, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Up to ``limit`` events about keys and periods with positions above ``after``."""
