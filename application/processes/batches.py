"""Processing batches: every entry is booked as an order's own command, and its result kept.

One order's refusal is that entry's result and nobody else's; so is an order that cannot be read, which is also set
aside and booked once it can be. The booking has a key of its own per batch, order and attempt, so that a batch that
was interrupted goes on where it stopped and books nothing twice.
"""

from dataclasses import replace
from functools import partial
from uuid import UUID, uuid5

from application import claims
from application.command import Command
from application.commands.shipments import BookShipment
from application.desk import Desk
from application.order_log import OrderLog, Snapshot
from application.processes.attempts import EVERYTHING_WAITS, Attempts, describe
from application.processes.process import Origin
from domain.batch import Batch, BatchEntry, BatchStarted
from domain.refusals import Refusal
from domain.requests import ALL_REMAINING
from eventstore.errors import LogUnavailable, OutcomeUnknown, StreamConflict, Unreadable
from eventstore.records import Claim

BATCHES_AT_ONCE = 20
ENTRIES_AT_ONCE = 25
# Why an entry failed that its order never refused.
UNREADABLE = "order_unreadable"
FAULTY = "internal_error"


class Batches:
    """Books the entries of started batches, a few at a time, so that progress can be seen."""

    name = "batches"

    def __init__(self, log: OrderLog, desk: Desk, origin: Origin, attempts: Attempts) -> None:
        self._log = log
        self._desk = desk
        self._origin = origin
        self._attempts = attempts

    def step(self) -> bool:
        """Go on with every started batch; tells whether one has entries left."""
        for row in self._attempts.due():
            self._attempts.each(row.what, row.order_id, partial(self._again, row.what))
        started = self._attempts.fresh(
            partial(self._log.claims, claims.WORK, "batch:", BATCHES_AT_ONCE), BATCHES_AT_ONCE
        )
        for claim in started:
            self._attempts.each(claim.key, claim.partition_id, partial(self._advance, claim.partition_id))
        return bool(started)

    def _again(self, what: str) -> None:
        """Try a batch, or the entry of one, that was set aside."""
        first, _, second = what.partition(":")
        if first == "batch":
            self._advance(UUID(second))
        else:
            self._book_late(UUID(first), UUID(second))

    def _advance(self, batch_id: UUID) -> None:
        snapshot = self._log.load_root(Batch, batch_id)
        batch = snapshot.work.batch
        if batch.state.status != "processing":
            return
        pending = [entry for entry in batch.state.entries.values() if entry.result == "pending"]
        for entry in pending[:ENTRIES_AT_ONCE]:
            self._book_or_fail(snapshot, entry)
        releases: list[Claim] = []
        if len(pending) <= ENTRIES_AT_ONCE:
            batch.finish(self._origin.clock())
            releases = _claims(batch)
        self._append(snapshot, releases)

    def _append(self, snapshot: Snapshot, releases: list[Claim]) -> None:
        cause = self._origin.cause(_started_by(snapshot))
        try:
            self._log.append(snapshot, cause, self._origin.new_id(), releases=releases)
        except StreamConflict:
            return  # somebody changed the batch meanwhile: what is booked is found again by its key

    def _book_or_fail(self, snapshot: Snapshot, entry: BatchEntry) -> None:
        """Book an entry; when even that fails, the entry has failed, and is set aside to be booked later."""
        batch = snapshot.work.batch
        try:
            self._book(snapshot, entry)
        except (LogUnavailable, OutcomeUnknown, Refusal):
            raise
        except Exception as error:  # noqa: BLE001  (whatever it fails with counts; it is logged where it is set aside)
            code = UNREADABLE if isinstance(error, Unreadable) else FAULTY
            batch.record_failed(entry.order_id, code, describe(error), self._origin.clock())
            self._attempts.set_aside(f"{batch.id}:{entry.order_id}", entry.order_id, error)

    def _book_late(self, batch_id: UUID, order_id: UUID) -> None:
        """Book an entry that was set aside, unless somebody has dealt with it meanwhile."""
        snapshot = self._log.load_root(Batch, batch_id)
        entry = snapshot.work.batch.state.entries.get(str(order_id))
        if entry is not None and entry.result == "failed" and entry.code in {UNREADABLE, FAULTY}:
            self._book(snapshot, entry)
            self._append(snapshot, [])

    def _book(self, snapshot: Snapshot, entry: BatchEntry) -> None:
        batch, now = snapshot.work.batch, self._origin.clock()
        key = f"batch:{batch.id}:{entry.order_id}:{batch.state.attempt}"
        cause = replace(self._origin.cause(_started_by(snapshot)), idempotency_key=key, request=key.encode())
        body = _booking(batch, entry, uuid5(batch.id, f"{entry.order_id}:{batch.state.attempt}"))
        try:
            command = Command(name="orders/shipments", target=entry.order_id, body=body, cause=cause)
            answer = self._desk.execute(command)
        except Refusal as refusal:
            if refusal.code in EVERYTHING_WAITS:
                raise
            batch.record_failed(entry.order_id, refusal.code, refusal.detail, now)
        else:
            batch.record_booked(entry.order_id, UUID(answer["shipment_id"]), now)


def _booking(batch: Batch, entry: BatchEntry, shipment_id: UUID) -> BookShipment:
    """The booking that an entry asks for: its packages, or one package of everything."""
    state, packages = batch.state, entry.packages
    return BookShipment(
        lines=ALL_REMAINING if packages is None else tuple(units for each in packages for units in each.contents),
        packages=None if packages is None else tuple(each.requested() for each in packages),
        carrier=state.carrier,
        service=state.service,
        origin=state.origin,
        shipment_id=shipment_id,
    )


def _started_by(snapshot: Snapshot) -> UUID | None:
    """The command that asked for the processing."""
    for row, event in zip(reversed(snapshot.rows), reversed(snapshot.work.events), strict=True):
        if isinstance(event, BatchStarted):
            return row.command_id
    return None


def _claims(batch: Batch) -> list[Claim]:
    """What a processed batch gives back: its orders, and the work itself."""
    orders = [claims.in_batch(batch, entry.order_id) for entry in batch.state.entries.values()]
    return [*orders, claims.batch_work(batch.id)]
