"""The OpenAPI operations of documents: lists, details, what is ready for pickup, a customer's orders, PDFs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from access.roles import Right
from domain.document_kinds import FORMS, DocumentKind
from projections.documents.kind import Fact, Form, Kind
from projections.documents.kinds import KINDS
from projections.documents.parameters import AMOUNT as AMOUNT_FILTERS
from projections.documents.parameters import choice_columns, name_filters, parameters, sorts
from projections.documents.shapes.billing import CreditMemoListed, CreditMemoShown, InvoiceListed, InvoiceShown
from projections.documents.shapes.handing_over import (
    BatchListed,
    BatchShown,
    DispatchListed,
    DispatchShown,
    ReadyPackage,
)
from projections.documents.shapes.shipping import OrderRates, ShipmentListed, ShipmentRates, ShipmentShown
from projections.orders.customer_orders import LIMIT_DEFAULT as CUSTOMER_LIMIT_DEFAULT
from projections.orders.shapes.customer import CustomerOrderShown, UnreadableOrder
from projections.paging.parameters import LIST_MAX
from projections.paging.query import LIMIT_DEFAULT, LIMIT_MAX
from web.openapi import answers
from web.openapi.answers import AMOUNT, COUNT, TEXT, TIME, UUID, array, shape
from web.openapi.parameters import AFTER, DECIMAL, MOMENT, NAMED, POSITION, choices, parameter, path_id
from web.openapi.parameters import TEXT as ASKED_TEXT

Json = dict[str, Any]

PDF, XML, ZPL = "application/pdf", "application/xml", "application/zpl"
CURSOR = parameter("cursor", {"type": "string"})
TAGS = {"credit-memos": "invoices"}


def tag_of(collection: str) -> str:
    """What the operations on a collection are about."""
    return TAGS.get(collection, collection)


@dataclass(frozen=True, slots=True)
class Operation:
    """One GET; ``answer`` names a schema of ``SCHEMAS``, or is the media type of a file."""

    path: str
    name: str
    summary: str
    parameters: list[Json]
    answer: str
    problems: tuple[int, ...] = (422,)
    right: Right = Right.QUERY
    has_version: bool = False

    @property
    def tag(self) -> str:
        """What it is about."""
        return tag_of(self.path.split("/")[2])

    @property
    def is_list(self) -> bool:
        """Whether it is made from a read model, which may be behind the log."""
        return self.answer.endswith("Page") and self.right is Right.QUERY


def operations() -> Iterator[Operation]:
    """All of them."""
    for kind in KINDS.values():
        yield from _of_kind(kind)
    filters = [parameter(name, choices()) for name in ("carrier", "location")]
    ready = "Packages ready for pickup, the oldest first."
    yield Operation("/queries/dispatches/ready", "list_ready_packages", ready, [*_paging(), *filters], "ReadyPage")
    customer: Json = {
        "name": "customer_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    yield Operation(
        "/queries/customers/{customer_id}/orders",
        "list_customer_orders",
        "A customer's orders, each with its timeline, documents and parcels.",
        [customer, *_paging(CUSTOMER_LIMIT_DEFAULT)],
        "CustomerPage",
        (404, 422),
        Right.OWN,
    )
    yield Operation(
        "/queries/shipments/{shipment_id}/rates",
        "get_shipment_rates",
        "What its carrier would charge for each package, asked at this moment.",
        [path_id("shipment_id")],
        "ShipmentRates",
        (404, 409),
    )
    yield Operation(
        "/queries/orders/{order_id}/rates",
        "get_order_rates",
        "What a carrier would charge for one package of all that is left to ship, asked at this moment.",
        [path_id("order_id"), parameter("carrier", ASKED_TEXT) | {"required": True}, parameter("origin", ASKED_TEXT)],
        "OrderRates",
        (404, 409, 422),
    )
    for document, form in FORMS:
        yield _as_file(document, form, "pdf")
        if form in document.e_invoices:
            yield _as_file(document, form, "xml")
        if form in document.for_label_printers:
            yield _as_file(document, form, "zpl")


FILES = {
    "pdf": (PDF, "a PDF"),
    "xml": (XML, "an e-invoice (UBL 2.1, Peppol BIS Billing 3.0)"),
    "zpl": (ZPL, "their carriers wrote it for label printers (ZPL)"),
}


def _as_file(kind: DocumentKind, form: str, ending: str) -> Operation:
    """What is printed of a document, or its data."""
    answer, what = FILES[ending]
    path = f"/queries/{kind.collection}/{{{kind.id_name}}}/{form}.{ending}"
    name = f"get_{form.replace('-', '_')}_{ending}"
    summary = f"The {form.replace('-', ' ')} as {what}."
    return Operation(path, name, summary, [path_id(kind.id_name), POSITION], answer, (404, 409, 422))


def _of_kind(kind: Kind) -> Iterator[Operation]:
    title = kind.document.plural
    plural = title.replace(" ", "_")
    yield Operation(
        f"/queries/{kind.name}", f"list_{plural}", f"The {title}, newest first.", _asked(kind), _page_name(kind)
    )
    path = f"/queries/{kind.name}/{{{kind.id_name}}}"
    asked = [path_id(kind.id_name), POSITION]
    summary = f"One of the {title} in full."
    yield Operation(path, f"get_{kind.singular}", summary, asked, _name(kind), (404, 422), has_version=True)


def _name(kind: Kind) -> str:
    return kind.singular.title().replace("_", "")


def _page_name(kind: Kind) -> str:
    return f"{_name(kind)}Page"


def _paging(default: int = LIMIT_DEFAULT) -> list[Json]:
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": default}
    return [parameter("limit", limit), CURSOR, POSITION]


def _asked(kind: Kind) -> list[Json]:
    """The filters of a list, and its paging."""
    several = choice_columns(kind)
    special: dict[str, Json] = {name: choices() for name in several}
    special |= dict.fromkeys(name_filters(kind), NAMED) | dict.fromkeys(AMOUNT_FILTERS, DECIMAL)
    special |= {
        kind.state: choices(kind.states),
        "order_id": answers.UUID,
        "q": {"type": "string", "maxLength": LIST_MAX},
    }
    special["sort"] = {"type": "string", "enum": [sign + name for name in sorts(kind) for sign in ("", "-")]}
    special |= {name: MOMENT for name in parameters(kind) if name.endswith(("_from", "_to"))}
    names = sorted(parameters(kind) - {"limit", "cursor", "min_position", "after"})
    return [AFTER, *(parameter(name, special.get(name, ASKED_TEXT)) for name in names), *_paging()]


FORM_SCHEMAS: dict[Form, Json] = {
    Form.ID: UUID,
    Form.TEXT: TEXT,
    Form.AMOUNT: AMOUNT,
    Form.TIME: TIME,
    Form.COUNT: COUNT,
    Form.OBJECT: {"type": "object"},
}


def _shown(facts: Iterable[Fact]) -> Json:
    """The properties that the facts of a document are."""
    return {fact.name: _fact(fact) for fact in facts}


def _fact(fact: Fact) -> Json:
    schema = FORM_SCHEMAS[fact.form] if isinstance(fact.form, Form) else shape(_shown(fact.form))
    if fact.choices:
        schema = schema | {"enum": list(fact.choices)}
    if fact.nullable:
        schema = schema | {"type": [schema["type"], "null"]}
    return array(schema) if fact.several else schema


SHAPES: dict[str, tuple[type[Any], type[Any]]] = {
    "invoices": (InvoiceListed, InvoiceShown),
    "credit-memos": (CreditMemoListed, CreditMemoShown),
    "shipments": (ShipmentListed, ShipmentShown),
    "batches": (BatchListed, BatchShown),
    "dispatches": (DispatchListed, DispatchShown),
}
"""By kind, the declared shapes of its list and of one in full; a kind without is described by its facts."""


def shapes() -> list[type[Any]]:
    """All that is answered of documents, and to customers, whose shape is declared."""
    return [
        *(each for pair in SHAPES.values() for each in pair),
        ShipmentRates,
        OrderRates,
        ReadyPackage,
        CustomerOrderShown,
        UnreadableOrder,
    ]


def schemas() -> dict[str, Json]:
    """The pages that the operations answer, and what no declared shape says, by name."""
    found: dict[str, Json] = {}
    for kind in KINDS.values():
        found[_page_name(kind)] = answers.page(f"{_name(kind)}Listed")
        if kind.name not in SHAPES:
            found |= _by_facts(kind)
    found["ReadyPage"] = answers.page("ReadyPackage")
    customer = answers.page("CustomerOrder")
    orders = {"oneOf": [answers.ref("CustomerOrder"), answers.ref("UnreadableOrder")]}
    customer["properties"]["items"] = array(orders)
    return found | {"CustomerPage": customer}


def _by_facts(kind: Kind) -> dict[str, Json]:
    summary = _shown(kind.summary_facts())
    version: Json = {"version": {"type": "integer", "minimum": 1}, "position": COUNT}
    changed = {"updated_at": TIME, "position": COUNT}
    return {
        f"{_name(kind)}Listed": shape(summary | _shown(kind.listed) | changed),
        _name(kind): shape(summary | _shown(kind.in_full) | version),
    }
