"""What is kept about one customer, for who asks for it by right: every order as it is, every event as it was recorded.

Found by the hash beside the data keys, so no order is found any more once these are erased; that a customer was
erased, when and why, is told then. Read and handed out some orders at a time, however many there are; nothing here
writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.notification import NotificationRequested, NotificationSent
from eventstore import feed
from eventstore.errors import Unreadable
from eventstore.personal_data import Keyring
from eventstore.reader import LogReader
from eventstore.records import DataKey, Partition, RecordedEvent
from projections.order_history.reader import unreadable_order
from projections.orders.telling import OrderTeller
from projections.paging.times import rfc3339

ORDERS_AT_ONCE = 50
_KEYS = """
    SELECT id, name, created_at, expires_at, revoked_at FROM access.holders WHERE customer_id = %s ORDER BY created_at
"""
Listed = Callable[[Sequence[RecordedEvent], DataKey | None], Sequence[Mapping[str, Any]]]
Json = dict[str, Any]


class AccessReports:
    """Makes the reports. Thread-safe."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        reader: LogReader,
        keyring: Keyring,
        teller: OrderTeller,
        listed: Listed,
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._keyring = keyring
        self._teller = teller
        self._listed = listed

    def report(self, customer_id: str) -> Iterator[bytes] | None:
        """A JSON object in pieces: the customer's keys, erasures, and by order ``{"order", "mails", "events"}``.

        None where there is nothing of all that.
        """
        customer_hash = self._keyring.customer_hash(customer_id)
        first = self._places(customer_hash, None)
        with self._pool.connection() as connection:
            keys = [_key(*row) for row in connection.execute(_KEYS, [customer_id])]
        erased = self._reader.read_partition(self._keyring.customer_stream(customer_id))
        if not first and not keys and not erased.events:
            return None
        erasures = self._listed(erased.events, erased.data_key)
        head = {"customer_id": customer_id, "made_at": rfc3339(datetime.now(UTC)), "keys": keys, "erasures": erasures}
        return self._pieces(head, customer_hash, first)

    def _pieces(self, head: Json, customer_hash: bytes, places: list[tuple[UUID, int]]) -> Iterator[bytes]:
        yield msgspec.json.encode(head)[:-1] + b',"orders":['
        between = b""
        while places:
            partitions = self._reader.read_partitions([partition_id for partition_id, _ in places])
            for partition_id, _ in places:
                if partition_id in partitions:
                    yield between + msgspec.json.encode(self._kept(partition_id, partitions[partition_id]))
                    between = b","
            places = self._places(customer_hash, places[-1][1])
        yield b"]}"

    def _places(self, customer_hash: bytes, beyond: int | None) -> list[tuple[UUID, int]]:
        after = None if beyond is None else str(beyond)
        with self._pool.connection() as connection:
            return feed.partitions_of_customer(connection, customer_hash, ORDERS_AT_ONCE, after, up=True)

    def _kept(self, order_id: UUID, partition: Partition[RecordedEvent]) -> Json:
        """One order with its events; of one that cannot be read, which it is and its events all the same."""
        rows, key = partition.events, partition.data_key
        told: Mapping[str, Any] | None
        try:
            position = rows[-1].position
            told = self._teller.told(order_id, rows, key, position=position, now=datetime.now(UTC), reasons=True)
        except Unreadable as reason:
            told = unreadable_order(reason)
        events = self._listed(rows, key)
        return {"order": told, "mails": _mails(events), "events": events}


def _mails(events: Sequence[Mapping[str, Any]]) -> list[Json]:
    """The mails among the events: to whom, about what, and when one was sent, if it was."""
    mails: dict[Any, Json] = {}
    for event in events:
        if event["type"] == NotificationRequested.__name__:
            data = event["data"]
            mails[event["aggregate_id"]] = {
                "to": data.get("recipient"), "about": data.get("template"), "requested_at": event["occurred_at"],
                "sent_at": None,
            }  # fmt: skip
        elif event["type"] == NotificationSent.__name__ and event["aggregate_id"] in mails:
            mails[event["aggregate_id"]]["sent_at"] = event["occurred_at"]
    return list(mails.values())


def _key(key_id: str, name: str, *times: datetime | None) -> Json:
    shown = [None if each is None else rfc3339(each) for each in times]
    return {"key_id": key_id, "name": name} | dict(zip(("created_at", "expires_at", "revoked_at"), shown, strict=True))
