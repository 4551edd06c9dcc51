"""What is asked about approvals: a list, newest first, and one request in full, with what was asked for and why.

The list comes from its table and may wait a bounded time for a position; a request in full is folded from the log
itself. Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.approval import STATUSES, ApprovalRequested
from eventstore.codec import Codec
from eventstore.errors import SealBroken, Unreadable
from eventstore.personal_data import Cipher, Keyring
from eventstore.reader import LogReader
from eventstore.records import RecordedEvent
from projections.approvals.read_model import APPROVALS, ApprovalsOf, fold, summary
from projections.approvals.shapes import ApprovalShown, ApprovalStep, ApprovalSummary
from projections.engine.positions import require_recorded
from projections.order_history.actors import Actors, ActorShown
from projections.paging.ends import ends
from projections.paging.filters import Condition
from projections.paging.parameters import PAGING, check_names, parse_position, read_limit, read_text, read_time
from projections.paging.query import LIMIT_DEFAULT, Cursor, GridPage, InvalidParameterError
from projections.paging.reading import read_items
from projections.paging.times import rfc3339

CHOICES = {"status": "status", "command": "command", "requested_by": "requested_by"}
"""The filters that take several values: parameter to column."""
PARAMETERS = PAGING | CHOICES.keys() | {"order_id"}
_LIST = "approvals -requested_at"


@dataclass(frozen=True, slots=True)
class ApprovalQuery:
    """One question to the list; every filter given must hold, several values of one mean any of them."""

    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order_id: UUID | None = None
    limit: int = LIMIT_DEFAULT
    cursor: Cursor | None = None
    min_position: int | None = None


def parse_approval_query(given: Mapping[str, Sequence[str]]) -> ApprovalQuery:
    """The query that these parameters ask; raises InvalidParameterError for the first wrong one."""
    check_names(given, PARAMETERS, CHOICES)
    single = {name: values[0] for name, values in given.items()}
    for status in given.get("status", ()):
        if status not in STATUSES:
            raise InvalidParameterError("status", f"Must be one of: {', '.join(STATUSES)}.", malformed=False)
    return ApprovalQuery(
        choices={name: [read_text(name, value) for value in given[name]] for name in CHOICES.keys() & given.keys()},
        order_id=_id(single.get("order_id")),
        limit=read_limit(single),
        cursor=_cursor(single.get("cursor")),
        min_position=parse_position(single.get("min_position")),
    )


def _id(value: str | None) -> UUID | None:
    try:
        return None if value is None else msgspec.convert(value, UUID)
    except msgspec.ValidationError:
        raise InvalidParameterError("order_id", "Must be a UUID.") from None


def _cursor(token: str | None) -> Cursor | None:
    if token is None:
        return None
    cursor = Cursor.from_token(token)
    if cursor.sort != _LIST or cursor.value is None:
        raise InvalidParameterError("cursor", "This cursor belongs to another list.")
    read_time("cursor", cursor.value, end_of_day=False)
    return cursor


class ApprovalQueries:
    """Answers questions about approvals. Thread-safe. Raises positions.PositionUnknown, past a bounded wait Behind."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        reader: LogReader,
        codec: Codec,
        keyring: Keyring,
        actors: Actors,
    ) -> None:
        self._pool = pool
        self._reader = reader
        self._codec = codec
        self._keyring = keyring
        self._actors = actors

    def page(self, query: ApprovalQuery) -> GridPage:
        """A page of the list."""
        with self._pool.connection() as connection:
            position, items = _items(connection, query)
        taken = items[: query.limit]
        shown, following, previous = ends(taken, len(items) > len(taken), query.cursor, _place)
        return GridPage(b",".join(self._named(shown)), following, previous, position)

    def _named(self, items: Sequence[bytes]) -> list[bytes]:
        found = [msgspec.json.decode(item) for item in items]
        names = self._names(found)
        return [msgspec.json.encode(_with_names(each, names)) for each in found]

    def _names(self, found: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], ActorShown]:
        acted = [actor for each in found for actor in (each["requested_by"], each["decided_by"]) if actor]
        return self._actors.shown([_Acted(actor["type"], actor["id"]) for actor in acted])

    def detail(
        self, approval_id: UUID, min_position: int | None = None, *, reasons: bool = False
    ) -> ApprovalShown | None:
        """A request in full, with ``reasons`` if asked; None when there is none of that id. Raises Unreadable."""
        position = require_recorded(self._reader.head, min_position)
        partition = self._reader.read_partition_of(approval_id)
        rows = [row for row in partition.events if row.stream_id == approval_id]
        if not rows or rows[0].topic != ApprovalRequested.TOPIC:
            return None
        try:
            cipher = self._keyring.cipher(rows[0].partition_id, partition.data_key)
            shown = self._shown(rows, cipher, max(position, rows[-1].position), reasons=reasons)
        except SealBroken as error:
            raise Unreadable(rows[0].partition_id, rows[0].position, error) from error
        if shown["order_id"] is not None:
            # The events of the order are at hand, and its own stream is named like the partition.
            shown["order_version"] = max(row.version for row in partition.events if row.stream_id == row.partition_id)
        return shown

    def _shown(
        self, rows: Sequence[RecordedEvent], cipher: Cipher | None, position: int, *, reasons: bool
    ) -> ApprovalShown:
        of = ApprovalsOf(rows[0].partition_id)
        for row in rows:
            fold(of, row, self._codec.decode(row, cipher))
        history = of.requests[rows[0].stream_id]
        asked = history.asked
        short = summary(history)
        actors = self._actors.shown(rows)
        return {
            **_with_names(short, self._names([short]) | actors),
            "body": asked.body if reasons or asked.body is None else _unreasoned(asked.body),
            "customer_id": asked.customer_id,
            "reason": self._codec.reason(rows[0], cipher) if reasons else None,
            "occurred_at": None if asked.happened_at is None else rfc3339(asked.happened_at),
            "silent": asked.silent,
            "subject_version": asked.subject_version,
            "order_version": None,
            "history": [self._step(row, cipher if reasons else None, actors) for row in rows],
            "version": rows[-1].version,
            "position": position,
        }

    def _step(
        self, row: RecordedEvent, cipher: Cipher | None, actors: Mapping[tuple[str, str], ActorShown]
    ) -> ApprovalStep:
        return {
            "type": self._codec.event_classes[row.topic].__name__,
            "recorded_at": rfc3339(row.recorded_at),
            "actor": actors[row.actor_type, row.actor_id],
            "reason": self._codec.reason(row, cipher),
            "position": row.position,
        }


