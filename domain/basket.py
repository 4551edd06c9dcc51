"""What an order consists of and costs, as it was agreed last: the goods, their delivery, and what is charged beside.

How much of it is invoiced, shipped or canceled is counted in ``order_state``, under the same ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.order_events import OrderAmended, OrderPlaced
from domain.order_state import OrderState
from domain.order_values import Charge, Discount, OrderLine, ShippingCharge
from domain.values import Share


@dataclass(slots=True)
class Basket:
    """The contents of an order; ``line_attributes`` are texts by the id of their line."""

    lines: tuple[OrderLine, ...] = ()
    shipping: ShippingCharge | None = None
    charges: tuple[Charge, ...] = ()
    discounts: tuple[Discount, ...] = ()
    line_attributes: Mapping[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, event: OrderPlaced) -> "Basket":
        """As the order was placed."""
        return cls(event.lines, event.shipping, event.charges, event.discounts, event.line_attributes or {})

    def amended(self, event: OrderAmended) -> "Basket":
        """As the order was amended: what the event says nothing of stays."""
        return Basket(
            event.lines,
            event.shipping,
            self.charges if event.charges is None else event.charges,
            self.discounts if event.discounts is None else event.discounts,
            self.line_attributes if event.lines_stay else event.line_attributes or {},
        )

    def live_lines(self, order: OrderState) -> tuple[OrderLine, ...]:
        """The lines with the units that the customer gets or has got; all as ordered where everything was canceled."""
        live = {name: line.live for name, line in order.lines.items()}
        if not any(live.values()):
            return self.lines
        gross = order.prices_include_tax
        return tuple(_reduced(line, live[line.line_id], gross=gross) for line in self.lines if live[line.line_id])


def _reduced(line: OrderLine, quantity: int, *, gross: bool) -> OrderLine:
    whole = Share(line.line_id, line.quantity, line.subtotal, line.discount, line.tax)
    part = whole.part(quantity, gross=gross)
    return replace(line, quantity=quantity, subtotal=part.subtotal, discount=part.discount, tax=part.tax)
