"""Unpaid orders end at their deadline. The command loses against any payment, so this cannot cancel a paid one."""

from uuid import UUID

from application import claims
from application.desk import Desk
from application.order_log import OrderLog
from application.processes.process import Origin
from domain.refusals import Refusal

AT_ONCE = 100


class Expiry:
    """Expires what is due, earliest deadline first."""

    name = "expiry"

    def __init__(self, log: OrderLog, desk: Desk, origin: Origin) -> None:
        self._log = log
        self._desk = desk
        self._origin = origin

    def step(self) -> bool:
        """Expire the orders whose deadline has passed."""
        now = self._origin.clock().isoformat(timespec="microseconds")
        due = [claim for claim in self._log.claims(claims.DEADLINE, "", AT_ONCE) if claim.key.partition("|")[0] <= now]
        expired = 0
        for claim in due:
            expired += self._expire(claim.partition_id)
        return len(due) == AT_ONCE and expired > 0

    def _expire(self, order_id: UUID) -> bool:
        try:
            self._desk.execute(self._origin.command("orders/expire", order_id))
        except Refusal:
            return False  # held or paid just now: the next step looks again
        return True
