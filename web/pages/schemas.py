"""The bodies of the commands as the API describes them: what a form for each consists of.

A field that a command gains shows up in its form by itself. Nothing here knows a command by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# Chosen by programs; a form has a key of its own against sending twice.
IDS = frozenset({"order_id", "invoice_id", "shipment_id", "batch_id", "dispatch_id"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One field of a form: ``kind`` is how it is asked for; ``parts`` are the fields of an object or of a row."""

    name: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    parts: tuple["Shape", ...] = ()
    word: str = ""
    longest: int = 0
    least: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of one command's body."""

    shapes: tuple[Shape, ...] = ()
    summary: str = ""
    named: Mapping[str, Shape] = field(default_factory=dict)


def bodies(description: Json) -> dict[str, Body]:
    """The body of each command, by its name, from the API's description."""
    found: dict[str, Body] = {}
    for path, operations in description["paths"].items():
        if not path.startswith("/commands/") or "post" not in operations:
            continue
        operation = operations["post"]
        parts = [part for part in path.removeprefix("/commands/").split("/") if not part.startswith("{")]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        shapes = _parts(_resolved(content.get("schema", {}), description), description)
        found["/".join(parts)] = Body(shapes, operation.get("summary", ""), {each.name: each for each in shapes})
    return found


def _resolved(schema: Json, description: Json) -> Json:
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _resolved(schema["allOf"][0], description)
    return schema


def _parts(schema: Json, description: Json) -> tuple[Shape, ...]:
    required = schema.get("required", [])
    return tuple(
        [
            shape_of(name, each, description, required=name in required)
            for name, each in schema.get("properties", {}).items()
        ]
    )


def shape_of(name: str, schema: Json, description: Json, *, required: bool = False) -> Shape:
    """How a field is asked for."""
    schema = _resolved(schema, description)
    ways: list[Json] = schema.get("anyOf") or schema.get("oneOf") or []
    for way in ways:
        if "const" in way:
            rest = [each for each in ways if "const" not in each]
            other = shape_of(name, rest[0], description, required=required)
            return Shape(name, other.kind, required, parts=other.parts, word=way["const"], least=other.least)
        if way.get("type") != "null":
            return shape_of(name, way, description, required=required)
    types = schema.get("type", "string")
    kind = next((each for each in types if each != "null"), "string") if isinstance(types, list) else types
    if kind == "array":
        return _list(name, schema, description, required=required)
    if kind == "object":
        return Shape(name, "object", required, parts=_parts(schema, description))
    choices = tuple(value for value in schema.get("enum", ()) if value is not None)
    return Shape(name, _kind(name, kind, schema), required, choices, longest=schema.get("maxLength", 0))


def _list(name: str, schema: Json, description: Json, *, required: bool) -> Shape:
    inner = shape_of(name, schema.get("items", {}), description)
    kind = "rows" if inner.kind == "object" else "texts"
    return Shape(name, kind, required, parts=inner.parts or (inner,), least=schema.get("minItems", 0))


def _kind(name: str, kind: str, schema: Json) -> str:
    long = schema.get("maxLength", 0) > 500
    decimal = kind == "number" or r"\.[0-9]" in schema.get("pattern", "")
    ways = (
        (name in IDS, "id"),
        (kind == "boolean", "yes_no"),
        ("enum" in schema, "choice"),
        (kind == "integer", "whole"),
        (schema.get("format") == "date-time", "time"),
        (decimal, "decimal"),
        (long, "long"),
    )
    return next((way for fits, way in ways if fits), "text")
