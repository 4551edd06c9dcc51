"""What the simulated gateway did survives a kill at any moment, and is nobody else's to read."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.gateways.simulated import SimulatedGateway
from application.gateway import Approved, GatewayRequest, GatewayUnavailable

ASKING = """
import sys
from pathlib import Path
from uuid import uuid4
from adapters.gateways.simulated import SimulatedGateway
from application.gateway import GatewayRequest
gateway = SimulatedGateway(Path(sys.argv[1]))
while True:
    one = uuid4()
    gateway.ask(GatewayRequest(kind="capture", intent_id=one, order_id=one, amount=100, currency="EUR", reference="r"))
    print(one, flush=True)
"""


def request(amount: int = 100) -> GatewayRequest:
    one = uuid4()
    return GatewayRequest(kind="capture", intent_id=one, order_id=one, amount=amount, currency="EUR", reference="r")


def test_every_answer_that_was_given_is_kept_over_kills(tmp_path: Path) -> None:
    ledger = tmp_path / "gateway.sqlite"
    answered: set[str] = set()
    for _ in range(5):
        asking = subprocess.Popen(
            [sys.executable, "-c", ASKING, str(ledger)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        assert asking.stdout is not None
        answered.add(asking.stdout.readline().strip())
        time.sleep(0.05)
        os.kill(asking.pid, signal.SIGKILL)
        answered |= set(asking.stdout.read().splitlines()[:-1])
        asking.stdout.close()
        asking.wait()
        gateway = SimulatedGateway(ledger)
        assert answered <= {movement["intent_id"] for movement in gateway.movements()}
        assert isinstance(gateway.ask(request()), Approved)
    assert ledger.stat().st_mode & 0o777 == 0o600


def test_a_ledger_that_cannot_be_used_is_no_answer_and_no_fault(tmp_path: Path) -> None:
    ledger = tmp_path / "gateway.sqlite"
    ledger.write_bytes(b'{"answers": {' * 100)
    with pytest.raises(GatewayUnavailable, match="its ledger"):
        SimulatedGateway(ledger).ask(request())
