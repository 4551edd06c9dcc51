"""A payment gateway for development and tests that does everything a real one may do to us.

It keeps what it did in a small SQLite file of its own, so that asked again under the same id, even by another process
or after a kill at any point, it acts once and answers alike. The minor units of an amount choose what happens: see
``BEHAVIOURS``.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.ledger_file import LedgerFile
from application.gateway import Approved, Declined, GatewayRequest, GatewayUnavailable

DELAY_SECONDS = 1.0

# By the last two digits of the amount in minor units.
BEHAVIOURS = {
    91: "decline: insufficient funds",
    92: "slow: answers after a second",
    93: "lost answer: acts, but the first answer never arrives",
    94: "down: does not act and does not answer the first time",
}

_TABLES = """
    CREATE TABLE IF NOT EXISTS requests (
        number INTEGER PRIMARY KEY, intent_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, amount INTEGER NOT NULL,
        currency TEXT NOT NULL, approved TEXT, declined TEXT
    )
"""
_MOVEMENTS = "SELECT kind, intent_id, amount, currency FROM requests WHERE approved IS NOT NULL ORDER BY number"


class SimulatedGateway:
    """Approves, declines, delays, loses answers; every request is a row in ``ledger``, an SQLite file, mode 0600."""

    def __init__(self, ledger: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._ledger = LedgerFile(ledger, _TABLES, GatewayUnavailable)
        self._sleep = sleep

    def ask(self, request: GatewayRequest) -> Approved | Declined:
        """Act once per intent; raises ``GatewayUnavailable`` when the answer is lost."""
        behaviour = request.amount % 100
        with self._ledger.opened() as ledger:
            known = ledger.execute(
                "SELECT approved, declined FROM requests WHERE intent_id = ?", [str(request.intent_id)]
            ).fetchone()
            if known is not None and known != (None, None):
                return _outcome(*known)
            if behaviour == 94 and known is None:
                _keep(ledger, request, None, None)
                unanswered = "the gateway is down"
            else:
                declined = "insufficient funds" if behaviour == 91 else None
                approved = None if declined else f"sim_{request.intent_id}"
                _keep(ledger, request, approved, declined)
                unanswered = "the answer was lost" if behaviour == 93 else ""
        if unanswered:
            raise GatewayUnavailable(unanswered)
        if behaviour == 92:
            self._sleep(DELAY_SECONDS)
        return _outcome(approved, declined)

    def movements(self) -> list[dict[str, Any]]:
        """What was really moved, oldest first: kind, intent_id, amount, currency."""
        names = ("kind", "intent_id", "amount", "currency")
        with self._ledger.opened() as ledger:
            return [dict(zip(names, row, strict=True)) for row in ledger.execute(_MOVEMENTS)]


def _keep(ledger: sqlite3.Connection, request: GatewayRequest, approved: str | None, declined: str | None) -> None:
    ledger.execute(
        "INSERT INTO requests (intent_id, kind, amount, currency, approved, declined) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (intent_id) DO UPDATE SET approved = excluded.approved, declined = excluded.declined",
        [str(request.intent_id), request.kind, request.amount, request.currency, approved, declined],
    )


def _outcome(approved: str | None, declined: str | None) -> Approved | Declined:
    return Approved(approved) if approved is not None else Declined(declined or "")
