"""A payment gateway for development and tests that does everything a real one may do to us.

It keeps what it did in a file, so that asked again under the same id, even by another process or after a
crash, it acts once and answers alike. The minor units of an amount choose what happens: see ``BEHAVIOURS``.
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from application.gateway import Approved, Declined, GatewayRequest, GatewayUnavailable

DELAY_SECONDS = 1.0

# By the last two digits of the amount in minor units.
BEHAVIOURS = {
    91: "decline: insufficient funds",
    92: "slow: answers after a second",
    93: "lost answer: acts, but the first answer never arrives",
    94: "down: does not act and does not answer the first time",
}


class SimulatedGateway:
    """Approves, declines, delays, loses answers; every movement is kept in ``ledger`` (JSON)."""

    def __init__(self, ledger: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._ledger = ledger
        self._sleep = sleep

    def ask(self, request: GatewayRequest) -> Approved | Declined:
        """Act once per intent; raises ``GatewayUnavailable`` when the answer is lost."""
        with self._opened() as ledger:
            key = str(request.intent_id)
            known = ledger["answers"].get(key)
            if known is not None:
                return _outcome(known)
            behaviour = request.amount % 100
            if behaviour == 94 and key not in ledger["down"]:
                ledger["down"].append(key)
                raise GatewayUnavailable("the gateway is down")
            answer = {"declined": "insufficient funds"} if behaviour == 91 else {"approved": f"sim_{key}"}
            ledger["answers"][key] = answer
            if "approved" in answer:
                ledger["movements"].append(_movement(request))
            if behaviour == 93:
                raise GatewayUnavailable("the answer was lost")
        if behaviour == 92:
            self._sleep(DELAY_SECONDS)
        return _outcome(answer)

    def movements(self) -> list[dict[str, Any]]:
        """What was really moved, oldest first: kind, intent_id, amount, currency."""
        with self._opened() as ledger:
            moved: list[dict[str, Any]] = ledger["movements"]
        return moved

    @contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """The ledger under a lock; what was changed is written even when an answer gets lost."""
        with self._ledger.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            ledger: dict[str, Any] = json.loads(text) if text else {"answers": {}, "movements": [], "down": []}
            try:
                yield ledger
            finally:
                file.seek(0)
                file.truncate()
                json.dump(ledger, file)


def _movement(request: GatewayRequest) -> dict[str, Any]:
    return {
        "kind": request.kind,
        "intent_id": str(request.intent_id),
        "amount": request.amount,
        "currency": request.currency,
    }


def _outcome(answer: dict[str, str]) -> Approved | Declined:
    if "approved" in answer:
        return Approved(answer["approved"])
    return Declined(answer["declined"])
