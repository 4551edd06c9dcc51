"""The OpenAPI 3.1 document, written from the same routes, schemas, shapes and roles that serve the requests.

It describes every path with its body, its answers and its problems; a test compares its paths with the ones served, and
every answer of the test suite is held against it.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields

from access.roles import Right
from projections.order_history.actors import ActorShown
from projections.orders.shapes.customer import TrackingShown
from projections.orders.shapes.detail import OrderShown
from web.commands.routes import Route
from web.configuration import ConfigurationShown
from web.openapi import (
    answers,
    approvals,
    audit,
    bulk,
    commands,
    documents,
    feed,
    noted,
    queries,
    seals,
    typed,
    webhooks,
)
from web.openapi.examples import with_examples
from web.openapi.field_words import with_words
from web.openapi.responses import MEDIA, answer, header, problems, responses
from web.schemas.fields import Items, Strict, WordOr
from web.webhooks.commands import Outgoing

Json = dict[str, Any]

ABOUT = """Orders from checkout to tracking, on a log of what happened.

Commands change something (POST under /commands), queries read (GET under /queries), the audit trail tells what happened
(GET under /audit). A refusal says why with a `code` that keeps its meaning, and what is allowed instead."""
TAGS = {
    "orders": "Placing orders, what happens to them, and finding them.",
    "invoices": "Invoices and credit memos.",
    "shipments": "Shipments, their parcels and their tracking.",
    "batches": "Many orders booked together.",
    "dispatches": "What a carrier takes along.",
    "approvals": "What waits for a second person, and what became of it.",
    "customers": "What belongs to one customer.",
    "tracking": "What the holder of an order's link sees.",
    "events": "The feed of what happened.",
    "bulk": "Many commands in one request.",
    "views": "Saved views of lists.",
    "webhooks": "Who is told of what happened, and what became of each delivery.",
    "audit": "Who did what, when and why; and the proofs of it.",
    "operations": "What operators, machines and programs ask of the service itself.",
}


def describe(routes: Sequence[Route], outgoing: Outgoing | None = None, issuer: str | None = None) -> Json:
    """The document for these commands, all queries, webhooks where they are sent, and tokens of an ``issuer``."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        "Daybook",
        version("daybook"),
        "3.1.0",
        plugins=[plugin],
        info={
            "description": ABOUT,
            "contact": {"name": "Who runs this Daybook"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        servers=[{"url": "/"}],
    )
    assert plugin.converter is not None  # noqa: S101  # set by the plugin as soon as a spec takes it
    plugin.converter.add_attribute_function(_described)  # type: ignore[no-untyped-call]
    _components(spec)
    for path, operation in commands.operations(routes).items():
        spec.path(path=path, operations={"post": operation})
    for path, operation in queries.operations().items():
        spec.path(path=path, operations={"get": operation})
    if outgoing is not None:
        _webhooks(spec, outgoing)
    document = with_examples(with_words(spec.to_dict(), typed.sent()))
    document["tags"] = _tags(document)
    if issuer is not None:
        _tokens(document, issuer)
    return document if outgoing is None else document | {"webhooks": webhooks.received()}


def _tokens(document: Json, issuer: str) -> None:
    """A token of the provider does what a key does."""
    document["components"]["securitySchemes"]["token"] = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": f"A token that {issuer} gave for this API; its role is in a claim.",
    }
    for path in document["paths"].values():
        for operation in path.values():
            operation["security"] += [{"token": each["key"]} for each in operation["security"] if "key" in each]


def _tags(document: Json) -> list[Json]:
    """What operations are about, in the order in which a reader wants it."""
    used = [tag for found in document["paths"].values() for each in found.values() for tag in each["tags"]]
    names = [*(name for name in TAGS if name in used), *sorted(set(used) - TAGS.keys())]
    return [{"name": name, "description": TAGS.get(name, name.capitalize())} for name in names]


def _webhooks(spec: APISpec, outgoing: Outgoing) -> None:
    """The operations of the webhooks that we send."""
    for name, schema in webhooks.SCHEMAS.items():
        spec.components.schema(name, schema)
    etag = {"ETag": header("The version of the webhook."), "Idempotent-Replayed": header("true: done before.")}
    created = etag | {"Location": header("Where the webhook can be read.")}
    for path, each in webhooks.commands(outgoing).items():
        required = any(field.required for field in each.body().fields.values())
        operation = {
            "tags": ["webhooks"],
            "operationId": each.name,
            "summary": each.summary,
            "description": commands.for_roles(Right.ADMINISTER),
            "security": commands.security(Right.ADMINISTER),
            "parameters": each.parameters,
            "requestBody": {"required": required, "content": {MEDIA: {"schema": each.body}}},
            "responses": {
                str(each.status): answer(
                    each.answer, "Done, or done before under the same key.", created if each.status == 201 else etag
                ),
                **problems(400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429),
            },
        }
        spec.path(path=path, operations={"post": operation})
    for path, (name, text, parameters, schema, codes) in webhooks.queries().items():
        told = answer(schema, "What was asked for.", {"ETag": etag["ETag"]} if schema == "Webhook" else None)
        asked = queries.query("webhooks", name, text, parameters, told, *codes)
        spec.path(path=path, operations={"get": asked})


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
    shapes = typed.schemas_of(
        [OrderShown, TrackingShown, ActorShown, ConfigurationShown, *documents.shapes(), *approvals.SHAPES]
    )
    for schemas in (
        shapes,
        answers.SCHEMAS,
        commands.SCHEMAS,
        documents.schemas(),
        seals.SCHEMAS,
        feed.schemas(),
        audit.SCHEMAS,
        noted.SCHEMAS,
        bulk.schemas(commands.SCHEMAS.values(), answers.PROBLEM),
    ):
        for name, schema in schemas.items():
            spec.components.schema(name, schema)
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer", "description": "An API key."})
    for name, response in responses().items():
        spec.components.response(name, response)
