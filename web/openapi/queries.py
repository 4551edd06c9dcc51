"""The operations that read: orders, lists and their files, what is configured, the feed, the audit trail."""

from typing import Any

from access.roles import Right
from projections.orders.shapes.customer import TrackingShown
from projections.orders_grid.columns import CAN_BE_EMPTY, CHOICES
from projections.orders_grid.parameters import EMPTY, NAMES, NUMBERS, PARAMETERS, SELECTS, TIMES
from projections.paging.parameters import LIST_MAX
from projections.paging.query import LIMIT_DEFAULT, LIMIT_MAX, Count
from web.openapi import answers, approvals, audit, documents, feed, lists, noted, seals
from web.openapi.commands import for_roles, security
from web.openapi.parameters import (
    AFTER,
    DECIMAL,
    EARLIER,
    MOMENT,
    NAMED,
    POSITION,
    TEXT,
    choices,
    parameter,
    path_id,
)
from web.openapi.responses import MEDIA, RATE_LIMIT, TOO_LONG, answer, contents, file, header, plain, problems
from web.openapi.typed import name_of

Json = dict[str, Any]

RIGHT_OF = {"audit": Right.AUDIT}
# What needs no key.
OPEN = frozenset({"check_health", "check_readiness", "get_description", "get_tracking"})
LAG = {
    "Daybook-Lag-Events": header("How many events the read model is behind the log.", {"type": "string"}),
    "Daybook-Lag-Seconds": header("How old the oldest of them is.", {"type": "string"}),
}
ETAG = {"ETag": header("The order's stream version.")}
KNOWN: Json = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the answer that the reader has: 304 while that is still right.",
    "schema": {"type": "string"},
}
_OF_PAGES = frozenset({"after", "count", "cursor", "limit", "sort"})


def operations() -> dict[str, Json]:
    """By path, what can be got there."""
    return _orders() | _kept() | _approvals() | _files() | _documents() | _feeds() | _trail() | _seals() | _operations()


def query(tag: str, name: str, text: str, parameters: list[Json], answered: Json, *codes: int) -> Json:
    """One of them: what it is about, what it takes and answers, and the problems beside those of all."""
    right = None if name in OPEN else RIGHT_OF.get(tag, Right.QUERY)
    waits = [409] if any(each["name"] == "min_position" for each in parameters) else []
    asked = any(each["in"] == "query" for each in parameters)
    return {
        "tags": [tag],
        "operationId": name,
        "summary": text,
        "description": _about(right, parameters),
        "security": security(right) if right else [],
        "parameters": parameters,
        "responses": {"200": answered}
        | problems(400, *([401, 403, 429] if right else []), *waits, *codes)
        | (TOO_LONG if asked else {}),
    }


def _about(right: Right | None, parameters: list[Json]) -> str:
    """Who may ask, and how what was just done is read, or all of a list."""
    names = {each["name"] for each in parameters}
    told = ["For everybody, without a key." if right is None else for_roles(right)]
    if "min_position" in names:
        told.append(
            "With `min_position` of a command's answer it shows what the command did, or says 503 for a moment."
        )
    if "cursor" in names:
        told.append("It is told a page at a time: `next` says where to go on.")
    return " ".join(told)


def _grid_parameters() -> list[Json]:
    special: dict[str, Json] = {
        "limit": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        "count": {"type": "string", "enum": list(Count)},
        "sort": {"type": "string", "examples": ["-purchased_at", "grand_total"]},
        "cursor": {"type": "string"},
    }
    special |= {name: choices(CHOICES.get(name)) for name in SELECTS}
    special |= dict.fromkeys(NAMES, NAMED) | dict.fromkeys(EMPTY, choices(CAN_BE_EMPTY))
    special |= {"q": {"type": "string", "maxLength": LIST_MAX}}
    special |= dict.fromkeys(TIMES, MOMENT)
    special |= dict.fromkeys(NUMBERS, DECIMAL)
    names = sorted(PARAMETERS - {"min_position", "after"})
    return [POSITION, AFTER, *(parameter(name, special.get(name, TEXT)) for name in names)]


def _orders() -> dict[str, Json]:
    order_id = path_id("order_id")
    token: Json = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    counted = [each for each in _grid_parameters() if each["name"] not in _OF_PAGES]
    grid, tracking = answer("GridPage", "A page.", LAG), answer(name_of(TrackingShown), "The parcels.", LAG)
    one = query(
        "orders",
        "get_order",
        "One order, and what it accepts now.",
        [order_id, POSITION, EARLIER, KNOWN],
        answer("Order", "The order.", ETAG),
        404,
        422,
    )
    one["responses"]["304"] = {
        "description": "The order is at the version of If-None-Match.",
        "headers": RATE_LIMIT | ETAG,
    }
    return {
        "/queries/orders": query("orders", "list_orders", "The orders grid.", _grid_parameters(), grid, 409, 422),
        "/queries/orders/counts": query(
            "orders", "count_orders", "How many orders there are by status.", counted, plain(lists.COUNTS, LAG), 422
        ),
        "/queries/orders/{order_id}": one,
        "/queries/tracking/{token}": query(
            "tracking", "get_tracking", "The customer's parcels.", [token, POSITION], tracking, 404, 422
        ),
    }


