"""What a kind of document is to a reader: how it is folded, listed and shown in full, and which facts it shows.

Each kind is described once, in the file that makes its documents; ``kinds`` has all of them. Lists, queries, exports,
the API's description and the pages are made from the descriptions. They must never know HTTP or how a page looks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from domain.document_kinds import DocumentKind
from domain.events import Event
from domain.order_events import OrderPlaced
from eventstore.records import RecordedEvent
from projections.documents.related_orders import RelatedOrders
from projections.order_history.history import FOLDS, OrderHistory, fold

Document = Mapping[str, Any]


class Form(Enum):
    """What a reader finds in a fact."""

    ID = "a UUID"
    TEXT = "a text"
    AMOUNT = "an amount as decimal text"
    TIME = "a time as in RFC 3339"
    COUNT = "a whole number"
    OBJECT = "an object"


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a document: ``form`` is what stands in it, or the facts of each of several objects.

    One that is ``several`` has a list of its form; ``choices`` are the only texts that there can be.
    """

    name: str
    form: "Form | tuple[Fact, ...]" = Form.TEXT
    nullable: bool = False
    several: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """How a partition is folded: what it ``begins`` with, which ``events`` tell of it, and what they become."""

    begins: type[Event]
    events: tuple[type[Event], ...]
    history: Callable[[UUID], Any]
    fold: Callable[[Any, RecordedEvent, Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of document.

    ``among`` gives the documents of a history by id, ``summary`` makes what a list shows of one, ``detail`` the whole
    of it (None where there is none of that id), for documents across orders with what it reads of them.

    ``moment`` is the time that orders the list; ``state`` is called "state" or "status", of ``states``. ``found_by``
    are the numbers and references besides its own number that a document is found by. ``facts`` are what each shows in
    lists and in full, beside its id, number, state, moment and order; ``listed`` what only lists show, ``in_full`` what
    only the whole document. ``columns`` are the list as people see it, ``exported`` as a spreadsheet, if it is one.
    """

    document: DocumentKind
    life: Life
    among: Callable[[Any], Mapping[UUID, Any]]
    summary: Callable[[Any, UUID, Any], Document]
    detail: Callable[[Any, UUID, RelatedOrders], Document | None]
    moment: str
    states: tuple[str, ...]
    state: str = "state"
    location: str | None = None
    of_money: bool = False
    found_by: tuple[str, ...] = ()
    facts: tuple[Fact, ...]
    listed: tuple[Fact, ...] = ()
    in_full: tuple[Fact, ...] = ()
    columns: tuple[str, ...]
    exported: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its list: that of its collection."""
        return self.document.collection

    @property
    def singular(self) -> str:
        """The name of one."""
        return self.document.name

    @property
    def id_name(self) -> str:
        """The field of its id."""
        return self.document.id_name

    @property
    def number_name(self) -> str:
        """The field of its number."""
        return self.document.number_name

    @property
    def of_order(self) -> bool:
        """Whether it belongs to one order."""
        return not self.document.spans

    def summary_facts(self) -> tuple[Fact, ...]:
        """What every document of the kind shows, in lists and in full."""
        own = (
            Fact(self.id_name, Form.ID),
            Fact(self.number_name),
            Fact(self.state, choices=self.states),
            Fact(self.moment, Form.TIME),
        )
        order = (Fact("order_id", Form.ID), Fact("order_number"), Fact("store")) if self.of_order else ()
        return (*own, *order, *self.facts)

    def names_of(self, form: Form) -> frozenset[str]:
        """The listed facts of a form."""
        return frozenset(fact.name for fact in (*self.summary_facts(), *self.listed) if fact.form is form)


MONEY = (Fact("bill_to_name", nullable=True), Fact("currency"), Fact("grand_total", Form.AMOUNT))
LINE = (Fact("line_id"), Fact("sku"), Fact("name", nullable=True), Fact("quantity", Form.COUNT))
ADDRESSES = (Fact("billing_address", Form.OBJECT, nullable=True), Fact("shipping_address", Form.OBJECT, nullable=True))
PACKAGE = (
    Fact("package_id"),
    Fact("sscc"),
    Fact("tracking_number", nullable=True),
    Fact("weight_grams", Form.COUNT),
)
UNITS = (Fact("line_id"), Fact("quantity", Form.COUNT))
FOUND_BY_ORDER = ("order_number", "external_reference", "purchase_order", "customer_id")
ORDER_LIFE = Life(OrderPlaced, tuple(FOLDS), OrderHistory, fold)
