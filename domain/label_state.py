"""Where the carrier's labels of a shipment are: asked for, bought, refused, taken back.

A label is one package's. Who asks again after a refusal begins a new one; the old one stays, for what it cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain import shipment_events as e

LABEL_STATES = ("requested", "bought", "failed", "voided")
VOID_STATES = ("requested", "under_way", "refused")


@dataclass(slots=True)
class LabelState:
    """The label of one package.

    ``state`` is one of LABEL_STATES, ``void`` one of VOID_STATES or None. ``amount`` counts minor units of
    ``currency``; it is None while nothing was charged, and stays when the label is void. ``waits`` says how often the
    carrier has put off a void, ``version`` of the stream where the label was asked for.
    """

    intent_id: UUID
    package_id: str
    carrier: str
    service: str | None
    version: int
    state: str = "requested"
    reference: str = ""
    tracking_number: str | None = None
    amount: int | None = None
    currency: str = ""
    detail: str | None = None
    void: str | None = None
    void_detail: str | None = None
    waits: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the carrier has to be asked something."""
        return self.state == "requested" or self.void in {"requested", "under_way"}

    @property
    def is_good(self) -> bool:
        """Whether a package can travel with it."""
        return self.state == "bought" and self.void not in {"requested", "under_way"}

    @property
    def is_to_buy(self) -> bool:
        """Whether it is asked for: also where it is not taken back, and so was made by a request whose answer is lost.

        Asked for once more under its intent it is found, with what it cost.
        """
        return self.state == "requested" and self.void in {None, "refused"}


Labels = dict[UUID, LabelState]
"""By intent, oldest first."""


def current(labels: Mapping[UUID, LabelState]) -> dict[str, LabelState]:
    """The label that counts by package: the last that was asked for."""
    return {label.package_id: label for label in labels.values()}


def overall(labels: Mapping[UUID, LabelState]) -> str | None:
    """One word for all packages of a shipment, the one that needs somebody's attention first; None without labels."""
    states = {label.state for label in current(labels).values()}
    return next((state for state in ("failed", "requested", "bought", "voided") if state in states), None)


def _requested(labels: Labels, event: e.LabelRequested) -> None:
    labels[event.intent_id] = LabelState(
        event.intent_id, event.package_id, event.carrier, event.service, event.originator_version
    )


def _bought(labels: Labels, event: e.LabelBought) -> None:
    label = labels[event.intent_id]
    label.state, label.reference = "bought", event.reference
    label.service, label.tracking_number = event.service or label.service, event.tracking_number
    label.amount, label.currency = event.amount, event.currency


def _refused(labels: Labels, event: e.LabelRefused) -> None:
    label = labels[event.intent_id]
    label.state, label.detail, label.void = "failed", event.detail, None


def _void_requested(labels: Labels, event: e.LabelVoidRequested) -> None:
    labels[event.intent_id].void = "requested"


def _void_delayed(labels: Labels, event: e.LabelVoidDelayed) -> None:
    label = labels[event.intent_id]
    label.void = "under_way"
    label.waits += 1


def _voided(labels: Labels, event: e.LabelVoided) -> None:
    label = labels[event.intent_id]
    label.state, label.void = "voided", None


def _void_refused(labels: Labels, event: e.LabelVoidRefused) -> None:
    label = labels[event.intent_id]
    label.void, label.void_detail = "refused", event.detail


APPLIERS: dict[type[e.LabelEvent], Callable[[Labels, Any], None]] = {
    e.LabelRequested: _requested,
    e.LabelBought: _bought,
    e.LabelRefused: _refused,
    e.LabelVoidRequested: _void_requested,
    e.LabelVoidDelayed: _void_delayed,
    e.LabelVoided: _voided,
    e.LabelVoidRefused: _void_refused,
}
