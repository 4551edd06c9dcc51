"""The operations that change something: every command of the catalogue, bulk, and the views that people keep."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from access.roles import RIGHTS, Right, Role
from application.holding import HOLDABLE
from domain.document_kinds import APPROVAL, CUSTOMER, DISPATCH, ORDER, READABLE, DocumentKind
from projections.documents.kinds import KINDS
from web.commands.routes import ROUTES, Route
from web.openapi import approvals, bulk, lists
from web.openapi.answers import NULLABLE_TEXT, POSITIVE, STATUS, TEXT, UUID, array, said, shape
from web.openapi.parameters import COMMAND_HEADERS, CUSTOMER_ID, UNVERSIONED, path_id
from web.openapi.responses import MEDIA, answer, header, plain, problems

Json = dict[str, Any]

DONE: Json = {
    "version": said(POSITIVE, "Of its stream now: what If-Match expects."),
    "position": said(POSITIVE, "Of the last event in the log: ask queries with min_position of it."),
    "events": said(array(TEXT), "What happened."),
}


def _answer_of(kind: DocumentKind) -> Json:
    """What a command answers that is about a kind of document: whose id is always there, with that of its order."""
    root = kind if kind.spans else ORDER
    beside = () if root.spans else OF_ORDER
    statuses = {"type": "string", "enum": list(KINDS[root.collection].states)} if root.spans else STATUS
    required = {root.id_name: UUID, root.number_name: TEXT, **DONE, "status": said(statuses, "Its status now.")}
    required |= {kind.id_name: UUID, kind.number_name: TEXT}
    optional = {name: schema for each in beside for name, schema in _of_document(each)}
    if root is ORDER:
        optional["capture"] = said(TEXT, "Of an invoice: the capture mode that was taken.")
        optional["warnings"] = array(shape({"code": TEXT, "detail": TEXT}))
    if root is DISPATCH:
        optional["manifest_number"] = said(NULLABLE_TEXT, "Null until it is closed.")
        optional["withheld"] = said(array(shape({"shipment_id": UUID, "code": TEXT})), "What had to stay behind.")
    return shape(required, {name: schema for name, schema in optional.items() if name not in required})


def _of_document(kind: DocumentKind) -> tuple[tuple[str, Json], tuple[str, Json]]:
    """What says which document came into being."""
    return (kind.id_name, UUID), (kind.number_name, TEXT)


def _component(kind: DocumentKind) -> str:
    return f"{kind.name.title().replace('_', '')}Answer"


OF_ORDER = tuple(kind for kind in READABLE if kind is not ORDER and not kind.spans)
ERASED = shape({**DONE, "status": {"const": "erased"}, "orders": said(array(UUID), "Which were erased.")})
SCHEMAS: Json = (
    {_component(kind): _answer_of(kind) for kind in READABLE}
    | {_component(CUSTOMER): ERASED}
    | approvals.schemas({name: schema for each in OF_ORDER for name, schema in _of_document(each)})
)
_PATHS_OF = Counter(route.command.value for route in ROUTES)
TAGS = {"credit-memos": "invoices", "tracking-events": "shipments", "notifications": "orders"}


def operations(routes: Iterable[Route]) -> dict[str, Json]:
    """By path, what is posted there."""
    found = {template(route): _command(route) for route in routes}
    return found | {"/commands/bulk": _bulk()} | _views()


def template(route: Route) -> str:
    """The path of a command with its parameter by name."""
    kind = route.command.target
    if kind is None:
        return route.path
    return route.path.replace("<uuid:target>", f"{{{kind.id_name}}}").replace("<path:customer_id>", "{customer_id}")


def operation_id(route: Route) -> str:
    """What a client calls it: the command in the words of the domain, and of what where it has several paths."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", route.command.value.__name__).lower()
    kind = route.command.target
    if _PATHS_OF[route.command.value] == 1 or kind is None:
        return name
    verb, _, what = name.partition("_")
    return f"{verb}_{kind.name}_{what}"


