"""Orders to the log and back: what the desk needs of the event store, in the words of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from application.book import OrderBook
from application.command import Answer, Command
from domain.aggregate import Aggregate
from domain.events import Event
from domain.invoice import Invoice
from domain.order_events import OrderPlaced
from domain.shipment import Shipment
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.errors import NoDataKey
from eventstore.personal_data import Cipher, Keyring
from eventstore.reader import LogReader
from eventstore.records import (
    Append,
    Appended,
    Claim,
    IdempotencyKey,
    IdempotencyRow,
    Metadata,
    NewDataKey,
    NewEvent,
    Partition,
    RecordedEvent,
)


@dataclass(slots=True)
class Loaded:
    """An order as one snapshot of the log shows it, and what was recorded under the asked key."""

    book: OrderBook
    rows: Sequence[RecordedEvent]
    cipher: Cipher | None
    recorded: IdempotencyRow | None


class OrderLog:
    """Loads order books and appends what happened to them. Thread-safe."""

    def __init__(self, reader: LogReader, committer: GroupCommitter, codec: Codec, keyring: Keyring) -> None:
        self._reader = reader
        self._committer = committer
        self._codec = codec
        self._keyring = keyring

    def load(self, command: Command) -> Loaded:
        """The order that the command's target belongs to, with the row of its idempotency key."""
        target = command.target or UUID(int=0)
        key = command.idempotency_key
        asked = None if key is None else (command.actor.id, key)
        if command.name.startswith("orders"):
            partition = self._reader.read_partition(target, idempotency=asked)
        else:
            partition = self._reader.read_partition_of(target, idempotency=asked)
        return self._loaded(target, partition)

    def empty(self, order_id: UUID) -> Loaded:
        """An order that does not exist yet."""
        return Loaded(OrderBook(order_id), (), None, None)

    def load_at(self, partition_id: UUID, position: int) -> Loaded:
        """The order as it was when ``position`` was the end of the log."""
        partition = self._reader.read_partition(partition_id, up_to_position=position)
        return self._loaded(partition_id, partition)

    def _loaded(self, target: UUID, partition: Partition) -> Loaded:
        rows = partition.events
        order_id = rows[0].partition_id if rows else target
        cipher = self._keyring.cipher(order_id, partition.data_key)
        events = [self._codec.decode(row, cipher) for row in rows]
        return Loaded(OrderBook(order_id, events), rows, cipher, partition.recorded)

    def request_hash(self, command: Command) -> bytes:
        """The keyed hash of what the idempotency key stands for."""
        return self._keyring.request_hash(command.request)

    def append(self, loaded: Loaded, command: Command, command_id: UUID, claims: Sequence[Claim]) -> Answer:
        """Record the pending events of the book and answer."""
        collected = list(loaded.book.collect_events())
        events, data_keys = self._encode(loaded, [event for _, event in collected], command.reason)
        appended = self._committer.append(
            Append(
                events,
                Metadata(
                    command_id,
                    command.correlation_id,
                    command.causation_id,
                    command.actor.type,
                    command.actor.id,
                ),
                self._idempotency(command),
                claims,
                (),
                data_keys,
            )
        )
        return _answer_appended(loaded.book, collected, appended)

    def _idempotency(self, command: Command) -> IdempotencyKey | None:
        if command.idempotency_key is None:
            return None
        return IdempotencyKey(command.actor.id, command.idempotency_key, self.request_hash(command))

    def _encode(
        self, loaded: Loaded, events: Sequence[Event], reason: str | None
    ) -> tuple[list[NewEvent], list[NewDataKey]]:
        """The events as rows; an order without a data key (new, or erased) gets one when it needs it."""
        try:
            return [self._row(loaded, event, reason) for event in events], []
        except NoDataKey:
            key, loaded.cipher = self._keyring.new_data_key(loaded.book.order.id, _customer_id(events))
            return [self._row(loaded, event, reason) for event in events], [key]

    def _row(self, loaded: Loaded, event: Event, reason: str | None) -> NewEvent:
        payload, sealed = self._codec.encode(event, loaded.cipher, reason)
        order_id = loaded.book.order.id
        return NewEvent(
            event.originator_id,
            event.originator_version,
            order_id,
            order_id,
            loaded.book.aggregates[event.originator_id].NAME,
            event.TOPIC,
            event.SCHEMA_VERSION,
            payload,
            sealed,
            event.SERIES,
            event.occurred_at,
        )

    def answer_of(self, partition_id: UUID, command_id: UUID, last_position: int) -> Answer:
        """The answer that a recorded command got, rebuilt from the log as it was then."""
        loaded = self.load_at(partition_id, last_position)
        book = loaded.book
        done = [
            (book.aggregates[row.stream_id], event)
            for row, event in zip(loaded.rows, book.events, strict=True)
            if row.command_id == command_id
        ]
        return answer(book, done, last_position)


def _customer_id(events: Sequence[Event]) -> str | None:
    for event in events:
        if isinstance(event, OrderPlaced) and event.customer is not None:
            return str(event.customer["id"])
    return None


def _answer_appended(book: OrderBook, collected: Sequence[tuple[Aggregate, Event]], appended: Appended) -> Answer:
    for (aggregate, _), number in zip(collected, appended.numbers, strict=True):
        if number is not None:
            aggregate.number = number
    return answer(book, collected, appended.last_position)


def number_text(number: int | None) -> str | None:
    """A document or order number as people read it."""
    return None if number is None else f"{number:09d}"


def answer(book: OrderBook, done: Sequence[tuple[Aggregate, Event]], position: int) -> Answer:
    """What a command answers: the order as it is now and the names of what happened."""
    result: Answer = {
        "order_id": str(book.order.id),
        "order_number": number_text(book.order.number),
        "version": book.order.version,
        "position": position,
        "status": str(book.order.status),
        "events": [type(event).__name__ for _, event in done],
    }
    for aggregate, _ in done:
        if isinstance(aggregate, (Invoice, Shipment)):
            result[f"{aggregate.NAME}_id"] = str(aggregate.id)
            result[f"{aggregate.NAME}_number"] = number_text(aggregate.number)
    return result
