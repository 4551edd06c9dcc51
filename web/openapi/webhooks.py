"""The OpenAPI operations of the webhooks that we send, and what their receivers get."""

from typing import Any, NamedTuple

from web.openapi.answers import COUNT, TEXT, TIME, UUID, array, shape
from web.openapi.parameters import COMMAND_HEADERS, NUMBER_MAX, parameter, path_id
from web.schemas.body import Body
from web.webhooks.bodies import CreateWebhook, NoMore
from web.webhooks.commands import Outgoing, verbs
from web.webhooks.queries import LIMIT_DEFAULT, LIMIT_MAX
from webhooks.deliveries import STATUSES

Json = dict[str, Any]

MAYBE_TIME: Json = {"type": ["string", "null"], "format": "date-time"}
MAYBE_TEXT: Json = {"type": ["string", "null"]}
STATE: Json = {"type": "string", "enum": ["active", "paused"]}
WEBHOOK_ID = path_id("webhook_id")
HEADERS = [each for each in COMMAND_HEADERS if each["name"] in {"Idempotency-Key", "If-Match", "X-Correlation-ID"}]

ANSWER: Json = {
    "type": "object",
    "properties": {
        "webhook_id": UUID,
        "version": COUNT,
        "state": {"type": "string", "enum": ["active", "paused", "deleted"]},
        "secret": {"type": "string", "pattern": "^whsec_[A-Za-z0-9+/]+=*$", "description": "Told this once."},
        "old_secret_ends_at": TIME,
        "deliveries": COUNT,
    },
    "required": ["webhook_id", "version", "state"],
    "additionalProperties": False,
}
WEBHOOK = shape(
    {
        "webhook_id": UUID,
        "version": COUNT,
        "url": TEXT,
        "events": array(TEXT),
        "description": TEXT,
        "state": STATE,
        "paused_why": {"enum": ["asked", "gone", "failing", None]},
        "paused_at": MAYBE_TIME,
        "waiting": COUNT,
        "dead": COUNT,
        "oldest_waiting_at": MAYBE_TIME,
        "position": COUNT,
        "failures": COUNT,
        "failing_since": MAYBE_TIME,
        "succeeded_at": MAYBE_TIME,
        "old_secret_ends_at": MAYBE_TIME,
        "created_at": TIME,
        "updated_at": TIME,
    }
)
ATTEMPT = shape({"at": TIME, "status": {"type": ["integer", "null"]}, "error": MAYBE_TEXT, "ms": COUNT})
DELIVERY = shape(
    {
        "event_id": UUID,
        "type": TEXT,
        "position": COUNT,
        "order_id": {"type": ["string", "null"], "format": "uuid"},
        "recorded_at": TIME,
        "status": {"type": "string", "enum": list(STATUSES)},
        "next_attempt_at": MAYBE_TIME,
        "tries": COUNT,
        "ended_at": MAYBE_TIME,
        "attempts": array(ATTEMPT),
    }
)
STATUS: Json = {"type": ["integer", "null"]}
TEST = shape(
    {
        "webhook_id": UUID,
        "version": COUNT,
        "state": STATE,
        "event_id": UUID,
        "delivered": {"type": "boolean"},
        "status": STATUS,
        "error": MAYBE_TEXT,
        "ms": COUNT,
    }
)
SCHEMAS: Json = {
    "WebhookAnswer": ANSWER,
    "WebhookTest": TEST,
    "Webhook": WEBHOOK,
    "Webhooks": shape({"items": array({"$ref": "#/components/schemas/Webhook"})}),
    "Deliveries": shape({"items": array(DELIVERY), "next": MAYBE_TEXT}),
}


class Operation(NamedTuple):
    """A command of the document: ``answer`` is the name of a schema."""

    name: str
    summary: str
    body: type[Body]
    parameters: list[Json]
    answer: str = "WebhookAnswer"
    status: int = 200


def commands(to: Outgoing) -> dict[str, Operation]:
    """The commands by their paths."""
    unversioned = [each for each in HEADERS if each["name"] != "If-Match"]
    one = "/commands/webhooks/{webhook_id}"
    tested = "Send an event that says that it is a test, at once, and tell the answer."
    found = {
        "/commands/webhooks": Operation(
            "create_webhook", "Have events sent to a URL.", CreateWebhook, unversioned, status=201
        ),
        f"{one}/test": Operation("test_webhook", tested, NoMore, [WEBHOOK_ID, *unversioned], "WebhookTest"),
    }
    for name, verb in verbs(to).items():
        parameters = [WEBHOOK_ID, *HEADERS]
        found[f"{one}/{name}"] = Operation(_method(name), verb.summary, verb.body, parameters)
    return found


def _method(name: str) -> str:
    """The name of an operation: rotate-secret is rotate_webhook_secret."""
    verb, _, what = name.partition("-")
    return f"{verb}_webhook_{what}".removesuffix("_")


def queries() -> dict[str, tuple[str, str, list[Json], str, tuple[int, ...]]]:
    """Path to name, summary, parameters, schema of the answer and problems of its own of each query."""
    listing = [
        WEBHOOK_ID,
        parameter("status", {"type": "string", "enum": list(STATUSES)}),
        parameter("event_id", UUID),
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}),
        parameter("cursor", {"type": "integer", "minimum": 1, "maximum": NUMBER_MAX}),
    ]
    one = "/queries/webhooks/{webhook_id}"
    return {
        "/queries/webhooks": ("list_webhooks", "The webhooks and how each stands.", [], "Webhooks", ()),
        one: ("get_webhook", "A webhook and how it stands.", [WEBHOOK_ID], "Webhook", (404,)),
        f"{one}/deliveries": (
            "list_deliveries",
            "What was and is to be sent.",
            listing,
            "Deliveries",
            (404, 422),
        ),
    }


def received() -> Json:
    """What a receiver gets, for the document's member ``webhooks``."""
    headers = [("webhook-id", UUID), ("webhook-timestamp", TEXT), ("webhook-signature", TEXT)]
    return {
        "event": {
            "post": {
                "operationId": "receive_event",
                "security": [],
                "summary": "An event, signed as Standard Webhooks says; the same webhook-id in every attempt.",
                "parameters": [
                    {"name": name, "in": "header", "required": True, "schema": schema} for name, schema in headers
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PublicEvent"}}},
                },
                "responses": {
                    "2XX": {"description": "Received."},
                    "410": {"description": "Send no more: the webhook is paused."},
                    "default": {"description": "Sent again later, in order."},
                },
            }
        }
    }