def security(right: Right, kept_to: Collection[Role] | None = None) -> list[Json]:
    """The scheme, with the roles that have the right, or those of them to whom the merchant keeps it."""
    roles = (role for role, rights in RIGHTS.items() if right in rights)
    return [{"key": sorted(role for role in roles if kept_to is None or role in kept_to)}]


def for_roles(right: Right) -> str:
    """Who has the right, in words."""
    roles = [str(role) for role in RIGHTS if right in RIGHTS[role]]
    return f"For keys of the role{'s' if len(roles) > 1 else ''} {', '.join(roles)}."


def _own_problems(route: Route) -> str:
    codes = ", ".join(f"`{code}`" for code in sorted(route.command.codes))
    return f"Problems of its own: {codes}." if codes else "It has no problems of its own."


def _answered(route: Route) -> str:
    """The component that its answer is."""
    created, target = route.command.creates, route.command.target
    if target is APPROVAL:
        return approvals.ANSWER
    if created is not None and created.readable:
        return _component(created)
    return _component(target if target is not None and target.spans else ORDER)


def _command(route: Route) -> Json:
    headers = {
        "ETag": header("The new stream version."),
        "Idempotent-Replayed": header("true: this was done before under the same key, and is that answer again."),
        "Daybook-Notice": header("What should be known about a repeated answer."),
    }
    if route.command.creates:
        headers["Location"] = header("Where what was created can be read.")
    required = any(field.required for field in route.body().fields.values())
    kind = route.command.target
    parameters = [] if kind is None else [CUSTOMER_ID if route.names_customer else path_id(kind.id_name)]
    done = answer(_answered(route), "Done, or done before under the same key.", headers)
    return {
        "tags": [TAGS.get(route.command.area, route.command.area)],
        "operationId": operation_id(route),
        "summary": route.command.summary,
        "description": _own_problems(route),
        "security": security(route.right, route.roles),
        "parameters": [*parameters, *(COMMAND_HEADERS if parameters else UNVERSIONED)],
        "requestBody": {"required": required, "content": {MEDIA: {"schema": route.body}}},
        "responses": {
            str(route.status): done,
            **_held(route, headers),
            **problems(400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429),
        },
    }


def _held(route: Route, headers: Json) -> Json:
    """What is answered where the merchant wants a second person for it."""
    if route.name not in HOLDABLE:
        return {}
    text = "It needs a second person and waits for one: nothing of it is done yet."
    return {"202": answer(approvals.ANSWER, text, headers | {"Location": header("Where the request can be read.")})}


def _bulk() -> Json:
    return {
        "tags": ["bulk"],
        "operationId": "send_bulk",
        "summary": "Many commands, each with its own key and result.",
        "description": "Lines of one order are done in their order, different orders side by side; results come while "
        "lines are still sent. Repeating the request is safe: what was done is answered again.",
        "security": security(Right.COMMAND),
        "parameters": [each for each in UNVERSIONED if each["name"] != "Idempotency-Key"],
        "requestBody": {"required": True, **bulk.BODY},
        "responses": {"200": bulk.ANSWER, **problems(400, 401, 403, 413, 415, 429)},
    }


def _views() -> dict[str, Json]:
    found: dict[str, Json] = {}
    for path, (name, text, body, status) in lists.view_commands().items():
        found[path] = {
            "tags": ["views"],
            "operationId": name,
            "summary": text,
            "description": for_roles(Right.QUERY),
            "security": security(Right.QUERY),
            "parameters": [lists.VIEW_ID] if "{" in path else [],
            "requestBody": {"required": bool(body.get("required")), "content": {MEDIA: {"schema": body}}},
            "responses": problems(400, 401, 403, 404, 408, 409, 413, 415, 422, 429) | {str(status): plain(lists.SAVED)},
        }
    return found