def _kept() -> dict[str, Json]:
    """What is configured, what people keep, and figures."""
    configured = answer("Configuration", "Stores, carriers, locations, ways to pay and so on.")
    views = "One's own views and the shared ones."
    return {
        "/queries/configuration": query(
            "operations", "get_configuration", "What this Daybook takes, and what the key may do.", [], configured
        ),
        "/queries/dashboard": query(
            "orders", "get_dashboard", "How the shop is doing.", [lists.DAYS], plain(lists.FIGURES), 422
        ),
        "/queries/views": query("views", "list_views", views, [], plain(lists.VIEWS)),
        "/queries/projections": query(
            "operations", "list_projections", "How far the read models are behind.", [], answer("Projections", "Each.")
        ),
    }


def _approvals() -> dict[str, Json]:
    """What waits for a second person."""
    listed = answer("ApprovalPage", "A page.", LAG)
    one = answer("Approval", "The request.", {"ETag": header("How many things happened to the request.")})
    return {
        "/queries/approvals": query(
            "approvals",
            "list_approvals",
            "What waits for a second person and what became of what did, newest first.",
            approvals.parameters(),
            listed,
            422,
        ),
        "/queries/approvals/{approval_id}": query(
            "approvals", "get_approval", "One request in full.", approvals.ONE, one, 404, 422
        ),
    }


def _files() -> dict[str, Json]:
    """Lists as files."""
    found: dict[str, Json] = {}
    for path, (name, text, parameters, media) in lists.exports(_grid_parameters()).items():
        tag = path.removeprefix("/queries/").partition(".")[0]
        found[path] = query(documents.tag_of(tag), name, text, parameters, file(media), 422)
    return found


def _documents() -> dict[str, Json]:
    return {each.path: _document(each) for each in documents.operations()}


def _document(each: documents.Operation) -> Json:
    is_file = each.answer in {documents.PDF, documents.XML, documents.ZPL}
    version = {"ETag": header("The stream version: the order's, or the batch's or dispatch's own.")}
    headers = version if each.has_version else LAG if each.is_list else None
    answered = file(each.answer) if is_file else answer(each.answer, "What was asked for.", headers)
    operation = query(each.tag, each.name, each.summary, each.parameters, answered, *each.problems)
    about = _about(each.right, each.parameters)
    return operation | {"description": about, "security": security(each.right)}


def _feeds() -> dict[str, Json]:
    """The operations that follow the log, and search it."""
    found = {MEDIA: {"schema": answers.ref("FoundEvents")}}
    return {
        "/queries/events": query(
            "events",
            "list_events",
            "What happened, event by event, from a position on; without people and reasons.",
            feed.parameters(),
            feed.answer("PublicEvent"),
            409,
            422,
        ),
        "/audit/events": query(
            "audit",
            "list_audit_events",
            "Everything that happened, event by event, from a position on; or a search of it.",
            [*feed.parameters(), *audit.search_parameters()],
            feed.answer("AuditEvent", found),
            409,
            422,
        ),
    }


def _trail() -> dict[str, Json]:
    cursor = parameter("cursor", {"type": "integer", "minimum": 0, "maximum": 2**63 - 1})
    limit = parameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100})
    listed = answer("AuditPage", "Events in log order.")
    access = "Keys made, replaced and revoked, and periods closed, by whom."
    order = "What happened to an order, by whom and why."
    return {
        "/audit/access/events": query("audit", "list_access_events", access, [cursor, limit], listed, 422),
        "/audit/orders/{order_id}/events": query(
            "audit", "list_order_events", order, [path_id("order_id"), cursor, limit], listed, 404, 422
        ),
    }


def _seals() -> dict[str, Json]:
    """The operations of proofs and of the past."""
    found = (*seals.operations(), *audit.operations(), *noted.operations(), *audit.grid_operations(_grid_parameters()))
    return {each.path: _seal(each) for each in found}


def _seal(each: seals.Operation) -> Json:
    content: Json = {each.answer: {"schema": contents(each.answer)}}
    place = {"Daybook-Position": header("The log position that it was made from.")} if each.answer == "text/csv" else {}
    stream: Json = {"description": "What was asked for.", "content": content, "headers": RATE_LIMIT | place}
    answered = answer(each.answer, "What was asked for.") if not each.answer.count("/") else stream
    return query("audit", each.name, each.summary, each.parameters, answered, *each.problems)


def _operations() -> dict[str, Json]:
    metrics: Json = {"description": "In Prometheus' text format.", "content": {"text/plain": {"schema": answers.TEXT}}}
    metrics["headers"] = RATE_LIMIT
    described: Json = {
        "description": "OpenAPI 3.1.",
        "content": {MEDIA: {"schema": {"type": "object", "additionalProperties": True}}},
    }
    return {
        "/healthz": query("operations", "check_health", "The process answers.", [], answer("State", "Alive.")),
        "/readyz": query("operations", "check_readiness", "The process can work.", [], answer("State", "Ready.")),
        "/metrics": query("operations", "get_metrics", "Metrics of all processes.", [], metrics),
        "/openapi.json": query("operations", "get_description", "What you are reading.", [], described),
    }