def _unreasoned(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without the reason, which some commands have in it."""
    return {name: value for name, value in body.items() if name != "reason"}


@dataclass(frozen=True, slots=True)
class _Acted:
    actor_type: str
    actor_id: str


def _with_names(shown: ApprovalSummary, names: Mapping[tuple[str, str], ActorShown]) -> ApprovalSummary:
    decided = shown["decided_by"]
    asked = shown["requested_by"]
    named: ApprovalSummary = {
        **shown,
        "requested_by": names[asked["type"], asked["id"]],
        "decided_by": None if decided is None else names[decided["type"], decided["id"]],
    }
    return named


def _place(item: bytes) -> Cursor:
    shown = msgspec.json.decode(item)
    return Cursor(_LIST, shown["requested_at"], UUID(shown["approval_id"]))


def _items(connection: Connection[Any], query: ApprovalQuery) -> tuple[int, list[bytes]]:
    """The position, and the rows beyond the cursor in the direction of the walk, one more than a page has."""
    wheres = [Condition("true", ())]
    for name, chosen in query.choices.items():
        wheres.append(Condition(f"{CHOICES[name]} = ANY (%s)", (list(chosen),)))
    if query.order_id is not None:
        wheres.append(Condition("order_id = %s", (query.order_id,)))
    backward = query.cursor is not None and query.cursor.backward
    if query.cursor is not None:
        beyond = f"(requested_at, approval_id) {'>' if backward else '<'} (%s::timestamptz, %s)"
        wheres.append(Condition(beyond, (query.cursor.value, query.cursor.order_id)))
    direction = "ASC" if backward else "DESC"
    statement = (
        f"SELECT item FROM read.approvals WHERE {' AND '.join([each.text for each in wheres])} "  # noqa: S608
        f"ORDER BY requested_at {direction}, approval_id {direction} LIMIT %s"
    )
    parameters = [value for each in wheres for value in each.parameters]
    return read_items(connection, APPROVALS.name, query.min_position, statement, [*parameters, query.limit + 1])
