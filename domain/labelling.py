"""Labels from a carrier: what is asked for, and what follows from its answers.

The request (an intent) is recorded before the carrier is asked; the answer is recorded once, however often the carrier
gives it. What was charged is a fact: it is recorded whatever became of the shipment meanwhile, and no void takes it
back. A label of a shipment that was canceled before the answer came is asked to be taken back at once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from domain import shipment_events as e
from domain.dispatch import WHY, stopped_by
from domain.label_state import LabelState, current
from domain.order_state import OrderState
from domain.refusals import Refusal
from domain.shipment import Shipment
from domain.tracking_numbers import number_key, plain_number

FIRST_WAIT = timedelta(hours=1)
# The carriers' own limits are weeks: asked after 1, 2, 4 ... hours, the last time after 85 days.
WAITS_MAX = 11
NO_ANSWER = "The carrier has not said for months whether it takes the label back. Ask it yourself."


def request(shipment: Shipment, service: str | None, new_id: Callable[[], UUID], at: datetime) -> list[LabelState]:
    """Ask for a label of every package that has none and no tracking number, which is to say a label from elsewhere."""
    state = shipment.state
    labels = current(state.labels)
    numbered = {each.package_id for each in state.numbers.values()}
    wanted = [
        name
        for name in state.packages
        if not (name in numbered or None in numbered)
        and (name not in labels or labels[name].state in {"failed", "voided"})
    ]
    return [_requested(shipment, name, service, new_id(), at) for name in wanted]


def _requested(shipment: Shipment, package: str, service: str | None, intent_id: UUID, at: datetime) -> LabelState:
    carrier = shipment.state.carrier
    shipment.trigger(
        e.LabelRequested(occurred_at=at, intent_id=intent_id, package_id=package, carrier=carrier, service=service)
    )
    return shipment.state.labels[intent_id]


def request_again(
    order: OrderState, shipment: Shipment, service: str | None, new_id: Callable[[], UUID], at: datetime
) -> list[LabelState]:
    """The same because somebody asks; refuses when there is nothing to ask for, and for what may not leave."""
    shipment.require_standing()
    if shipment.state.state != "booked":
        raise Refusal("already_dispatched", "The shipment has left: it needs no label any more.")
    stop = stopped_by(order)
    if stop is not None:
        raise Refusal(stop, f"No label is bought for what may not leave: {WHY[stop]}.")
    asked = request(shipment, service, new_id, at)
    if not asked:
        raise Refusal(
            "label_not_needed",
            "Every package has a label, was asked one for, or has a tracking number and so a label from elsewhere.",
        )
    return asked


def give_up(shipment: Shipment, at: datetime) -> list[LabelState]:
    """Ask for every label of a shipment to be taken back: bought ones, and those about to be; gives the bought ones."""
    given_up = [each for each in shipment.state.labels.values() if each.state in {"requested", "bought"}]
    return [each for each in _asked_back(shipment, given_up, at) if each.state == "bought"]


def _asked_back(shipment: Shipment, labels: Iterable[LabelState], at: datetime) -> list[LabelState]:
    asked = [label for label in labels if label.void is None]
    for label in asked:
        shipment.trigger(e.LabelVoidRequested(occurred_at=at, intent_id=label.intent_id, package_id=label.package_id))
    return asked


def is_wanted(shipment: Shipment, label: LabelState) -> bool:
    """Whether a package still needs a label: it is here, and has no number from elsewhere."""
    return shipment.state.state == "booked" and not _numbered_elsewhere(shipment, label)


def _numbered_elsewhere(shipment: Shipment, label: LabelState) -> bool:
    state, package = shipment.state, label.package_id
    own = {
        number_key(each.carrier, each.tracking_number)
        for each in state.labels.values()
        if each.package_id == package and each.tracking_number
    }
    return any(each.package_id in {None, package} for key, each in state.numbers.items() if key not in own)


def supersede(shipment: Shipment, at: datetime) -> None:
    """Have what is asked for taken back of packages that have a number from elsewhere now, and so their label."""
    labels = shipment.state.labels.values()
    _asked_back(shipment, [each for each in labels if each.is_to_buy and _numbered_elsewhere(shipment, each)], at)


def not_wanted(shipment: Shipment, label: LabelState, at: datetime) -> None:
    """Have a label taken back that nobody needs any more."""
    _asked_back(shipment, [label], at)


def void(shipment: Shipment, package_id: str | None, at: datetime) -> LabelState:
    """Have the label of a package (the only one, when none is named) taken back; it travels under its number no more.

    Refused for a package that left with it. What the carrier would not take back it may be asked for again.
    """
    shipment.require_standing()
    package = shipment.package_named(package_id)
    label = current(shipment.state.labels).get(package)
    if label is None or label.state not in {"requested", "bought"} or label.void in {"requested", "under_way"}:
        raise Refusal("no_label_to_void", f"Package {package} has no label that could be taken back.")
    if shipment.state.packages[package].dispatched and not _numbered_elsewhere(shipment, label):
        raise Refusal("already_dispatched", f"Package {package} has left with its label.")
    shipment.trigger(e.LabelVoidRequested(occurred_at=at, intent_id=label.intent_id, package_id=package))
    number = label.tracking_number
    if number and number_key(label.carrier, number) in shipment.state.numbers:
        shipment.retract_tracking(label.carrier, number, None, at)
    return label


def bought(shipment: Shipment, answer: e.LabelBought) -> None:
    """Record a label that the carrier made: the package travels under its number, if it is still wanted."""
    label, at = shipment.state.labels[answer.intent_id], answer.occurred_at
    wanted = is_wanted(shipment, label)
    shipment.trigger(answer)
    if not wanted:
        not_wanted(shipment, label, at=at)
    elif label.void not in {"requested", "under_way"}:
        _follow(shipment, label, at)


def _follow(shipment: Shipment, label: LabelState, at: datetime) -> None:
    number = label.tracking_number
    if number and plain_number(number) and number_key(label.carrier, number) not in shipment.state.numbers:
        shipment.assign_tracking(label.carrier, number, label.package_id, at)


def refused(shipment: Shipment, label: LabelState, detail: str, at: datetime) -> None:
    """Record that the carrier made no label."""
    shipment.trigger(
        e.LabelRefused(occurred_at=at, intent_id=label.intent_id, package_id=label.package_id, detail=detail or None)
    )


def voided(shipment: Shipment, label: LabelState, at: datetime) -> None:
    """Record that the label is void."""
    shipment.trigger(e.LabelVoided(occurred_at=at, intent_id=label.intent_id, package_id=label.package_id))


def void_refused(shipment: Shipment, label: LabelState, detail: str, at: datetime) -> None:
    """Record that the carrier does not take the label back: a package that needs it travels under its number again."""
    shipment.trigger(
        e.LabelVoidRefused(occurred_at=at, intent_id=label.intent_id, package_id=label.package_id, detail=detail)
    )
    if label.state == "bought" and is_wanted(shipment, label):
        _follow(shipment, label, at)


def void_delayed(shipment: Shipment, label: LabelState, at: datetime) -> datetime | None:
    """Record that the carrier has not decided yet, and when it is asked again; in the end that it refuses."""
    if label.waits == WAITS_MAX:
        void_refused(shipment, label, NO_ANSWER, at)
        return None
    again = at + FIRST_WAIT * (1 << label.waits)
    shipment.trigger(
        e.LabelVoidDelayed(occurred_at=at, intent_id=label.intent_id, package_id=label.package_id, ask_again_at=again)
    )
    return again
