"""A process that has a carrier asked for a label and is killed at a moment of it; run by a test."""

import os
import signal
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.carriers.simulated import SimulatedCarrier
from application.carrier import Bought, LabelRequest, Refused
from tests.application.conftest import open_office
from tests.application.labels import Drawer, label_desk


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(moment: str, ledger: str, app_url: str, order_id: str) -> None:
    """Settle what is due of the order; die before or after asking the carrier, keeping the file, or recording."""

    class Deadly(SimulatedCarrier):
        def buy(self, request: LabelRequest) -> Bought | Refused:
            if moment == "before asking":
                die()
            answer = super().buy(request)
            if moment == "after asking":
                die()
            return answer

    class Last(Drawer):
        def keep(self, *args: Any) -> None:
            super().keep(*args)
            if moment == "after keeping":
                die()

    with open_office(app_url, Path(ledger).with_name("gateway.json")) as office:
        desk = label_desk(office, Deadly(Path(ledger)), Last())
        for claim in desk.due(100):
            if claim.partition_id == UUID(order_id):
                desk.settle(claim)
        die()


if __name__ == "__main__":
    main(*sys.argv[1:])
