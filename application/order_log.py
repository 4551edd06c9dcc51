"""Units of work from the log and back: what the desk needs of the event store, in the words of the workflow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from application.answers import answer
from application.command import Answer, Cause, Command
from application.event_rows import EventRows
from application.proofreading import Proofread, unconcerned, warnings
from application.unit_of_work import ROOTS, Stationery, UnitOfWork, plain
from domain.aggregate import Aggregate
from domain.customer import Customer
from domain.document_kinds import APPROVAL, KIND_OF_COLLECTION, NOTIFICATION, ORDER, DocumentKind
from domain.events import Event
from domain.order import Order
from domain.refusals import Kind, Refusal, unknown
from domain.shipment import Shipment
from eventstore.codec import Codec
from eventstore.committer import GroupCommitter
from eventstore.erasing import Eraser, Erasure
from eventstore.errors import LogUnavailable, OutcomeUnknown, Unreadable
from eventstore.personal_data import Cipher, Keyring
from eventstore.reader import LogReader
from eventstore.records import (
    Append,
    Appended,
    Claim,
    EventFacts,
    IdempotencyKey,
    IdempotencyRow,
    Metadata,
    Partition,
)

# What only commands on it decide over, so that it is not read for others.
ASIDE = NOTIFICATION
ROOT_OF_NAME = {kind.name: root for kind, root in ROOTS.items()}
NOWHERE = UUID(int=0)


@dataclass(slots=True)
class Snapshot:
    """A unit of work as the log shows it at one moment, and what was recorded under the asked key.

    ``erasure`` says that what is appended erases somebody.
    """

    work: UnitOfWork
    rows: Sequence[EventFacts] = ()
    recorded: IdempotencyRow | None = None
    ciphers: dict[UUID, Cipher | None] = field(default_factory=dict)
    erasure: Erasure | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """The events of an order as decisions are made over them, and ``count`` of all that its partition has."""

    order_id: UUID = NOWHERE
    events: Sequence[Event] = ()
    cipher: Cipher | None = None
    count: int = 0


@dataclass(slots=True)
class Draft:
    """What is about to be recorded: the pending events of a snapshot with their aggregates, as one append."""

    snapshot: Snapshot
    done: Sequence[tuple[Aggregate, Event]]
    append: Append


class OrderLog:
    """Loads units of work and appends what happened in them. Thread-safe."""

    def __init__(
        self,
        reader: LogReader,
        committer: GroupCommitter,
        codec: Codec,
        keyring: Keyring,
        *,
        proofread: Proofread = unconcerned,
        stationery: Stationery = plain,
        prefixes: Mapping[str, str] | None = None,
        eraser: Eraser | None = None,
    ) -> None:
        self._reader = reader
        self._committer = committer
        self._codec = codec
        self._keyring = keyring
        self._proofread = proofread
        self._stationery = stationery
        self._prefixes = prefixes or {}
        self._eraser = eraser
        self.customer_hash = keyring.customer_hash
        self.customer_stream = keyring.customer_stream

    def load(self, command: Command) -> Snapshot:
        """The unit of work that the command's target belongs to, with the row of its idempotency key."""
        target = command.target or NOWHERE
        kind = KIND_OF_COLLECTION[command.name.partition("/")[0]]
        read = self._reader.read_facts if kind is ORDER or kind.spans else self._reader.read_facts_of
        partition = read(target, idempotency=command.cause.key)
        if kind is not ASIDE:
            decisive = [row for row in partition.events if row.aggregate != ASIDE.name]
            partition = Partition(decisive, partition.data_key, partition.recorded)
        root = _root_of(partition.events) if kind is APPROVAL else ROOTS.get(kind, Order)
        return self._loaded(root, target, partition)

    def load_each(self, targets: Mapping[UUID, Past]) -> dict[UUID, Past]:
        """What happened to the orders that targets belong to, where it is more than what is known; without ASIDE.

        One that cannot be read is absent, as one that does not exist.
        """
        read = self._reader.read_facts_each({target: past.count for target, past in targets.items()})
        found: dict[UUID, Past] = {}
        for target, partition in read.items():
            rows = [row for row in partition.events if row.aggregate != ASIDE.name]
            if _begun_by(rows) != Order.NAME:
                continue
            with suppress(Exception):
                cipher = self._keyring.cipher(rows[0].partition_id, partition.data_key)
                events = [self._codec.decode(row, cipher) for row in rows]
                found[target] = Past(rows[0].partition_id, events, cipher, len(partition.events))
        return found

    def standing(self, past: Past) -> Snapshot:
        """The unit of work of an order as it stands after its past."""
        return Snapshot(self._work(Order, past.order_id, past.events), ciphers={past.order_id: past.cipher})

    def load_approval(self, approval_id: UUID) -> Snapshot:
        """What a request for approval is about, with the request; refuses unknown ones."""
        partition = self._reader.read_facts_of(approval_id)
        snapshot = self._loaded(_root_of(partition.events), approval_id, partition)
        if approval_id not in snapshot.work.aggregates:
            raise unknown("approval", approval_id)
        return snapshot

    def reason_of(self, snapshot: Snapshot, stream_id: UUID) -> str | None:
        """The reason given with the first event of a stream; None without one, or once erased."""
        row = next(row for row in snapshot.rows if row.stream_id == stream_id)
        return self._codec.reason(row, snapshot.ciphers[row.partition_id])

    def empty(self, kind: DocumentKind, root_id: UUID) -> Snapshot:
        """A unit of work in which nothing happened yet."""
        return Snapshot(self._work(ROOTS.get(kind, Order), root_id))

    def _work(self, root: type[Aggregate], root_id: UUID, events: Sequence[Event] = ()) -> UnitOfWork:
        work = UnitOfWork(root, root_id, events)
        work.stationery = self._stationery
        work.prefixes = self._prefixes
        return work

    def load_root(self, root: type[Aggregate], root_id: UUID) -> Snapshot:
        """An order, batch or dispatch as it is now; refuses unknown ones."""
        snapshot = self._loaded(root, root_id, self._reader.read_facts(root_id))
        if not snapshot.work.exists:
            raise unknown(root.NAME, root_id)
        return snapshot

    def _loaded(self, root: type[Aggregate], target: UUID, partition: Partition[EventFacts]) -> Snapshot:
        rows = partition.events
        if rows and _begun_by(rows) != root.NAME:
            rows = []  # the id of something else
        root_id = rows[0].partition_id if rows else target
        try:
            cipher = self._keyring.cipher(root_id, partition.data_key)
            events = [self._codec.decode(row, cipher) for row in rows]
            work = self._work(root, root_id, events)
        except Exception as error:
            raise self._unreadable(root, root_id, partition, error) from error
        return Snapshot(work, rows, partition.recorded, {root_id: cipher})

    def _unreadable(
        self, root: type[Aggregate], root_id: UUID, partition: Partition[EventFacts], error: Exception
    ) -> Unreadable:
        """Which event of a partition it is that cannot be read."""
        work = UnitOfWork(root, root_id)
        position = 0
        with suppress(Exception):
            for row in partition.events:
                position = row.position
                cipher = self._keyring.cipher(root_id, partition.data_key)
                work.replay([self._codec.decode(row, cipher)], root_id)
        return Unreadable(root_id, position, error)

    def attach_shipments(self, snapshot: Snapshot, shipment_ids: Sequence[UUID]) -> list[Shipment]:
        """Bring shipments of other orders into the unit of work, with their orders; refuses ids of anything else."""
        partition_of = self._reader.partitions_of(shipment_ids)
        partitions = self._reader.read_partitions(list(set(partition_of.values())))
        wanted = {*shipment_ids, *partition_of.values()} - snapshot.work.aggregates.keys()
        for partition_id, partition in partitions.items():
            rows = [row for row in partition.events if row.stream_id in wanted]
            try:
                cipher = self._keyring.cipher(partition_id, partition.data_key)
                snapshot.ciphers[partition_id] = cipher
                snapshot.work.replay([self._codec.decode(row, cipher) for row in rows], partition_id)
            except Exception as error:
                raise Unreadable(partition_id, rows[0].position, error) from error
        return [snapshot.work.shipment(shipment_id) for shipment_id in shipment_ids]

    def partitions_of_customer(self, customer_id: str, limit: int) -> list[UUID]:
        """At most ``limit`` orders of a customer, found by their data keys."""
        return self._reader.partitions_of_customer(self.customer_hash(customer_id), limit)

    def with_data_keys(self, partition_ids: Sequence[UUID]) -> list[UUID]:
        """Those of the partitions in which something personal can be read."""
        return list(self._reader.data_keys(partition_ids))

    def keeps_elsewhere(self, customer_id: str) -> bool:
        """Whether something is kept under a customer's id beside the log."""
        return self._eraser is not None and self._eraser.elsewhere.keeps(customer_id)

    def events_of(self, partition_ids: Sequence[UUID]) -> Iterator[tuple[UUID, list[Event]]]:
        """Each partition with its events. Raises Unreadable."""
        for partition_id, partition in self._reader.read_partitions(partition_ids).items():
            try:
                cipher = self._keyring.cipher(partition_id, partition.data_key)
                yield partition_id, [self._codec.decode(row, cipher) for row in partition.events]
            except Exception as error:
                raise Unreadable(partition_id, partition.events[0].position, error) from error

    def require_orders(self, order_ids: Sequence[UUID], pointer: str) -> None:
        """Refuse unless all of them exist."""
        known = self._reader.partitions_of(order_ids)
        for order_id in order_ids:
            if known.get(order_id) != order_id:
                raise Refusal("not_found", f"There is no order {order_id}.", kind=Kind.UNKNOWN, pointer=pointer)

    def claims(self, kind: str, prefix: str, limit: int, after: str = "") -> list[Claim]:
        """The claims of a kind whose key begins with ``prefix`` and comes ``after`` another."""
        return self._reader.claims_starting_with(kind, prefix, limit, after)

    def recorded_each(self, causes: Sequence[Cause]) -> set[tuple[str, str]]:
        """Those of the causes' idempotency keys under which something was recorded."""
        keys: dict[str, list[str]] = {}
        for cause in causes:
            if cause.key is not None:
                keys.setdefault(cause.key[0], []).append(cause.key[1])
        return {(scope, key) for scope, of in keys.items() for key in self._reader.recorded_each(scope, of)}

    def recorded(self, cause: Cause) -> IdempotencyRow | None:
        """What was recorded under the cause's idempotency key."""
        return None if cause.key is None else self._reader.recorded(*cause.key)

    def request_hash(self, cause: Cause) -> bytes:
        """The keyed hash of what the idempotency key stands for."""
        return self._keyring.request_hash(cause.request)

    def append(
        self,
        snapshot: Snapshot,
        cause: Cause,
        command_id: UUID,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
    ) -> Answer:
        """Record the pending events of a snapshot, take and give back names, and answer."""
        return self.record(self.draft(snapshot, cause, command_id, claims, releases))

    def draft(
        self,
        snapshot: Snapshot,
        cause: Cause,
        command_id: UUID,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
    ) -> Draft:
        """What ``append`` would record."""
        done = list(snapshot.work.collect_events())
        new = EventRows(self._codec, self._keyring, snapshot.work, snapshot.ciphers)
        # Of an erasure the reason stands with the customer alone: a key for it would open the orders again.
        bare = snapshot.erasure is not None
        for aggregate, event in done:
            new.add(aggregate, event, None if bare and aggregate is not snapshot.work.root else cause.reason)
        actor = cause.actor
        metadata = Metadata(command_id, cause.correlation_id, cause.causation_id, actor.type, actor.id)
        key = None if cause.key is None else IdempotencyKey(*cause.key, self.request_hash(cause))
        releases = [*releases, *new.keys_in_use()]
        return Draft(snapshot, done, Append(new.rows, metadata, key, claims, releases, new.data_keys))

    def record(self, draft: Draft) -> Answer:
        """Append what was drafted, and answer."""
        return self._answered(draft, self._write(draft.append, draft.snapshot.erasure))

    def record_each(self, drafts: Sequence[Draft]) -> list[Callable[[], tuple[Answer, Appended]]]:
        """Append drafts on different orders, none of them an erasure, at one stroke; each tells what became of it.

        It raises what ``append`` raises, and harms no other.
        """
        entries = self._committer.append_all([draft.append for draft in drafts])
        return [partial(self._outcome, draft, entry.result) for draft, entry in zip(drafts, entries, strict=True)]

    def _outcome(self, draft: Draft, result: Callable[[], Appended]) -> tuple[Answer, Appended]:
        appended = result()
        return self._answered(draft, appended), appended

    def _answered(self, draft: Draft, appended: Appended) -> Answer:
        work, done = draft.snapshot.work, draft.done
        try:
            for (aggregate, event), number in zip(done, appended.numbers, strict=True):
                if number is not None:
                    aggregate.number_issued(event, number)
            return answer(work, done, appended.last_position) | self._warnings(work, done)
        except Exception as error:  # it is recorded: whatever fails now must not say that nothing was
            raise OutcomeUnknown(f"recorded at {appended.last_position}, and no answer could be made") from error

    def _write(self, append: Append, erasure: Erasure | None) -> Appended:
        if erasure is None:
            return self._committer.append(append)
        if self._eraser is None:
            raise LogUnavailable("nothing here can erase")
        return self._eraser.append(append, erasure)

    def answer_of(self, partition_id: UUID, command_id: UUID) -> Answer:
        """The answer that a recorded command got, rebuilt from the log as it was then.

        What a payment gateway answered to the command's request belongs to it, and what was done because it approved.
        """
        now = self._reader.read_facts(partition_id)
        root = _root_of(now.events)
        continued = root in {Order, Customer}

        def belongs(row: EventFacts) -> bool:
            return row.command_id == command_id or (row.causation_id == command_id and continued)

        last = max(row.position for row in now.events if belongs(row))
        then = Partition([row for row in now.events if row.position <= last], now.data_key, None)
        snapshot = self._loaded(root, partition_id, then)
        work = snapshot.work
        pairs = zip(snapshot.rows, work.events, strict=True)
        done = [(work.aggregates[row.stream_id], event) for row, event in pairs if belongs(row)]
        return answer(work, done, last) | self._warnings(work, done)

    def _warnings(self, work: UnitOfWork, done: Sequence[tuple[Aggregate, Event]]) -> Answer:
        found = warnings(work.events, done, self._proofread)
        return {"warnings": found} if found else {}


def _begun_by(rows: Sequence[EventFacts]) -> str:
    """The name of what a partition is of; where something was only asked for yet, it is of a customer."""
    return next((row.aggregate for row in rows if row.aggregate != APPROVAL.name), Customer.NAME)


def _root_of(rows: Sequence[EventFacts]) -> type[Aggregate]:
    return ROOT_OF_NAME.get(_begun_by(rows), Order) if rows else Order
