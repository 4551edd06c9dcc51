"""The schemas of answers whose shape is a type: read off the declarations beside the code that makes the answers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from web.schemas.body import Body

Json = dict[str, Any]

SUFFIX = "Shown"
_REF = "#/components/schemas/{name}"


def schemas_of(types: Sequence[type[Any]]) -> dict[str, Json]:
    """The component of each type, and of all that it is made of; ``OrderShown`` is the component ``Order``."""
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    return {name_of(name): _plain(schema) for name, schema in components.items()}


def name_of(type_or_name: type[Any] | str) -> str:
    """The name of a type's component; what is shown keeps its suffix where something of that name is sent."""
    name = type_or_name if isinstance(type_or_name, str) else type_or_name.__name__
    short = name.removesuffix(SUFFIX)
    return name if short in sent() else short


@cache
def sent() -> frozenset[str]:
    """The names of the schemas of bodies."""
    found, waiting = set[str](), [Body]
    while waiting:
        known = waiting.pop().__subclasses__()
        waiting += known
        found |= {each.__name__ for each in known}
    return frozenset(found)


def _plain(schema: Any) -> Any:
    """A schema without the titles that only repeat names, its references by the names of components."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        folder, _, name = schema["$ref"].rpartition("/")
        return {**schema, "$ref": f"{folder}/{name_of(name)}"}
    plain = {key: _plain(value) for key, value in schema.items() if key != "title"}
    if "properties" in schema:  # whose keys are names of fields, title among them
        plain["properties"] = {name: _plain(field) for name, field in schema["properties"].items()}
    return plain
