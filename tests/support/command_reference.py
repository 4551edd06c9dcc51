"""The reference of the commands over HTTP: path, body, right, answer, problems and an example of each.

Made from the catalogue, the routes and the schemas of the bodies. A test asks the readers to accept every example.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.support.command_examples import EXAMPLES
from web.commands.routes import ROUTES, Route
from web.openapi.document import describe
from web.schemas.body import REMARKS

Json = dict[str, Any]
PATTERN_READABLE = 40
DECIMAL = "A decimal number"
FORMATS = {"uuid": "UUID", "date-time": "time", "date": "date"}
PLAIN = {"boolean": "true or false", "object": "object", "integer": "whole number", "string": "text", "null": "null"}


def command_reference() -> str:
    """Every command by what it is sent to, then the objects that bodies are made of."""
    schemas = describe(ROUTES)["components"]["schemas"]
    areas: dict[str, list[Route]] = {}
    for route in ROUTES:
        areas.setdefault(route.command.area, []).append(route)
    parts: dict[str, None] = {}
    told = [
        f"\n## {area.replace('-', ' ').capitalize()}\n\n" + "".join(_command(each, schemas, parts) for each in routes)
        for area, routes in areas.items()
    ]
    return "".join((*told, "\n## Objects\n\n", *_objects(schemas, parts)))


def path_of(route: Route) -> str:
    """The path with the name of its id."""
    kind = route.command.target
    path = route.path.replace("<path:customer_id>", "{customer_id}")
    return path.replace("<uuid:target>", f"{{{kind.id_name}}}") if kind else path


def _command(route: Route, schemas: Json, parts: dict[str, None]) -> str:
    schema = schemas[route.body.__name__]
    lines = [f"### {route.name}\n", f"`POST {path_of(route)}`\n", f"{route.command.summary}\n"]
    lines.append(f"Right: `{route.right.value}`. {_answer(route)}\n")
    lines.append(_fields(schema, schemas, parts))
    codes = ", ".join(f"`{code}`" for code in sorted(route.command.codes))
    lines.append(f"Problems of its own: {codes}.\n" if codes else "No problems of its own.\n")
    lines.append(f"```json\n{json.dumps(EXAMPLES.get(route.name, {}), indent=2, ensure_ascii=False)}\n```\n")
    return "\n".join((*lines, ""))


def _answer(route: Route) -> str:
    kind = route.command.creates
    if kind is None:
        return f"Answers {route.status}{': a process does the rest' if route.command.continues else ''}."
    where = f", and where to read it in `Location` (`/queries/{kind.collection}/…`)" if kind.readable else ""
    return f"Answers {route.status} with `{kind.id_name}`{where}."


def _fields(schema: Json, schemas: Json, parts: dict[str, None]) -> str:
    required = schema.get("required", ())
    own = [name for name in schema.get("properties", {}) if name not in REMARKS or name in required]
    if not own:
        return "No fields of its own.\n"
    rows = ["| field | type and limits | needed |", "| --- | --- | --- |"]
    for name in own:
        needed = "yes" if name in required else ""
        rows.append(f"| `{name}` | {_type(schema['properties'][name], parts)} | {needed} |")
    return "\n".join(rows) + "\n"


def _objects(schemas: Json, parts: dict[str, None]) -> Iterator[str]:
    """The objects that were named; telling one may name others."""
    told: dict[str, str] = {}
    while left := [name for name in parts if name not in told]:
        for name in left:
            told[name] = f"### {name}\n\n{_fields(schemas[name], schemas, parts)}\n"
    yield from (told[name] for name in sorted(told))


def _type(schema: Json, parts: dict[str, None]) -> str:
    """What may stand in a field, and its limits."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        parts[name] = None
        return f"[{name}](#{name.lower()})"
    if schema.get("description", "").startswith(DECIMAL):
        return f"decimal text{schema['description'].removeprefix(DECIMAL)}".rstrip(".")
    if "anyOf" in schema:
        return " or ".join(_type(each, parts) for each in schema["anyOf"] if each.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'], parts)}{_span(schema, 'Items', ' entries')}"
    return _words(schema) or _plain(schema)


def _words(schema: Json) -> str:
    """The words that are allowed, where those are all."""
    words = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return ", ".join(f'"{word}"' for word in words)


def _plain(schema: Json) -> str:
    if "maxProperties" in schema:
        return f"object of texts, at most {schema['maxProperties']}"
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    text = FORMATS.get(schema.get("format", "")) or PLAIN[kind]
    if kind == "integer":
        return f"{text}{_between(schema.get('minimum'), schema.get('maximum'), '')}"
    return f"{text}{_span(schema, 'Length', ' characters')}{_pattern(schema.get('pattern', ''))}"


def _pattern(pattern: str) -> str:
    if len(pattern) > PATTERN_READABLE:
        return ", of the pattern that the OpenAPI document has"
    return f", `{pattern.replace('|', chr(92) + '|')}`" if pattern else ""


def _span(schema: Json, what: str, unit: str) -> str:
    return _between(schema.get(f"min{what}"), schema.get(f"max{what}"), unit)


def _between(low: int | None, high: int | None, unit: str) -> str:
    if high is None:
        return ""
    return f", {low} to {high}{unit}" if low else f", at most {high}{unit}"
