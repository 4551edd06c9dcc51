"""Whether the parts of what is ordered fit together: every id once, and bundles with their parts."""

from collections.abc import Sequence

from domain.refusals import invalid
from domain.requests import RequestedCharge, RequestedLine


def check_lines(lines: Sequence[RequestedLine]) -> None:
    """Refuse an order of nothing, ids that come twice, and bundles that contradict themselves."""
    if not lines:
        raise invalid("empty_order", "An order needs at least one line.", "/lines")
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.line_id in seen:
            detail = f"Two lines have the line_id {line.line_id}. Give each its own."
            raise invalid("duplicate_line", detail, f"/lines/{index}/line_id")
        seen.add(line.line_id)
    if any(line.parent_line_id for line in lines):
        _check_bundles(lines)


def _check_bundles(lines: Sequence[RequestedLine]) -> None:
    """A part of a bundle names a line that is no part itself, and one of the two has the price."""
    by_id = {line.line_id: line for line in lines}
    for index, line in enumerate(lines):
        if line.parent_line_id is None:
            continue
        at, parent = f"/lines/{index}/parent_line_id", by_id.get(line.parent_line_id)
        if parent is None or parent.parent_line_id is not None:
            detail = f"Line {line.parent_line_id} is not a line of this order that can have parts."
            raise invalid("invalid_parent_line", detail, at)
        if line.unit_price and parent.unit_price:
            detail = f"Line {line.line_id} and its parent {parent.line_id} both have a price; one of them must cost 0."
            raise invalid("invalid_parent_line", detail, at)


def check_charges(charges: Sequence[RequestedCharge]) -> None:
    """Refuse ids of charges that come twice."""
    seen: set[str] = set()
    for index, charge in enumerate(charges):
        if charge.charge_id in seen:
            detail = f"Two charges have the charge_id {charge.charge_id}. Give each its own."
            raise invalid("duplicate_charge", detail, f"/charges/{index}/charge_id")
        seen.add(charge.charge_id)
