"""The OpenAPI operations of documents: lists, details, what is ready for pickup, a customer's orders, PDFs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from access.roles import Right
from projections.documents.parameters import AMOUNT as AMOUNT_FILTERS
from projections.documents.parameters import choice_columns, name_filters, parameters, sorts
from projections.documents.read_model import KINDS, Kind
from projections.orders.customer_orders import LIMIT_DEFAULT as CUSTOMER_LIMIT_DEFAULT
from projections.paging.parameters import LIST_MAX
from projections.paging.query import LIMIT_DEFAULT, LIMIT_MAX
from web.openapi import answers
from web.openapi.answers import AMOUNT, COUNT, NULLABLE_TEXT, TEXT, TIME, UUID, array, shape
from web.openapi.parameters import AFTER, DECIMAL, MOMENT, NAMED, POSITION, choices, parameter, path_id
from web.openapi.parameters import TEXT as ASKED_TEXT
from web.queries.documents import E_INVOICES, FORMS

Json = dict[str, Any]

PDF, XML = "application/pdf", "application/xml"
CURSOR = parameter("cursor", {"type": "string"})
ADDRESS: Json = {"type": ["object", "null"]}
NULLABLE_UUID: Json = {"type": ["string", "null"], "format": "uuid"}


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


def operations() -> Iterator[Operation]:
    """All of them."""
    for kind in KINDS.values():
        yield from _of_kind(kind)
    filters = [parameter(name, choices()) for name in ("carrier", "location")]
    ready = "Packages ready for pickup, the oldest first."
    yield Operation("/queries/dispatches/ready", "ready_packages", ready, [*_paging(), *filters], "ReadyPage")
    customer: Json = {
        "name": "customer_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    yield Operation(
        "/queries/customers/{customer_id}/orders",
        "customer_orders",
        "A customer's orders, each with its timeline, documents and parcels.",
        [customer, *_paging(CUSTOMER_LIMIT_DEFAULT)],
        "CustomerPage",
        (404, 422),
        Right.OWN,
    )
    for collection, form in FORMS:
        kind = KINDS[collection]
        path = f"/queries/{collection}/{{{kind.id_name}}}/{form}.pdf"
        summary = f"The {form.replace('-', ' ')} as a PDF."
        name = f"{kind.singular}_{form.replace('-', '_')}_pdf"
        yield Operation(path, name, summary, [path_id(kind.id_name), POSITION], PDF, (404, 409, 422))
    for collection, form in E_INVOICES:
        kind = KINDS[collection]
        path = f"/queries/{collection}/{{{kind.id_name}}}/{form}.xml"
        summary = f"The {form.replace('-', ' ')} as an e-invoice (UBL 2.1, Peppol BIS Billing 3.0)."
        name = f"{kind.singular}_{form.replace('-', '_')}_xml"
        yield Operation(path, name, summary, [path_id(kind.id_name), POSITION], XML, (404, 409, 422))


def _of_kind(kind: Kind) -> Iterator[Operation]:
    plural = kind.name.replace("-", "_")
    title = plural.replace("_", " ")
    yield Operation(
        f"/queries/{kind.name}", f"{plural}_list", f"The {title}, newest first.", _asked(kind), _page_name(kind)
    )
    path = f"/queries/{kind.name}/{{{kind.id_name}}}"
    asked = [path_id(kind.id_name), POSITION]
    summary = f"One of the {title} in full."
    yield Operation(path, f"{kind.singular}_detail", summary, asked, _name(kind), (404, 422), has_version=True)


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


def _summary(kind: Kind) -> Json:
    """What every document of a kind has, in lists and in full."""
    facts = {kind.id_name: UUID, kind.number_name: TEXT, kind.state: {"type": "string", "enum": list(kind.states)}}
    facts |= {kind.moment: TIME} | ({"order_id": UUID, "order_number": TEXT, "store": TEXT} if kind.of_order else {})
    return facts | MORE[kind.name]


MONEY: Json = {"bill_to_name": NULLABLE_TEXT, "currency": TEXT, "grand_total": AMOUNT}
PACKAGE: Json = {"package_id": TEXT, "sscc": TEXT, "tracking_number": NULLABLE_TEXT, "weight_grams": COUNT}
PACKAGES = array(shape(PACKAGE))
MORE: dict[str, Json] = {
    "invoices": MONEY | {"paid": AMOUNT, "refunded": AMOUNT, "credited": AMOUNT, "due": AMOUNT},
    "credit-memos": MONEY | {"invoice_id": UUID, "invoice_number": TEXT, "mode": TEXT},
    "shipments": {
        "carrier": TEXT,
        "service": NULLABLE_TEXT,
        "origin": TEXT,
        "packages": PACKAGES,
        "exception_count": COUNT,
    },
    "batches": {"origin": TEXT, "carrier": TEXT, "service": TEXT, "orders": COUNT, "booked": COUNT, "failed": COUNT},
    "dispatches": {"carrier": TEXT, "location": TEXT, "ready_at": TIME, "manifest_number": NULLABLE_TEXT},
}
UNITS = array(shape({"line_id": TEXT, "quantity": COUNT}))
SCAN: Json = {"status": TEXT, "occurred_at": TIME, "recorded_at": TIME, "carrier": TEXT, "tracking_number": TEXT}
LINE: Json = {"line_id": TEXT, "sku": TEXT, "name": NULLABLE_TEXT, "quantity": COUNT}
LINES = array(shape(LINE))
ENTRY: Json = {
    "order_id": UUID,
    "order_number": NULLABLE_TEXT,
    "ship_to_name": NULLABLE_TEXT,
    "result": {"type": "string", "enum": ["pending", "booked", "failed"]},
    "code": NULLABLE_TEXT,
    "detail": NULLABLE_TEXT,
    "shipment_id": NULLABLE_UUID,
    "shipment_number": NULLABLE_TEXT,
    "left": UNITS,
}
ON_MANIFEST: Json = PACKAGE | {"shipment_id": UUID, "shipment_number": TEXT, "order_id": UUID, "order_number": TEXT}
IN_FULL: dict[str, Json] = {
    "invoices": {"lines": LINES, "billing_address": ADDRESS, "shipping_address": ADDRESS, "totals": {"type": "object"}},
    "credit-memos": {"lines": LINES, "adjustment_refund": AMOUNT, "adjustment_fee": AMOUNT},
    "shipments": {
        "lines": array(shape(LINE | {"returned": COUNT, "to_follow": COUNT})),
        "shipping_address": ADDRESS,
        "packages": array(shape(PACKAGE | {"returned": UNITS, "tracking": {"type": "object"}})),
        "exceptions": array(shape(SCAN)),
    },
    "batches": {"entries": array(shape(ENTRY))},
    "dispatches": {
        "shipments": array(UUID),
        "withheld": array(shape({"shipment_id": UUID, "code": TEXT})),
        "packages": array(shape(ON_MANIFEST | {"ship_to": ADDRESS})),
    },
}


def _page(item: Json) -> Json:
    items = array(shape(item))
    page = {"items": items, "next": NULLABLE_TEXT, "previous": NULLABLE_TEXT, "position": COUNT}
    return shape(page, {"warnings": array(shape({"parameter": TEXT, "message": TEXT}))})


def schemas() -> dict[str, Json]:
    """The schemas that the operations answer, by name."""
    found: dict[str, Json] = {}
    version: Json = {"version": {"type": "integer", "minimum": 1}, "position": COUNT}
    for kind in KINDS.values():
        summary = _summary(kind)
        changed = {"updated_at": TIME, "position": COUNT}
        found[_page_name(kind)] = _page(summary | changed)
        found[_name(kind)] = shape(summary | IN_FULL[kind.name] | version)
    ready = {"carrier": TEXT, "location": TEXT, "ship_to_name": NULLABLE_TEXT, "blocked": NULLABLE_TEXT}
    found["ReadyPage"] = _page(ON_MANIFEST | ready)
    customer = {"order_id": UUID, "order_number": TEXT, "status": TEXT, "grand_total": AMOUNT}
    found["CustomerPage"] = _page(customer | {"timeline": {"type": "array"}, "parcels": {"type": "array"}})
    return found
