"""What carriers would charge for the packages of a shipment, or for what is left of an order, asked at this moment.

The carrier is asked while the reader waits, so only a few may ask at once.
"""

from collections.abc import Callable, Mapping
from threading import BoundedSemaphore
from typing import Any, Protocol
from uuid import UUID

import msgspec
from flask import Response, request

from domain.refusals import Refusal
from web.parameters import invalid_parameter, single_parameters
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.queries.answering import json_answer
from web.requests import refuse_parameters

AT_ONCE = 4


class Rates(Protocol):
    """Asks carriers what they would charge."""

    def of_shipment(self, shipment_id: UUID) -> Mapping[str, Any]:
        """The rates of each package; refuses shipments that are unknown or whose carrier cannot be asked."""

    def of_order(self, order_id: UUID, carrier: str, origin: str) -> Mapping[str, Any]:
        """The rates of one package of all that is left to ship; refuses likewise."""


class NoRates:
    """Of a shop that no carrier is connected with."""

    def of_shipment(self, shipment_id: UUID) -> Mapping[str, Any]:
        """Refuses."""
        detail = f"There is no account with any carrier, so that none can be asked about {shipment_id}."
        raise Refusal("carrier_not_connected", detail)

    def of_order(self, order_id: UUID, carrier: str, origin: str) -> Mapping[str, Any]:
        """Refuses."""
        detail = f"There is no account with {carrier}, so that it cannot be asked about {order_id} from {origin}."
        raise Refusal("carrier_not_connected", detail)


class RatesViews:
    """What is asked of carriers while the reader waits; a few at once in each process."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._turns = BoundedSemaphore(AT_ONCE)

    def shipment(self, shipment_id: UUID) -> Response:
        """GET /queries/shipments/{shipment_id}/rates."""
        refuse_parameters(request)
        return self._answered(lambda: self._rates.of_shipment(shipment_id))

    def order(self, order_id: UUID) -> Response:
        """GET /queries/orders/{order_id}/rates?carrier=&origin=."""
        given = single_parameters(request, {"carrier", "origin"})
        if "carrier" not in given:
            raise invalid_parameter("carrier", "Name the carrier to be asked.")
        return self._answered(lambda: self._rates.of_order(order_id, given["carrier"], given.get("origin", "main")))

    def _answered(self, ask: Callable[[], Mapping[str, Any]]) -> Response:
        if not self._turns.acquire(blocking=False):
            detail = "Too many ask carriers for their rates at the moment."
            raise Problem(503, "carrier_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
        try:
            return json_answer(msgspec.json.encode(ask()))
        finally:
            self._turns.release()
