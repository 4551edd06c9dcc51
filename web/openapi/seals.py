"""The OpenAPI operations of proofs: their paths, parameters and answers."""

from dataclasses import dataclass
from typing import Any

from web.audit.seals import LIMIT_DEFAULT, LIMIT_MAX, NUMBER_MAX
from web.openapi.answers import COUNT, NULLABLE_TEXT, TEXT, TIME, UUID, array, shape
from web.openapi.parameters import parameter, path_id

Json = dict[str, Any]

BASE64: Json = {"type": "string", "contentEncoding": "base64"}
NUMBER: Json = {"type": "integer", "minimum": 1, "maximum": NUMBER_MAX}
INCLUDED: Json = {"position": COUNT, "index": COUNT, "leaf": BASE64, "leaf_hash": BASE64, "proof": array(BASE64)}
TREE: Json = {"tree_size": COUNT, "root": BASE64, "checkpoint": TEXT}


@dataclass(frozen=True, slots=True)
class Operation:
    """One GET; ``answer`` names a schema of ``SCHEMAS``, or is a media type."""

    path: str
    name: str
    summary: str
    parameters: list[Json]
    answer: str
    problems: tuple[int, ...] = (404, 422)


SCHEMAS: dict[str, Json] = {
    "Proof": shape(INCLUDED | TREE),
    "Receipt": shape({"command_id": UUID, "events": array(shape(INCLUDED))} | TREE),
    "Consistency": shape(
        {"from": COUNT, "from_root": BASE64, "to": COUNT, "to_root": BASE64, "proof": array(BASE64)}
        | {"checkpoint": NULLABLE_TEXT}
    ),
    "Seals": shape(
        {
            "items": array(shape({"size": COUNT, "root": BASE64, "sealed_at": TIME, "checkpoint": TEXT})),
            "next": NULLABLE_TEXT,
            "keys": array(shape({"vkey": TEXT, "first_size": COUNT, "since": TIME})),
        }
    ),
}

TILE_PATH = r"^(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?$"


def operations() -> list[Operation]:
    """All of them."""
    size = parameter("size", NUMBER)
    limit = parameter("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT})
    first = parameter("from", NUMBER) | {"required": True}
    position: Json = {"name": "position", "in": "path", "required": True, "schema": NUMBER}
    place: Json = {"type": "string", "pattern": TILE_PATH, "examples": ["0/000"]}
    tile: Json = {"name": "path", "in": "path", "required": True, "schema": place}
    return [
        Operation("/audit/checkpoint", "get_checkpoint", "The last checkpoint, a signed note.", [size], "text/plain"),
        Operation(
            "/audit/seals",
            "list_checkpoints",
            "Checkpoints, the last one first.",
            [parameter("cursor", NUMBER), limit],
            "Seals",
        ),
        Operation(
            "/audit/events/{position}/proof", "get_event_proof", "An event is in the log.", [position, size], "Proof"
        ),
        Operation(
            "/audit/consistency",
            "get_consistency_proof",
            "The log begins with an earlier state of it.",
            [first, parameter("to", NUMBER)],
            "Consistency",
        ),
        Operation(
            "/audit/commands/{command_id}/receipt",
            "get_receipt",
            "All events of a command are in the log.",
            [path_id("command_id")],
            "Receipt",
        ),
        Operation(
            "/audit/tile/{path}",
            "get_tile",
            "A tile of the tree, or of its entries, as C2SP tlog-tiles has them.",
            [tile],
            "application/octet-stream",
        ),
    ]
