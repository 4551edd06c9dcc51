"""What the grid knows of an order: the domain's own state of it, and the texts that decide nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.events import NO_TIME
from domain.order_events import Json
from domain.order_state import OrderState
from domain.order_values import ShippingCharge
from domain.shipment_state import ShipmentState


class Lasting(NamedTuple):
    """What stays of a row until the order is amended or readdressed; the places between are empty.

    ``shown`` is what readers see, ``found`` what the row is found and sorted by; ``words`` are those of the texts.
    """

    shown: tuple[object, ...]
    found: tuple[str, ...]
    words: str


@dataclass(slots=True)
class GridState:
    """An order so far."""

    order_id: UUID
    order: OrderState = field(default_factory=OrderState)
    shipments: dict[UUID, ShipmentState] = field(default_factory=dict)
    places: int = 0
    number: str | None = None
    own_number: bool = False
    purchased_at: datetime = NO_TIME
    updated_at: datetime = NO_TIME
    position: int = 0
    external_reference: str | None = None
    purchase_order: str | None = None
    source: str | None = None
    base_rate: str | None = None
    base_currency: str | None = None
    subtotal: int = 0
    units: int = 0
    skus: tuple[str, ...] = ()
    charge: ShippingCharge | None = None
    customer: Json = field(default_factory=dict)
    customer_group: str | None = None
    billing_address: Json = field(default_factory=dict)
    shipping_address: Json = field(default_factory=dict)
    lasting: Lasting | None = None
    named: tuple[str, ...] = ()
    words: str | None = None
