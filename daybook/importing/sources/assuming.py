"""What is assumed where an export has no documents of its own; each assumption is one of the order's notes.

Goods that left were invoiced and parcelled by the other system, whose numbers the export does not have: their documents
stand under the order's number, so that no number of Daybook's own series is spent on them and nothing is printed anew.
"""

from daybook.importing.sources.methods import method_of
from daybook.importing.sources.order import Invoice, Refund, Shipment, SourceOrder
from domain.values import to_text

Tracking = tuple[tuple[str, str], ...]


def goes_on_by(order: SourceOrder, said: str, *, unpaid_left: bool, instead: str = "") -> None:
    """The payment method whose rules the order goes on by; ``said`` is what the source calls it."""
    order.method = instead or method_of(said, unpaid_left=unpaid_left)
    title = order.title or "nothing that is named"
    order.notes.assumed.append(f"paid by {title}: goes on by the rules of {order.method}")


def one_shipment(order: SourceOrder, number: str, at: str, lines: dict[str, int], tracking: Tracking = ()) -> None:
    """Everything that left, in one parcel."""
    order.shipments.append(Shipment(number, at, lines, tracking))
    order.notes.assumed.append(f"one shipment under the number {number}: the export has no parcels")


def invoiced(order: SourceOrder, at: str, lines: dict[str, int] | None = None, *, is_open: bool = False) -> None:
    """What left, or all of it; ``is_open`` where it is not paid."""
    order.invoices.append(Invoice(order.number, at, lines, open=is_open, assumed=True))
    order.notes.assumed.append(f"invoiced under the order's number, {order.number}: the export has no invoices")


def say_overpaid(order: SourceOrder) -> None:
    """More money came in than the order comes to. All of it is recorded; what is too much can be sent back."""
    over = to_text(order.figures.paid - order.figures.grand_total, order.currency)
    order.notes.differs.append(
        f"{over} more than the total was paid: what is still to be sent waits for a review of the payment here; send "
        "back what is too much, or accept it"
    )


def refunded_by_amount(order: SourceOrder, amount: int, at: str) -> None:
    """Money that went back, nobody knows for what and when."""
    order.refunds.append(Refund("", amount, at))
    order.notes.assumed.append(
        "refunded by amount, on the last day that the export names: it says neither lines nor the day"
    )
