"""The port to carriers: what they are asked, and what they may answer.

A label is bought for one package. Its intent is the idempotency key: asked twice under one ``intent_id`` a carrier
makes one label and answers alike, and a label that was voided is never made again under its intent.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

LABEL_BYTES_MAX = 5_000_000
"""A label is a page; what is larger is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """So many units of a line in a package; ``value`` is that of one in minor units of ``currency``."""

    sku: str
    name: str | None
    quantity: int
    value: int
    currency: str
    weight_grams: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One package on its way: from the location ``origin`` to an address as the order keeps it.

    Grams and millimetres; ``service`` is the carrier's name for how fast, None for the one that is usual here.
    """

    carrier: str
    service: str | None
    origin: str
    ship_to: Mapping[str, Any]
    weight_grams: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    contents: tuple[Content, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """A label to buy."""

    intent_id: UUID
    parcel: Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRequest:
    """A label to take back; ``reference`` is the carrier's own name for it, None while it is not known to be made."""

    intent_id: UUID
    carrier: str
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """The label is made and charged for: ``amount`` in minor units of ``currency``.

    ``label`` is the file as the carrier made it, a PDF, a PNG or ZPL; None where it cannot be had now: it is charged
    for all the same, and asked for again.
    """

    reference: str
    tracking_number: str | None
    service: str
    amount: int
    currency: str
    label: bytes | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier will not, finally; ``detail`` says why in a sentence."""

    detail: str


@dataclass(frozen=True, slots=True)
class Voided:
    """The label is taken back, or was never made: it costs nothing any more, or what the carrier says."""


@dataclass(frozen=True, slots=True)
class VoidUnderWay:
    """The carrier decides later: ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRequest:
    """A manifest of labels that the carrier made, by its own names for them; all of one location."""

    intent_id: UUID
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifested:
    """The carrier's own manifest, which is scanned when the packages are handed over; ``file`` is a PDF or a PNG."""

    reference: str
    file: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a service would cost now, in minor units of ``currency``; ``days`` until delivery where it says."""

    service: str
    amount: int
    currency: str
    days: int | None = None


class CarrierUnavailable(Exception):
    """No answer: done or not, only asking again under the same id can tell."""


class UnusableFile(Exception):
    """What a carrier gave as a label or manifest cannot be printed; says why."""


class Carrier(Protocol):
    """Takes parcels along. Thread-safe; each method raises ``CarrierUnavailable`` when the outcome is not known."""

    def buy(self, request: LabelRequest) -> Bought | Refused:
        """Make a label and charge for it, once per intent."""

    def void(self, request: VoidRequest) -> Voided | Refused | VoidUnderWay:
        """Take a label back; what was never made under the intent is void too.

        ``Refused`` says that it was made and stays: who does not know yet what it cost asks ``buy`` for it again.
        """

    def rates(self, parcel: Parcel) -> list[Rate] | Refused:
        """What each service would cost, the cheapest first; nothing is charged."""

    def manifest(self, request: ManifestRequest) -> Manifested | Refused:
        """Make a manifest once; refused by carriers that make none."""


class LabelFiles(Protocol):
    """Where the carriers' files are kept, sealed under the keys of their orders. Raises ``UnusableFile``."""

    def keep(self, order_id: UUID, intent_id: UUID, label: bytes) -> None:
        """Keep the file of a label; a repeat changes nothing."""

    def keep_manifest(self, order_ids: Collection[UUID], dispatch_id: UUID, manifest: bytes) -> None:
        """Keep a carrier's manifest of packages of these orders; a repeat changes nothing."""
