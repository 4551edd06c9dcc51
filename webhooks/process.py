"""The process of the worker that sends webhooks: sees to it that each endpoint has its courier.

A step takes no longer than a look at the list of endpoints; all sending is the couriers'. Once an hour it forgets what
arrived long ago; and when an endpoint paused itself it has the merchant told, until that succeeded.
"""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from webhooks import deliveries
from webhooks.courier import Courier, Means

LOOK_SECONDS = 1.0
FORGET_SECONDS = 3600.0
TELL_SECONDS = 2.0
# A mail server that takes nothing is asked again after so long.
TELL_AGAIN_SECONDS = 60.0

_UNTOLD = """
    SELECT webhook_id, origin, paused_why, paused_at FROM webhooks.endpoints
    WHERE state = 'paused' AND paused_why <> 'asked' AND told_at IS NULL ORDER BY paused_at LIMIT 10
"""
_TOLD = "UPDATE webhooks.endpoints SET told_at = clock_timestamp() WHERE webhook_id = %s AND paused_at = %s"

Tell = Callable[[UUID, str, str, datetime], bool]
"""Tells the merchant that an endpoint (id, origin) was paused, why and when; False to be asked again later."""

log = structlog.get_logger("webhooks")


class SendingWebhooks:
    """Runs in one place at a time; may be killed at any point and started again."""

    name = "webhooks"

    def __init__(self, means: Means, tell: Tell) -> None:
        self._means = means
        self._tell = tell
        self._couriers: dict[UUID, Courier] = {}
        self._look_at = 0.0
        self._forget_at = time.monotonic() + FORGET_SECONDS
        self._tell_at = 0.0

    def step(self) -> bool:
        """Wake the couriers, and now and then look whether each endpoint has one."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look()
            self._look_at = now + LOOK_SECONDS
        for courier in self._couriers.values():
            courier.news()
        if self._couriers and now >= self._forget_at:
            with self._means.pool.connection() as connection:
                deliveries.forget(connection)
            self._forget_at = now + FORGET_SECONDS
        if self._couriers and now >= self._tell_at:
            self._tell_at = now + (TELL_SECONDS if self._told_of_pauses() else TELL_AGAIN_SECONDS)
        return False

    def close(self, timeout_seconds: float) -> None:
        """Have everything under way finished and written down, within a time."""
        until = time.monotonic() + timeout_seconds
        for courier in self._couriers.values():
            courier.stop()
        for courier in self._couriers.values():
            courier.join(max(0.0, until - time.monotonic()))
        self._couriers.clear()

    def _look(self) -> None:
        with self._means.pool.connection() as connection:
            ids = [row[0] for row in connection.execute("SELECT webhook_id FROM webhooks.endpoints")]
        self._couriers = {key: each for key, each in self._couriers.items() if not each.ended}
        for webhook_id in ids:
            if webhook_id not in self._couriers:
                self._couriers[webhook_id] = Courier(webhook_id, self._means)
                self._couriers[webhook_id].start()

    def _told_of_pauses(self) -> bool:
        """Whether everybody was told who had to be."""
        with self._means.pool.connection() as connection:
            for webhook_id, origin, why, paused_at in connection.execute(_UNTOLD).fetchall():
                if not self._tell(webhook_id, origin, why, paused_at):
                    return False
                connection.execute(_TOLD, [webhook_id, paused_at])
        return True
