"""What the desk refuses because of the log: a name that is taken, a key that was used, no room, an unknown outcome."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from application import claims
from domain.refusals import Kind, Refusal, invalid
from eventstore.errors import ClaimTaken, KeyReused, LogUnavailable, OutcomeUnknown, StorageFull

T = TypeVar("T")

TAKEN = {
    claims.EXTERNAL_REFERENCE: "duplicate_external_reference",
    claims.ORDER_NUMBER: "duplicate_order_number",
    claims.INVOICE_NUMBER: "duplicate_invoice_number",
    claims.BATCH: "order_in_other_batch",
    claims.DISPATCH: "already_on_dispatch",
}
# Whose id it is that has a name; that of an order where nothing else is said.
HOLDERS = {claims.BATCH: "batch_id", claims.DISPATCH: "dispatch_id"}


def no_room() -> Refusal:
    """The disk is nearly full."""
    detail = "There is too little room left on the database's disk. Nothing was recorded; ask again once there is."
    return Refusal("storage_low", detail, kind=Kind.UNAVAILABLE)


def key_reused(key: str) -> Refusal:
    """The key stands for another request."""
    return invalid("idempotency_key_reused", f"The Idempotency-Key {key} was used for another request. Take a new one.")


def id_in_use(stream_id: UUID) -> Refusal:
    """The chosen id stands for something else."""
    return Refusal("id_in_use", f"The id {stream_id} is taken. Choose another, or leave it out.")


def claim_refusal(taken: ClaimTaken) -> Refusal:
    """Another holds the name."""
    code = TAKEN.get(taken.kind, "concurrent_change")
    key, holder = taken.key, taken.partition_id
    details = {
        claims.ORDER_NUMBER: f"Order {holder} of the store has the number {key.partition(':')[2]}.",
        claims.INVOICE_NUMBER: f"An invoice of order {holder} of the store has the number {key.partition(':')[2]}.",
        claims.EXTERNAL_REFERENCE: f"Order {holder} of the store has the external reference {key.partition(':')[2]}.",
        claims.BATCH: f"Order {key} is in the open batch {holder}. Take it out there first.",
        claims.DISPATCH: f"Shipment {key} is on the dispatch {holder}. Cancel that dispatch first.",
    }
    detail = details.get(taken.kind, "Somebody else did this at the same moment. Try again.")
    return Refusal(code, detail, facts={HOLDERS.get(taken.kind, "order_id"): str(holder)})


def told(do: Callable[[], T]) -> T:
    """What comes of it; what the log turns down becomes a refusal."""
    try:
        return do()
    except KeyReused as reuse:
        raise key_reused(reuse.key) from reuse
    except ClaimTaken as taken:
        raise claim_refusal(taken) from taken
    except OutcomeUnknown as lost:
        raise Refusal(
            "outcome_unknown",
            "It is not known whether this was recorded. Ask again with the same Idempotency-Key.",
            kind=Kind.UNAVAILABLE,
        ) from lost
    except StorageFull as full:
        raise no_room() from full
    except LogUnavailable as down:
        raise Refusal(
            "log_unavailable", "The log cannot be reached. Nothing was recorded; ask again.", kind=Kind.UNAVAILABLE
        ) from down
