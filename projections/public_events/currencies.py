"""In which currency each order is: what its first event says, which never changes. Kept for the orders seen last."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from domain.order_events import OrderPlaced
from eventstore.reader import LogReader
from eventstore.records import RecordedEvent

KNOWN_MAX = 50_000


class _Placed(msgspec.Struct):
    currency: str


_decode = msgspec.json.Decoder(_Placed).decode


class Currencies:
    """The currencies of orders. Thread-safe; asks the log once for many."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self._known: dict[UUID, str] = {}

    def of(self, rows: Iterable[RecordedEvent]) -> dict[UUID, str]:
        """By order, for those that these rows belong to."""
        known = self._known
        wanted: set[UUID] = set()
        firsts: list[RecordedEvent] = []
        for row in rows:
            if row.topic == OrderPlaced.TOPIC:
                firsts.append(row)
            elif row.order_id is not None:
                wanted.add(row.order_id)
        missing = list(wanted - known.keys() - {row.stream_id for row in firsts})
        if missing:
            firsts += self._reader.read_first_of(missing)
        told = {row.stream_id: _decode(row.payload).currency for row in firsts if row.topic == OrderPlaced.TOPIC}
        if len(known) + len(told) > KNOWN_MAX:
            known = {order_id: known[order_id] for order_id in wanted & known.keys()}
        self._known = known = known | told if told else known
        return known
