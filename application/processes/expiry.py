"""Unpaid orders end at their deadline. The command loses against any payment, so this cannot cancel a paid one.

A deadline stands as a claim only while its order can expire (``application.follow_up``). Whatever refuses all the
same is passed over, and looked at again when the walk through all that is due comes round: the more such orders, the
later that is.
"""

import time
from functools import partial
from uuid import UUID

from application import claims
from application.command import Command
from application.commands.orders import ExpireOrder
from application.desk import Desk
from application.order_log import OrderLog
from application.processes.attempts import EVERYTHING_WAITS, Attempts
from application.processes.process import Origin
from domain.refusals import Refusal

AT_ONCE = 100
# How long the walk rests for each order that it passed over.
REST_SECONDS_EACH = 0.01
REST_SECONDS_MAX = 600.0


class Expiry:
    """Expires what is due, earliest deadline first."""

    name = "expiry"

    def __init__(self, log: OrderLog, desk: Desk, origin: Origin, attempts: Attempts) -> None:
        self._log = log
        self._desk = desk
        self._origin = origin
        self._attempts = attempts
        self._after = ""
        self._passed_over = 0
        self._again_at = 0.0

    def step(self) -> bool:
        """Expire the next orders whose deadline has passed; tells whether more are due."""
        for row in self._attempts.due():
            self._try(row.what, UUID(row.what.rpartition("|")[2]))
        if time.monotonic() >= self._again_at:
            self._after, self._passed_over, self._again_at = "", 0, float("inf")
        now = self._origin.clock().isoformat(timespec="microseconds")
        next_ones = self._log.claims(claims.DEADLINE, "", AT_ONCE, self._after)
        due = [claim for claim in next_ones if claim.key.partition("|")[0] <= now]
        for claim in due:
            if self._attempts.knows(claim.key) or not self._try(claim.key, claim.partition_id):
                self._passed_over += 1
            self._after = claim.key
        if len(due) < AT_ONCE and self._again_at == float("inf"):
            rest = min(self._passed_over * REST_SECONDS_EACH, REST_SECONDS_MAX)
            self._again_at = time.monotonic() + rest
        return len(due) == AT_ONCE

    def _try(self, what: str, order_id: UUID) -> bool:
        return bool(self._attempts.each(what, order_id, partial(self._expire, order_id)))

    def _expire(self, order_id: UUID) -> bool:
        try:
            self._desk.execute(
                Command(name="orders/expire", target=order_id, body=ExpireOrder(), cause=self._origin.cause())
            )
        except Refusal as refusal:
            if refusal.code in EVERYTHING_WAITS:
                raise
            return False  # held or paid just now
        return True
