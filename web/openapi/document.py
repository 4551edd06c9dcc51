"""The OpenAPI 3.1 document, written from the same routes, schemas and roles that serve the requests.

It describes every path with its body, its answers and its problems; a test compares its paths with the ones served.
"""

from collections.abc import Collection, Sequence
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields

from access.roles import RIGHTS, Right, Role
from projections.orders_grid.columns import CAN_BE_EMPTY, CHOICES
from projections.orders_grid.parameters import EMPTY, NAMES, NUMBERS, PARAMETERS, SELECTS, TIMES
from projections.paging.parameters import LIST_MAX
from projections.paging.query import LIMIT_DEFAULT, LIMIT_MAX, Count
from web.commands.routes import Route
from web.configuration import ConfigurationShown
from web.openapi import answers, audit, bulk, documents, feed, lists, noted, seals, typed, webhooks
from web.openapi.parameters import (
    AFTER,
    COMMAND_HEADERS,
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
from web.schemas.fields import Items, Strict, WordOr
from web.webhook_commands import Outgoing

Json = dict[str, Any]

MEDIA = "application/json"
PROBLEMS = {
    "400": "The request cannot be read: malformed, missing, unknown or of the wrong type.",
    "401": "There is no valid API key.",
    "403": "The key's role has no right to this.",
    "404": "What the path names does not exist.",
    "405": "The path does not take this method.",
    "408": "The body did not come within ten seconds. Nothing was done.",
    "409": "The state of the order refuses the command, or the log does not have the position asked for.",
    "412": "The order is not at the version of If-Match.",
    "413": "The body is larger than 1 MiB.",
    "415": "The body is not JSON in UTF-8.",
    "422": "A value can never be right.",
    "500": "Something failed on our side.",
    "503": "Ask again: something is away, or the position asked for is not reached yet.",
}


def describe(routes: Sequence[Route], outgoing: Outgoing | None = None) -> Json:
    """The document for these commands, all queries, and webhooks where they are sent."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        "Daybook",
        version("daybook"),
        "3.1.0",
        plugins=[plugin],
        info={"description": "Orders from checkout to tracking, on a log of what happened."},
        servers=[{"url": "/"}],
        tags=[{"name": name} for name in ("commands", "queries", "audit", "operations")],
    )
    assert plugin.converter is not None  # noqa: S101  # set by the plugin as soon as a spec takes it
    plugin.converter.add_attribute_function(_described)  # type: ignore[no-untyped-call]
    _components(spec)
    for route in routes:
        spec.path(path=_template(route), operations={"post": _command(route)})
    spec.path(path="/commands/bulk", operations={"post": _bulk()})
    for path, operation in (_queries() | _feeds() | _seals() | _documents()).items():
        spec.path(path=path, operations={"get": operation})
    for path, operation in _files().items():
        spec.path(path=path, operations={"get": operation})
    for path, operation in _view_commands().items():
        spec.path(path=path, operations={"post": operation})
    if outgoing is None:
        return spec.to_dict()
    _webhooks(spec, outgoing)
    return spec.to_dict() | {"webhooks": webhooks.received()}


def _webhooks(spec: APISpec, outgoing: Outgoing) -> None:
    """The operations of the webhooks that we send."""
    for name, schema in webhooks.SCHEMAS.items():
        spec.components.schema(name, schema)
    etag = {"ETag": _header("The version of the webhook.")}
    for path, each in webhooks.commands(outgoing).items():
        required = any(field.required for field in each.body().fields.values())
        operation = {
            "tags": ["commands"],
            "operationId": each.name,
            "summary": each.summary,
            "security": _security(Right.ADMINISTER),
            "parameters": each.parameters,
            "requestBody": {"required": required, "content": {MEDIA: {"schema": each.body}}},
            "responses": {
                str(each.status): _answer(each.answer, "Done, or done before under the same key.", etag),
                **_problems(400, 401, 403, 404, 408, 409, 412, 413, 415, 422),
            },
        }
        spec.path(path=path, operations={"post": operation})
    for path, (name, text, parameters, schema, problems) in webhooks.queries().items():
        answer = _answer(schema, "What was asked for.")
        spec.path(path=path, operations={"get": _query("queries", name, text, parameters, answer, *problems)})


def _described(converter: Any, field: fields.Field[Any], ret: Json) -> Json:
    """What apispec cannot know of our own fields."""
    if isinstance(field, Strict):
        return field.json_schema()
    if isinstance(field, WordOr):
        return {"anyOf": [{"const": field.word}, converter.field2property(field.other)]}
    if isinstance(field, Items):
        return {"minItems": field.low, "maxItems": field.high, "items": ret["items"]}
    return {}


def _components(spec: APISpec) -> None:
    for name, schema in (
        ("Answer", answers.ANSWER),
        ("Problem", answers.PROBLEM),
        ("Order", answers.ORDER),
        ("GridPage", answers.GRID_PAGE),
        ("AuditPage", answers.AUDIT_PAGE),
        ("Parcels", answers.TRACKING),
        ("State", answers.STATE),
        ("Projections", answers.PROJECTIONS),
        *documents.schemas().items(),
        *seals.SCHEMAS.items(),
        *feed.schemas().items(),
        *audit.SCHEMAS.items(),
        *noted.SCHEMAS.items(),
        *bulk.SCHEMAS.items(),
        *typed.schemas_of([ConfigurationShown]).items(),
    ):
        spec.components.schema(name, schema)
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer", "description": "An API key."})
    for status, text in PROBLEMS.items():
        content = {"application/problem+json": {"schema": _ref("Problem")}}
        spec.components.response(f"Problem{status}", {"description": text, "content": content})


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _problems(*statuses: int) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (*statuses, 500, 503)}


def _answer(name: str, text: str, headers: Json | None = None) -> Json:
    answer: Json = {"description": text, "content": {MEDIA: {"schema": _ref(name)}}}
    return answer | ({"headers": headers} if headers else {})


def _header(text: str) -> Json:
    return {"description": text, "schema": {"type": "string"}}


def _template(route: Route) -> str:
    kind = route.command.target
    return route.path if kind is None else route.path.replace("<uuid:target>", f"{{{kind.id_name}}}")


def _own_problems(route: Route) -> str:
    codes = ", ".join(sorted(route.command.codes))
    return f"Problems of its own: {codes}." if codes else "It has no problems of its own."


def _command(route: Route) -> Json:
    headers = {"ETag": _header("The new stream version.")}
    if route.command.creates:
        headers["Location"] = _header("Where what was created can be read.")
    required = any(field.required for field in route.body().fields.values())
    kind = route.command.target
    parameters = [] if kind is None else [path_id(kind.id_name)]
    return {
        "tags": ["commands"],
        "operationId": route.name.replace("/", "_").replace("-", "_"),
        "summary": route.command.summary,
        "description": _own_problems(route),
        "security": _security(route.right, route.roles),
        "parameters": [*parameters, *COMMAND_HEADERS],
        "requestBody": {"required": required, "content": {MEDIA: {"schema": route.body}}},
        "responses": {
            str(route.status): _answer("Answer", "Done, or done before under the same key.", headers),
            **_problems(400, 401, 403, 404, 408, 409, 412, 413, 415, 422),
        },
    }


def _bulk() -> Json:
    return {
        "tags": ["commands"],
        "operationId": "bulk",
        "summary": "Many commands, each with its own key and result.",
        "security": _security(Right.COMMAND),
        "parameters": [each for each in COMMAND_HEADERS if each["name"] not in {"Idempotency-Key", "If-Match"}],
        "requestBody": {"required": True, **bulk.BODY},
        "responses": {"200": bulk.ANSWER, **_problems(400, 401, 403, 413, 415)},
    }


def _security(right: Right, kept_to: Collection[Role] | None = None) -> list[Json]:
    """The scheme, with the roles that have the right, or those of them to whom the merchant keeps it."""
    roles = (role for role, rights in RIGHTS.items() if right in rights)
    return [{"key": sorted(role for role in roles if kept_to is None or role in kept_to)}]


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


def _query(tag: str, name: str, text: str, parameters: list[Json], answer: Json, *problems: int) -> Json:
    right = {"queries": Right.QUERY, "audit": Right.AUDIT}.get(tag)
    waits = [409] if any(parameter["name"] == "min_position" for parameter in parameters) else []
    return {
        "tags": [tag],
        "operationId": name,
        "summary": text,
        "security": _security(right) if right else [],
        "parameters": parameters,
        "responses": {"200": answer, **_problems(400, *([401, 403] if right else []), *waits, *problems)},
    }


COUNT_PARAMETERS = [
    each for each in _grid_parameters() if each["name"] not in {"limit", "cursor", "count", "sort", "after"}
]


def _queries() -> dict[str, Json]:
    etag = {"ETag": _header("The order's stream version.")}
    order_id = path_id("order_id")
    token: Json = {"name": "token", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    cursor = parameter("cursor", {"type": "integer", "minimum": 0, "maximum": 2**63 - 1})
    limit = parameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100})
    plain: Json = {"description": "In Prometheus' text format.", "content": {"text/plain": {"schema": answers.TEXT}}}
    described: Json = {"description": "OpenAPI 3.1.", "content": {MEDIA: {"schema": {"type": "object"}}}}
    grid, order = _answer("GridPage", "A page."), _answer("Order", "The order.", etag)
    metrics = _query("operations", "metrics", "Metrics of all processes.", [], plain, 401, 403)
    return {
        "/queries/orders": _query("queries", "orders_grid", "The orders grid.", _grid_parameters(), grid, 422),
        "/queries/orders/{order_id}": _query(
            "queries", "order", "One order, and what it accepts now.", [order_id, POSITION, EARLIER], order, 404, 422
        ),
        "/queries/configuration": _query(
            "queries",
            "configuration",
            "What this Daybook takes, and what the key may do.",
            [],
            _answer("Configuration", "Stores, carriers, locations, ways to pay and so on."),
        ),
        "/queries/tracking/{token}": _query(
            "tracking",
            "tracking",
            "The customer's parcels.",
            [token, POSITION],
            _answer("Parcels", "The parcels."),
            404,
            422,
        ),
        "/queries/projections": _query(
            "queries", "projections", "How far the read models are behind.", [], _answer("Projections", "Each of them.")
        ),
        "/audit/access/events": _query(
            "audit",
            "access_events",
            "Keys made, replaced and revoked, and periods closed, by whom.",
            [cursor, limit],
            _answer("AuditPage", "Events in log order."),
            422,
        ),
        "/audit/orders/{order_id}/events": _query(
            "audit",
            "order_events",
            "What happened to an order, by whom and why.",
            [order_id, cursor, limit],
            _answer("AuditPage", "Events in log order."),
            404,
            422,
        ),
        "/healthz": _query("operations", "healthz", "The process answers.", [], _answer("State", "Alive.")),
        "/readyz": _query("operations", "readyz", "The process can work.", [], _answer("State", "Ready.")),
        "/metrics": metrics | {"security": _security(Right.QUERY)},
        "/openapi.json": _query("operations", "openapi", "What you are reading.", [], described),
    }


def _feeds() -> dict[str, Json]:
    """The operations that follow the log."""
    return {
        "/queries/events": _query(
            "queries",
            "events",
            "What happened, event by event, from a position on; without people and reasons.",
            feed.parameters(),
            feed.answer("PublicEvent"),
            409,
            422,
        ),
        "/audit/events": _query(
            "audit",
            "audit_events",
            "Everything that happened, event by event, from a position on; or a search of it.",
            [*feed.parameters(), *audit.search_parameters()],
            feed.answer("AuditEvent", {MEDIA: {"schema": _ref("FoundEvents")}}),
            409,
            422,
        ),
    }


def _files() -> dict[str, Json]:
    """The operations of lists as files, of counts and of saved views."""
    counted, kept = "How many orders there are by status.", "One's own views and the shared ones."
    found = {
        "/queries/orders/counts": _query(
            "queries", "orders_counts", counted, COUNT_PARAMETERS, _plain(lists.COUNTS), 422
        ),
        "/queries/dashboard": _query(
            "queries", "dashboard", "How the shop is doing.", [lists.DAYS], _plain(lists.FIGURES), 422
        ),
        "/queries/views": _query("queries", "saved_views", kept, [], _plain(lists.VIEWS)),
    }
    for path, (name, text, parameters, media) in lists.exports(_grid_parameters()).items():
        answer: Json = {"description": "The file.", "content": {media: {"schema": {}}}}
        found[path] = _query("queries", name, text, parameters, answer, 422)
    return found


def _plain(schema: Json) -> Json:
    return {"description": "What was asked for.", "content": {MEDIA: {"schema": schema}}}


def _view_commands() -> dict[str, Json]:
    found: dict[str, Json] = {}
    for path, (name, text, body, status) in lists.view_commands().items():
        found[path] = {
            "tags": ["commands"],
            "operationId": name,
            "summary": text,
            "security": _security(Right.QUERY),
            "parameters": [lists.VIEW_ID] if "{" in path else [],
            "requestBody": {"required": bool(body.get("required")), "content": {MEDIA: {"schema": body}}},
            "responses": _problems(400, 401, 403, 404, 408, 409, 413, 415, 422) | {str(status): _plain(lists.SAVED)},
        }
    return found


def _seals() -> dict[str, Json]:
    """The operations of proofs and of the past."""
    found = (*seals.operations(), *audit.operations(), *noted.operations(), *audit.grid_operations(_grid_parameters()))
    return {each.path: _seal(each) for each in found}


def _seal(each: seals.Operation) -> Json:
    content: Json = {each.answer: {"schema": answers.TEXT if each.answer == "text/plain" else {}}}
    plain: Json = {"description": "What was asked for.", "content": content}
    answer = _answer(each.answer, "What was asked for.") if not each.answer.count("/") else plain
    return _query("audit", each.name, each.summary, each.parameters, answer, *each.problems)


def _file(media: str) -> Json:
    return {"description": "A file.", "content": {media: {"schema": {"type": "string", "contentMediaType": media}}}}


def _documents() -> dict[str, Json]:
    """The operations of documents."""
    return {each.path: _document(each) for each in documents.operations()}


def _document(each: documents.Operation) -> Json:
    etag = {"ETag": _header("The stream version: the order's, or the batch's or dispatch's own.")}
    headers = etag if each.has_version else None
    is_file = each.answer in {documents.PDF, documents.XML}
    answer = _file(each.answer) if is_file else _answer(each.answer, "What was asked for.", headers)
    operation = _query("queries", each.name, each.summary, each.parameters, answer, *each.problems)
    return operation | {"security": _security(each.right)}
