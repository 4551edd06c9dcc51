"""A command as the application takes it: shape already checked, nothing decided yet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.packing import Packaging
from domain.payment_methods import PaymentMethod
from domain.refusals import invalid


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the kind of caller and the id of its key; ``customer_id`` where it is a customer's own."""

    type: str
    id: str
    customer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something is recorded: who asked, in which conversation, because of which command, and for what reason.

    ``request`` are the canonical bytes that the idempotency key stands for.
    """

    actor: Actor
    correlation_id: UUID
    causation_id: UUID | None = None
    reason: str | None = None
    idempotency_key: str | None = None
    idempotency_scope: str | None = None
    request: bytes = b""

    @property
    def key(self) -> tuple[str, str] | None:
        """The idempotency key as the log knows it, within its scope, which is the actor if nothing else is said."""
        return None if self.idempotency_key is None else (self.idempotency_scope or self.actor.id, self.idempotency_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """What every command may carry beside what it asks for: why, when it happened where that is not now, whom to tell.

    Where ``notify`` is False nobody is told anything of what follows.
    """

    reason: str | None = None
    occurred_at: datetime | None = None
    notify: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request to change something.

    ``name`` is the path under ``/commands`` without ids ("orders", "orders/cancel", "invoices/capture"),
    ``target`` the id in the path, ``customer_id`` that of the customer where the path names one. ``body`` is what is
    asked for: a value of the type that the catalogue has under this name, such as ``CancelOrder``. Of what a ``silent``
    command brings about nobody is told.
    """

    name: str
    target: UUID | None
    body: object
    cause: Cause
    expected_version: int | None = None
    occurred_at: datetime | None = None
    silent: bool = False
    customer_id: str | None = None


Answer = dict[str, Any]


class RepeatedAnswer(dict[str, Any]):
    """The first answer, given again; ``notice`` says how to record another where that is not obvious."""

    notice: str | None = None


RETENTION_YEARS = {"orders": 0, "invoices": 10, "credit-memos": 10, "shipments": 0}
"""How many years each kind of document is kept as it is before its customer may be erased, unless the merchant says."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """The configuration that commands are checked against.

    ``base_currency`` is that of the books; ``payment_deadline`` is how long an external payment page may take when the
    checkout names no time. ``carrier_accounts`` are the carriers that labels are bought from,
    ``carrier_manifests`` those of them that make a manifest of their own, ``rights`` by
    command the roles that the merchant keeps it to.
    """

    carriers: frozenset[str] = field(default_factory=lambda: frozenset({"ups", "fedex", "usps", "dhl", "custom"}))
    locations: frozenset[str] = field(default_factory=lambda: frozenset({"main"}))
    gs1_prefix: str = "0000000"
    base_currency: str = "EUR"
    payment_deadline: timedelta = timedelta(hours=8)
    has_gateway: bool = True
    payment_methods: Mapping[str, PaymentMethod] = field(default_factory=dict)
    packagings: Mapping[str, Packaging] = field(default_factory=dict)
    carrier_accounts: frozenset[str] = frozenset()
    carrier_manifests: frozenset[str] = frozenset()
    retention_years: Mapping[str, int] = field(default_factory=lambda: dict(RETENTION_YEARS))
    rights: Mapping[str, Collection[str]] = field(default_factory=dict)

    def require_carrier(self, carrier: str) -> None:
        """Refuse carriers that are not configured."""
        if carrier not in self.carriers:
            known = ", ".join(sorted(self.carriers))
            raise invalid("unknown_carrier", f"There is no carrier {carrier}. Configured are {known}.", "/carrier")

    def require_location(self, location: str, pointer: str) -> None:
        """Refuse locations that are not configured."""
        if location not in self.locations:
            known = ", ".join(sorted(self.locations))
            raise invalid("unknown_location", f"There is no location {location}. Configured are {known}.", pointer)
