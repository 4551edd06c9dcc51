"""From the OpenAPI document to what the pages show: operations by tag, fields by schema, one level at a time.

It reads the document and nothing else, so a page can never say what the document does not.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = dict[str, Any]

_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: ``kind`` in words, ``schema`` the component that it is made of, if it is of one."""

    name: str
    kind: str
    required: bool
    about: str
    schema: str | None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of an operation: its component, its own fields, an example of it."""

    status: str
    about: str
    media: tuple[str, ...]
    schema: str | None
    headers: tuple[tuple[str, str], ...]
    example: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as its page shows it."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    about: str
    roles: tuple[str, ...]
    parameters: tuple[tuple[str, Field], ...]
    body: tuple[Field, ...]
    body_schema: str | None
    example: str | None
    answers: tuple[Answered, ...]

    @property
    def opens(self) -> bool:
        """Whether it needs no key."""
        return not self.roles


class Contents:
    """The pages of one document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self.title: str = document["info"]["title"]
        self.version: str = document["info"]["version"]
        self.about: str = document["info"]["description"]

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Every operation by its id."""
        found = [
            self._operation(method, path, operation)
            for path, operations in self._document["paths"].items()
            for method, operation in operations.items()
        ]
        return {each.name: each for each in found}

    @cached_property
    def tags(self) -> list[tuple[str, str, list[Operation]]]:
        """Each tag with its words and its operations, commands first."""
        by_tag: dict[str, list[Operation]] = {}
        for each in self.operations.values():
            by_tag.setdefault(each.tag, []).append(each)
        return [
            (tag["name"], tag["description"], sorted(by_tag[tag["name"]], key=lambda each: each.method != "POST"))
            for tag in self._document["tags"]
            if tag["name"] in by_tag
        ]

    @cached_property
    def problems(self) -> dict[str, Json]:
        """By status, what it means and the codes with examples."""
        return {
            name.removeprefix("Problem"): response
            for name, response in self._document["components"]["responses"].items()
        }

    def schema(self, name: str) -> tuple[str, tuple[Field, ...], tuple[str, ...], str] | None:
        """A component: what it is, its fields, the components that it is one of, and its JSON Schema."""
        schema = self._document["components"]["schemas"].get(name)
        if schema is None:
            return None
        others = schema.get("oneOf") or schema.get("anyOf") or ()
        one_of = tuple(filter(None, (_component(each) for each in others)))
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        return schema.get("description", ""), tuple(self._fields(schema)), one_of, text

    def _operation(self, method: str, path: str, operation: Json) -> Operation:
        body: Json = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
        schema = body.get("schema", {})
        keys = operation.get("security") or [{}]
        return Operation(
            name=operation["operationId"],
            method=method.upper(),
            path=path,
            tag=operation["tags"][0],
            summary=operation["summary"],
            about=operation.get("description", ""),
            roles=tuple(keys[0].get("key", ())),
            parameters=tuple((each["in"], self._parameter(each)) for each in operation.get("parameters", ())),
            body=tuple(self._fields(self._resolved(schema))),
            body_schema=_component(schema),
            example=_example(body),
            answers=tuple(self._answers(operation["responses"])),
        )

    def _parameter(self, each: Json) -> Field:
        return self._field(each["name"], each["schema"], each.get("description", ""), each.get("required", False))

    def _answers(self, responses: Json) -> Iterator[Answered]:
        for status, found in sorted(responses.items()):
            response = self._resolved(found)
            content = response.get("content", {})
            first: Json = next(iter(content.values()), {})
            schema = first.get("schema", {})
            headers = tuple((name, told["description"]) for name, told in response.get("headers", {}).items())
            example = _example(first) if status < "400" else None
            name = _component(schema.get("contentSchema", schema))
            yield Answered(status, response["description"], tuple(content), name, headers, example)

    def _resolved(self, found: Json) -> Json:
        while "$ref" in found:
            place: Any = self._document
            for part in found["$ref"].removeprefix("#/").split("/"):
                place = place[part]
            found = place
        return found

    def _fields(self, schema: Json) -> Iterator[Field]:
        required = schema.get("required", ())
        for name, field in schema.get("properties", {}).items():
            about = field.get("description") or self._resolved(field).get("description", "")
            yield self._field(name, field, about.split("\n")[0], name in required)

    def _field(self, name: str, schema: Json, about: str, required: bool) -> Field:
        inner = schema.get("items", schema)
        choices = tuple(map(str, inner.get("enum", ())))
        return Field(name, _kind(schema), required, about, _component_within(schema), choices)


def _kind(schema: Json) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        return "object"
    if "const" in schema:
        return json.dumps(schema["const"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_kind(each) for each in schema[several]))
    kind = schema.get("type", "anything")
    kinds = kind if isinstance(kind, list) else [kind]
    if "array" in kinds:
        return " or ".join([f"list of {_kind(schema.get('items', {}))}", *(k for k in kinds if k != "array")])
    words = " or ".join(kinds)
    words += f" ({schema['format']})" if "format" in schema else ""
    bounds = [text.format(schema[name]) for name, text in _BOUNDS.items() if name in schema and schema[name] < 2**31]
    return ", ".join([words, *bounds])


def _component(schema: Json) -> str | None:
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _component_within(schema: Json) -> str | None:
    """The component of a value, of the items of a list, or of what may also be null."""
    for each in (schema, schema.get("items", {}), schema.get("additionalProperties", {})):
        if isinstance(each, dict):
            for one in (each, *each.get("anyOf", ()), *each.get("oneOf", ())):
                if found := _component(one) or _component(one.get("items", {})):
                    return found
    return None


def _example(media: Json) -> str | None:
    for example in media.get("examples", {}).values():
        return json.dumps(example["value"], indent=2, ensure_ascii=False)
    return None
