"""What the merchant's configuration says on documents, as one value that can be kept and read back.

A document names the stationery of its issue, so that it is printed with the seller, the language and the texts of that
day whatever the configuration says now. New fields need a default that means "as before".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec

from adapters.documents.contents import Address, Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A location as documents name it."""

    name: str
    address: Address
    time_zone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationery:
    """Who sells, from where, in which languages and on which paper.

    ``payment_days``: how long after its issue an invoice is due; None when that is agreed elsewhere.
    ``tax_notes``: the merchant's own words for why no tax is charged, by case. ``payment_methods``: its own names.
    ``e_invoices``: invoices and credit memos carry their data. ``untaxed_category``: that of a rate of 0 % where no
    usual case fits.
    """

    seller: Seller
    base_currency: str
    languages: tuple[str, ...]
    locations: dict[str, Place]
    carriers: dict[str, str]
    store_languages: dict[str, str] = field(default_factory=dict)
    paper: str = "A4"
    payment_days: int | None = None
    tax_notes: Mapping[str, str] = field(default_factory=dict)
    payment_methods: Mapping[str, str] = field(default_factory=dict)
    e_invoices: bool = False
    untaxed_category: str | None = None

    def language_of(self, store: str) -> str:
        """What the customers of a store read."""
        return self.store_languages.get(store, self.languages[0])

    def zone_of(self, location: str | None) -> ZoneInfo:
        """The time zone of a location; of documents that belong to none, the first one's."""
        first = next(iter(self.locations))
        return self.locations[location if location in self.locations else first].zone


def encode(stationery: Stationery) -> bytes:
    """The same bytes for the same stationery."""
    return msgspec.json.encode(stationery, order="sorted")


def decode(content: bytes) -> Stationery:
    """What ``encode`` made, of this or an earlier version."""
    return msgspec.json.decode(content, type=Stationery)
