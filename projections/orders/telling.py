"""One order as a reader gets it: the detail with its comments' authors and its timeline, told from the events given.

Whoever asks chooses the events: all of them for the order as it is now, the first of them for the order as it was. So
what was answered once can be answered again. It reads nothing but the names of those who acted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.order_events import OrderCommented
from eventstore.codec import Codec
from eventstore.personal_data import Keyring
from eventstore.records import DataKey, RecordedEvent
from projections.engine.decoder import Decoder
from projections.order_history.actors import Actors, ActorShown
from projections.order_history.history import FOLDS, OrderHistory, fold
from projections.order_history.reading_partitions import each
from projections.orders.changes import changes, parts
from projections.orders.detail import order_detail
from projections.orders.timeline import Happened, Shown, timeline_page


class OrderTeller:
    """Tells orders from their events. Thread-safe. Raises Unreadable for an event that cannot be read."""

    def __init__(self, codec: Codec, keyring: Keyring, actors: Actors) -> None:
        self._codec = codec
        self._keyring = keyring
        self._actors = actors
        self._decoder = Decoder(codec, keyring, codec.event_classes.values())

    def told(
        self,
        order_id: UUID,
        rows: Sequence[RecordedEvent],
        key: DataKey | None,
        *,
        position: int,
        now: datetime,
        before: int | None = None,
        reasons: bool = False,
    ) -> Mapping[str, Any] | None:
        """The order after ``rows``, events of its partition in log order; None when it was not placed in them.

        ``now`` is the moment at which it is asked what the order accepts, ``position`` that of the log; the timeline is
        its newest part ``before`` a position, with ``reasons`` it says why.
        """
        history = OrderHistory(order_id)
        happened = each(rows, lambda row: self._happened(history, row, key, reasons=reasons))
        actors = self._actors.shown(rows)
        detail = self.detail(history, position, now, _authors(happened, actors))
        if detail is None:
            return None
        return {**detail, **timeline_page(happened, actors, history.order.currency, before)}

    def states(
        self, order_id: UUID, rows: Sequence[RecordedEvent], key: DataKey | None, since: int
    ) -> Iterable[Mapping[str, Any] | None]:
        """The order after the first ``since`` of ``rows`` and after each later one, as of its moment; no timeline."""
        history, happened = OrderHistory(order_id), list[Happened]()
        actors = self._actors.shown(rows)

        def state(row: RecordedEvent) -> Mapping[str, Any] | None:
            return self.detail(history, row.position, row.recorded_at, _authors(happened, actors))

        for number, row in enumerate(rows, 1):
            happened += each([row], lambda row: self._happened(history, row, key, reasons=False))
            if number >= since:
                yield state(row)

    def detail(
        self, history: OrderHistory, position: int, now: datetime, authors: Iterable[ActorShown]
    ) -> Mapping[str, Any] | None:
        """The document of an order with who wrote its comments."""
        detail = order_detail(history, position, now)
        if detail is None:
            return None
        comments = zip(detail["comments"], authors, strict=True)
        return {**detail, "comments": [{**comment, "author": author} for comment, author in comments]}

    def _happened(self, history: OrderHistory, row: RecordedEvent, key: DataKey | None, *, reasons: bool) -> Happened:
        """Fold an event into the history, and keep what the timeline tells of it."""
        event = self._decoder.event(row, key)
        before = parts(history, event)
        fold(history, row, event if type(event) in FOLDS else None)
        after = parts(history, event)
        changed = None if before is None or after is None else changes(before, after)
        reason = self._codec.reason(row, self._keyring.cipher(row.partition_id, key)) if reasons else None
        return Happened(row, event, changed, reason)


def _authors(happened: Iterable[Happened], actors: Shown) -> list[ActorShown]:
    """Who wrote each comment, in their order."""
    rows = [told.row for told in happened if isinstance(told.event, OrderCommented)]
    return [actors[row.actor_type, row.actor_id] for row in rows]
