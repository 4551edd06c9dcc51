"""Printings: that a document left a printer, or was asked for as a copy to the customer.

Each is a stream of its own in the partition of the document's order (or dispatch), so that printing
never moves an order's version. A printing decides nothing and must never be refused for its number.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import NO_STREAM, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintingEvent(Event):
    """A fact about a document on paper; ``document_type`` is the name of its aggregate ("invoice", "shipment", ...)."""

    document_type: str = ""
    document_id: UUID = NO_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPrinted(PrintingEvent):
    """Somebody printed the document."""

    TOPIC: ClassVar[str] = "printing.document_printed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCopyRequested(PrintingEvent):
    """Somebody asked to send the customer a copy of the document."""

    TOPIC: ClassVar[str] = "printing.copy_requested"


PRINTING_EVENTS: tuple[type[PrintingEvent], ...] = (DocumentPrinted, DocumentCopyRequested)


class Printing(Aggregate):
    """One printing, or one request for a copy."""

    NAME = "printing"

    def evolve(self, event: Event) -> None:
        """Nothing depends on it."""

    def record(self, document: Aggregate, at: datetime) -> None:
        """Record that ``document`` was printed."""
        self.trigger(DocumentPrinted(occurred_at=at, document_type=document.NAME, document_id=document.id))

    def request_copy(self, document: Aggregate, at: datetime) -> None:
        """Ask for a copy of ``document`` to be sent."""
        self.trigger(DocumentCopyRequested(occurred_at=at, document_type=document.NAME, document_id=document.id))
