"""What filling in documents needs of the read side, which is a stranger here: the composition root hands it in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from eventstore.records import DataKey

Json = Mapping[str, Any]


class Details(Protocol):
    """Documents in full, as they are now."""

    def detail(self, kind: str, document_id: UUID, min_position: int | None) -> Json | None:
        """The "shipments", "batches", ... of that id; None when there is none."""


class Issued(Protocol):
    """A document in full as of its issue; ``at`` and ``reason`` are those of the command that issued it.

    ``stationery`` names what it was issued on, ``owners`` are those whose data keys it was read with.
    """

    @property
    def detail(self) -> Json: ...
    @property
    def at(self) -> datetime: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def stationery(self) -> str | None: ...
    @property
    def owners(self) -> Mapping[UUID, DataKey | None]: ...


class IssuedDocuments(Protocol):
    """Documents as they were issued."""

    def find(self, form: str, document_id: UUID, min_position: int | None = None) -> Issued | None:
        """The "invoice", "manifest", ... of that id; None when there is none, or when it is not issued yet."""
