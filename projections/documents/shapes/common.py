"""What all documents share: addresses, units, numbers that other systems gave."""

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict, cast

from projections.answer_types import Count, Time, Version, told

Texts = dict[str, str]


class AddressShown(TypedDict, total=False):
    """An address as it was given: what was not given may be missing; null where it was erased."""

    name: str | None
    company: str | None
    street: list[str] | None
    city: str | None
    region: str | None
    postcode: str | None
    country: Annotated[str | None, told("ISO 3166-1.", "PT")]
    phone: str | None
    vat_id: str | None
    registration_id: str | None


def address_shown(address: Mapping[str, Any] | None) -> AddressShown | None:
    """An address of an event, as its shape; nothing is changed."""
    return cast("AddressShown | None", address)


class ExternalShown(TypedDict):
    """Under which number another system issued a document, and where it is looked at."""

    number: str
    url: str | None


class UnitsShown(TypedDict):
    """Units of an order line."""

    line_id: str
    quantity: Count


class Listed(TypedDict):
    """What every document in a list has beside its summary."""

    updated_at: Annotated[Time, told("When something last happened to it, or it began to show something else.")]
    position: Annotated[Count, told("The log position of that.")]


class AsOf(TypedDict):
    """What every document in full has beside its contents."""

    version: Annotated[Version, told("Of the stream that it belongs to; the same as the ETag.")]
    position: Annotated[Count, told("The log position that this was read at.")]
