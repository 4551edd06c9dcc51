"""What the log keeps of one customer: the orders, the documents that the law wants kept, what the person is known by.

Read to decide about an erasure and to carry it out; it must never be stored, nor told in an answer or an error.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.credit_memo import CreditMemoIssued
from domain.customer import KeptOrder, Retained, retained_until
from domain.events import Event
from domain.invoice import InvoiceIssued
from domain.order import Order
from domain.order_events import AddressChanged, OrderPlaced
from domain.refusals import invalid
from domain.shipment_events import ShipmentBooked

KINDS: dict[type[Event], tuple[str, str]] = {
    OrderPlaced: ("orders", "order"),
    InvoiceIssued: ("invoices", "invoice"),
    CreditMemoIssued: ("credit-memos", "credit memo"),
    ShipmentBooked: ("shipments", "shipment"),
}
"""What brings a document into being, with the collection and the name of its kind."""
# Too short to tell anybody by.
WORD_MIN = 3
NAMING = ("name", "company")
REACHING = ("id", "email", "phone", "vat_id", "registration_id")


@dataclass(frozen=True, slots=True)
class OrderRecords:
    """An order of the customer with all its events; ``erased_before`` says that its documents name nobody any more."""

    order: Order
    events: Sequence[Event]
    erased_before: bool = False

    def kept(self, retention_years: Mapping[str, int]) -> KeptOrder:
        """What the customer's stream decides by."""
        retained = () if self.erased_before else tuple(self._retained(retention_years))
        return KeptOrder(self.order.id, self.order.document_number, self.order.status, retained)

    def _retained(self, retention_years: Mapping[str, int]) -> Iterator[Retained]:
        for event in self.events:
            collection, name = KINDS.get(type(event), ("", ""))
            issued_at = getattr(event, "issued_at", event.occurred_at)
            until = retained_until(issued_at, retention_years.get(collection, 0))
            if until is not None:
                yield Retained(name, getattr(event, "document_number", None) or self.order.document_number or "", until)


@dataclass(frozen=True, slots=True)
class CustomerRecords:
    """All that is kept; ``elsewhere`` says that something beside the log is kept under the customer's id."""

    customer_id: str = field(repr=False)
    orders: Sequence[OrderRecords]
    elsewhere: bool

    @property
    def texts(self) -> frozenset[str]:
        """What the person is recognised by: names, addresses, e-mail, telephone, numbers."""
        found = {self.customer_id}
        for records in self.orders:
            for event in records.events:
                found.update(_texts_of(event))
        return frozenset(text for text in found if len(text) >= WORD_MIN)

    def require_unnamed(self, reason: str) -> None:
        """Refuse a reason that names the customer whom it is to erase: it would be the last place to read the name."""
        if naming(self.texts)(reason):
            detail = "The reason names the customer, and it stays. Say why without name, address, e-mail or number."
            raise invalid("reason_names_customer", detail, "/reason")


def _texts_of(event: Event) -> Iterator[str]:
    """Of an event that brings a person or an address: each text by which the person may be told."""
    if isinstance(event, OrderPlaced):
        parts: list[Any] = [event.customer, event.billing_address, event.shipping_address]
        yield from (text for text in (event.vat_id, event.registration_id) if text)
    elif isinstance(event, AddressChanged):
        parts = [event.billing_address, event.shipping_address]
    else:
        return
    for part in parts:
        for name in (*NAMING, *REACHING):
            if text := (part or {}).get(name):
                yield text
        yield from _names_in((part or {}).get("name") or "")
        yield from (part or {}).get("street") or ()


def _names_in(name: str) -> Iterator[str]:
    """The names that a whole name consists of; short words in small letters, such as "van der", belong to no one."""
    words = [word.strip(",.") for word in name.split()]
    yield from (word for word in words if len(word) > WORD_MIN or not word.islower())


def plain(text: str) -> str:
    """A text without case, accents and repeated blanks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"\s+", " ", "".join(letter for letter in apart if not unicodedata.combining(letter)))


def naming(texts: Iterable[str]) -> Callable[[str], bool]:
    """What tells whether a text has one of these in it, as words of their own."""
    ways = "|".join(sorted({re.escape(plain(text)) for text in texts}))
    found = re.compile(rf"(?<!\w)(?:{ways})(?!\w)")
    return lambda text: bool(ways) and found.search(plain(text)) is not None


def partition_ids(records: CustomerRecords) -> tuple[UUID, ...]:
    """The partitions of the orders."""
    return tuple(each.order.id for each in records.orders)
