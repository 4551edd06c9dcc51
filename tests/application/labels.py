"""Orders whose shipments are labelled by a carrier, and the process that asks it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from application.carrier import Carrier, LabelRequest
from application.labels import label_request
from application.processes.carrier_requests import CarrierRequests, LabelDesk
from domain.label_state import LabelState
from domain.order import Order
from domain.shipment import Shipment
from tests.application.conftest import Office
from tests.support.orders import line

CARRIER = "ups"


@dataclass
class Drawer:
    """Label files by their intents; a repeat changes nothing."""

    files: dict[UUID, bytes] = field(default_factory=dict)

    def keep(self, order_id: UUID, intent_id: UUID, label: bytes) -> None:
        self.files.setdefault(intent_id, label)

    def keep_manifest(self, order_ids: Collection[UUID], dispatch_id: UUID, manifest: bytes) -> None:
        self.files.setdefault(dispatch_id, manifest)


def label_desk(office: Office, carrier: Carrier, files: Any = None) -> LabelDesk:
    return LabelDesk(office.log, {CARRIER: carrier}, files or Drawer(), office.origin("carriers"))


def ask(office: Office, carrier: Carrier, files: Any = None) -> None:
    """Have everything asked that is due, as the worker does, until nothing is left to start."""
    process = CarrierRequests(label_desk(office, carrier, files), office.attempts("carriers"))
    process.step()
    process.close()


def booked(office: Office, weight: int = 900, **more: Any) -> dict[str, Any]:
    """A shipment of one package that weighs so many grams, booked with a carrier that labels are bought from."""
    order_id = office.place(method="cash_on_delivery", lines=[line(quantity=1)])
    packages = [{"weight_grams": weight, "contents": [{"line_id": "1", "quantity": 1}]}]
    body = {"lines": "all_remaining", "carrier": CARRIER, "packages": packages} | more
    return office.do("orders/shipments", order_id, desk=connected(office), **body)


def connected(office: Office) -> Any:
    """A desk of a merchant with an account."""
    return office.desk(carrier_accounts=frozenset({CARRIER, "dhl"}))


def shipment_of(office: Office, answer: dict[str, Any]) -> Shipment:
    work = office.log.load_root(Order, UUID(answer["order_id"])).work
    return work.shipment(UUID(answer["shipment_id"]))


def label_of(office: Office, answer: dict[str, Any]) -> LabelState:
    """The latest label of a shipment of one package."""
    return list(shipment_of(office, answer).state.labels.values())[-1]


def asked_for(office: Office, answer: dict[str, Any]) -> LabelRequest:
    """What the carrier is asked for the latest label of a shipment."""
    work = office.log.load_root(Order, UUID(answer["order_id"])).work
    request = label_request(work, work.shipment(UUID(answer["shipment_id"])), label_of(office, answer))
    assert request is not None
    return request
