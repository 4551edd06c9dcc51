"""A process that gives one command and is killed around asking the gateway; run by a test."""

import os
import signal
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.gateways.simulated import SimulatedGateway
from application.processes.gateway_requests import open_requests
from domain.order import Order
from tests.application.conftest import open_office


def main(order_id: str, command: str, moment: str, ledger: str, app_url: str) -> None:
    """Give the command; die ``moment`` ("before asking" or "after asking") the gateway."""
    gateway = SimulatedGateway(Path(ledger))
    with open_office(app_url, Path(ledger)) as office:

        def settle(order: UUID) -> None:
            if moment == "after asking":
                for request in open_requests(office.log.load_root(Order, order).work):
                    gateway.ask(request)
            os.kill(os.getpid(), signal.SIGKILL)

        body: dict[str, Any] = {"lines": "all_remaining"}
        if command == "refund":
            body = {"amount": Decimal("100.00"), "mode": "online"}
        name = "orders/refund-payment" if command == "refund" else "orders/invoices"
        office.do(name, order_id, desk=office.desk(settle), **body)


if __name__ == "__main__":
    main(*sys.argv[1:])
