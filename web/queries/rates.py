"""GET /queries/shipments/{shipment_id}/rates: what the carrier would charge for each package, asked at this moment.

The carrier is asked while the reader waits, so only a few may ask at once.
"""

from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any, Protocol
from uuid import UUID

import msgspec
from flask import Response, request

from domain.refusals import Refusal
from web.guard import View
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.queries.answering import json_answer
from web.requests import refuse_parameters

AT_ONCE = 4


class Rates(Protocol):
    """Asks carriers what they would charge."""

    def of_shipment(self, shipment_id: UUID) -> Mapping[str, Any]:
        """The rates of each package; refuses shipments that are unknown or whose carrier cannot be asked."""


class NoRates:
    """Of a shop that no carrier is connected with."""

    def of_shipment(self, shipment_id: UUID) -> Mapping[str, Any]:
        """Refuses."""
        detail = f"There is no account with any carrier, so that none can be asked about {shipment_id}."
        raise Refusal("carrier_not_connected", detail)


def rates_view(rates: Rates) -> View:
    """The rates of a shipment's packages as JSON."""
    turns = BoundedSemaphore(AT_ONCE)

    def view(shipment_id: UUID) -> Response:
        refuse_parameters(request)
        if not turns.acquire(blocking=False):
            detail = "Too many ask carriers for their rates at the moment."
            raise Problem(503, "carrier_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
        try:
            return json_answer(msgspec.json.encode(rates.of_shipment(shipment_id)))
        finally:
            turns.release()

    return view
