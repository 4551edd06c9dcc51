"""The whole log in its order, as public events: a page at a time, resumable at any position.

A page ends where it has enough, or where enough was looked through; it always says up to where, so that who asks for
rare types goes on from there. It never waits; an event that cannot be read keeps its place and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from eventstore.codec import Codec
from eventstore.errors import SealBroken, UnknownTopic
from eventstore.personal_data import Cipher, Keyring
from eventstore.reader import PARTITIONS_AT_ONCE, LogReader
from eventstore.records import RecordedEvent
from projections.order_history.actors import Actors, ActorShown
from projections.public_events.currencies import Currencies
from projections.public_events.envelope import Said, audit_event, public_event
from projections.public_events.forms import Form, forms_of
from projections.public_events.values import Json

ROWS_AT_ONCE = 500
POSITIONS_AT_ONCE = 50_000
LOOKED_THROUGH_MAX = 500_000
PAGE_BYTES = 4 * 1024 * 1024
# Who may use the keys is nobody's business but an auditor's.
ACCESS = "access."


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """Which events: after a position, of these types ("order.placed", "order.*"; all for none), of one order or all."""

    after: int = 0
    limit: int = 500
    types: tuple[str, ...] = ()
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in log order; ``position`` is up to where the log was looked through for them."""

    events: Sequence[Json]
    position: int


class PublicEvents:
    """Reads and shows events of the log. Thread-safe."""

    def __init__(self, reader: LogReader, codec: Codec, keyring: Keyring, actors: Actors) -> None:
        self._reader = reader
        self._codec = codec
        self._keyring = keyring
        self._actors = actors
        self._currencies = Currencies(reader)
        self.forms = forms_of(codec.event_classes.values())
        self.topics_by_name = {event_class.__name__: topic for topic, event_class in codec.event_classes.items()}

    def head(self) -> int:
        """The last position of the log."""
        return self._reader.head()

    def matching(self, types: Iterable[str]) -> list[str]:
        """The types that these names and patterns stand for; ValueError names one that stands for none."""
        found: set[str] = set()
        for each in types:
            start = each[:-1] if each.endswith(".*") else None
            named = {type_ for type_ in self.forms if type_ == each or (start and type_.startswith(start))}
            if not named:
                raise ValueError(each)
            found |= named
        return sorted(found)

    def page(self, asked: EventsAsked, *, audit: bool) -> EventPage:
        """The events as anybody may have them; for an ``audit`` with reasons, people, and what happened to keys."""
        topics = self.matching(asked.types) if asked.types else None
        if not audit:
            topics = [topic for topic in topics or self.forms if not topic.startswith(ACCESS)]
        rows, position = self._rows(asked, topics)
        return EventPage(self.shown(rows, audit=audit), position)

    def shown(self, rows: Sequence[RecordedEvent], *, audit: bool = False) -> list[Json]:
        """These rows of the log as public events, or as an ``audit`` gets them."""
        currencies = self._currencies.of(rows)
        if not audit:
            return [self._public(row, currencies) for row in rows]
        ciphers = self._ciphers(rows)
        actors = self._actors.shown(rows)
        return [self._audited(row, currencies, ciphers, actors) for row in rows]

    def reasons(self, rows: Sequence[RecordedEvent]) -> list[str | None]:
        """The reason given for each of these rows; None where there is none, or none that can be read."""
        ciphers = self._ciphers(rows)
        return [self._reason(row, ciphers.get(row.partition_id)) for row in rows]

    def _reason(self, row: RecordedEvent, cipher: Cipher | SealBroken | None) -> str | None:
        try:
            return None if isinstance(cipher, SealBroken) else self._codec.reason(row, cipher)
        except (SealBroken, msgspec.MsgspecError, UnicodeError):
            return None

    def _rows(self, asked: EventsAsked, topics: Sequence[str] | None) -> tuple[list[RecordedEvent], int]:
        if asked.order_id is not None:
            return self._of_order(asked.order_id, asked, topics)
        head = min(self._reader.head(), asked.after + LOOKED_THROUGH_MAX)
        found: list[RecordedEvent] = []
        position, size = asked.after, 0
        while position < head and len(found) < asked.limit and size < PAGE_BYTES:
            up_to = min(head, position + POSITIONS_AT_ONCE)
            limit = min(ROWS_AT_ONCE, asked.limit - len(found))
            rows = self._reader.read_matching(position, up_to, limit, topics)
            found += rows
            position = rows[-1].position if len(rows) == limit else up_to
            size += sum(len(row.payload) + len(row.sealed or b"") for row in rows)
        return found, position

    def _of_order(
        self, order_id: UUID, asked: EventsAsked, topics: Sequence[str] | None
    ) -> tuple[list[RecordedEvent], int]:
        head = self._reader.head()
        rows = [
            row
            for row in self._reader.read_partition(order_id, up_to_position=head).events
            if row.position > asked.after and row.order_id == order_id and (topics is None or row.topic in topics)
        ]
        page = rows[: asked.limit]
        return page, page[-1].position if len(rows) > asked.limit else max(asked.after, head)

    def _ciphers(self, rows: Sequence[RecordedEvent]) -> dict[UUID, Cipher | SealBroken | None]:
        sealed = list({row.partition_id for row in rows if row.sealed is not None})
        found: dict[UUID, Cipher | SealBroken | None] = {}
        for start in range(0, len(sealed), PARTITIONS_AT_ONCE):
            for partition_id, key in self._reader.data_keys(sealed[start : start + PARTITIONS_AT_ONCE]).items():
                try:
                    found[partition_id] = self._keyring.cipher(partition_id, key)
                except SealBroken as broken:
                    found[partition_id] = broken
        return found

    def _public(self, row: RecordedEvent, currencies: Mapping[UUID, str]) -> Json:
        form, event, currency, failure = self._read(row, None, currencies)
        return public_event(row, form, event, currency) | failure

    def _audited(
        self,
        row: RecordedEvent,
        currencies: Mapping[UUID, str],
        ciphers: Mapping[UUID, Cipher | SealBroken | None],
        actors: Mapping[tuple[str, str], ActorShown],
    ) -> Json:
        cipher = ciphers.get(row.partition_id)
        actor = actors[row.actor_type, row.actor_id]
        form, event, currency, failure = self._read(row, cipher, currencies)
        reason = None if failure or isinstance(cipher, SealBroken) else self._codec.reason(row, cipher)
        return audit_event(row, form, event, currency, Said(actor, reason)) | failure

    def _read(
        self, row: RecordedEvent, cipher: Cipher | SealBroken | None, currencies: Mapping[UUID, str]
    ) -> tuple[Form, Any, str | None, Json]:
        """Its form, the event, the order's currency, and what to add when it cannot be read."""
        currency = None if row.order_id is None else currencies.get(row.order_id)
        form = self.forms.get(row.topic) or Form(row.topic, f"{row.topic}/0", "", ())
        try:
            return form, self._decoded(row, cipher, currency), currency, {}
        except (SealBroken, UnknownTopic, msgspec.MsgspecError, UnicodeError) as error:
            return form, None, currency, {"unreadable": type(error).__name__}

    def _decoded(self, row: RecordedEvent, cipher: Cipher | SealBroken | None, currency: str | None) -> Any:
        if isinstance(cipher, SealBroken):
            raise cipher
        if row.order_id is not None and currency is None:
            raise UnknownTopic(f"{row.order_id} does not begin with an order")
        return self._codec.decode(row, cipher)
