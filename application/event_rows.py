"""Events as rows to append: sealed under the key of their partition, and with the series their numbers come from."""

from collections.abc import Iterator
from uuid import UUID

from application.unit_of_work import UnitOfWork
from domain.aggregate import Aggregate
from domain.credit_memo import CreditMemoIssued
from domain.events import Event
from domain.invoice import InvoiceIssued
from domain.order_events import OrderPlaced
from domain.shipment_events import ShipmentBooked
from eventstore.codec import Codec
from eventstore.errors import NoDataKey
from eventstore.personal_data import Cipher, Keyring
from eventstore.records import Claim, NewDataKey, NewEvent

DATA_KEY = "data_key"
"""Among what an append gives back: the key it sealed with; see log.lost_key."""


class EventRows:
    """The rows of one append; ``data_keys`` are those made for it. Keys that it makes are put among ``ciphers``."""

    def __init__(self, codec: Codec, keyring: Keyring, work: UnitOfWork, ciphers: dict[UUID, Cipher | None]) -> None:
        self.rows: list[NewEvent] = []
        self.data_keys: list[NewDataKey] = []
        self._codec = codec
        self._keyring = keyring
        self._work = work
        self._ciphers = ciphers

    def add(self, aggregate: Aggregate, event: Event, reason: str | None) -> None:
        """Take in an event of an aggregate, with the reason that was given for it."""
        partition_id = self._work.partition_of(aggregate)
        try:
            payload, sealed = self._codec.encode(event, self._ciphers.get(partition_id), reason)
        except NoDataKey:
            payload, sealed = self._codec.encode(event, self._new_cipher(partition_id, event), reason)
        self.rows.append(
            NewEvent(
                event.originator_id,
                event.originator_version,
                partition_id,
                self._work.order_of(aggregate),
                aggregate.NAME,
                event.TOPIC,
                event.SCHEMA_VERSION,
                payload,
                sealed,
                _series(event),
                event.occurred_at,
            )
        )

    def _new_cipher(self, partition_id: UUID, event: Event) -> Cipher:
        """The partition is new, or its key was erased: what is personal from now on gets a key of its own."""
        key, cipher = self._keyring.new_data_key(partition_id, _customer_id(event))
        self._ciphers[partition_id] = cipher
        self.data_keys.append(key)
        return cipher

    def keys_in_use(self) -> Iterator[Claim]:
        """The keys from before that something was sealed with: the append is refused where one was erased since."""
        sealed = {row.partition_id for row in self.rows if row.sealed is not None}
        for partition_id in sealed - {key.partition_id for key in self.data_keys}:
            cipher = self._ciphers.get(partition_id)
            if cipher is not None:
                yield Claim(DATA_KEY, str(cipher.from_position), partition_id)


def _series(event: Event) -> str | None:
    """From which series an event draws its number: documents of a store with a prefix from one of their own."""
    if _brings_its_number(event):
        return None
    prefix = event.prefix if isinstance(event, (InvoiceIssued, CreditMemoIssued)) else ""
    return f"{event.SERIES}:{prefix}" if prefix else event.SERIES


def _brings_its_number(event: Event) -> bool:
    """Whether the shop, or another system, gave the number: then none is drawn."""
    if isinstance(event, OrderPlaced):
        return event.order_number is not None
    return isinstance(event, (InvoiceIssued, CreditMemoIssued, ShipmentBooked)) and event.external is not None


def _customer_id(event: Event) -> str | None:
    if isinstance(event, OrderPlaced) and event.customer is not None:
        return str(event.customer["id"])
    return None
