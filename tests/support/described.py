"""Every answer of a test client, held against the description of the API: the hook behind ``DescribedClient``.

The schemas are closed here, so that a field which nobody described fails the test that met it, and so does a status, a
media type or a header. What was taken must be described too: a body that a command accepted has to satisfy its schema.
The components are made once in each process, which takes a second; a validator of an answer then takes a millisecond to
make, and checking an answer 0.05 to 0.5 milliseconds.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
from flask.testing import FlaskClient

from web.commands.routes import ROUTES
from web.openapi.document import describe
from web.webhooks.commands import Outgoing
from webhooks.addresses import Allowance

Json = dict[str, Any]

COMPONENTS = "urn:daybook:components"
LINES = "application/x-ndjson"
NOT_MODIFIED = 304
PROBLEM_MEDIA = "application/problem+json"
# What servers and browsers need, of which no program reads anything.
PLAIN_HEADERS = frozenset(
    {
        *(
            "content-type",
            "content-length",
            "transfer-encoding",
            "cache-control",
            "connection",
            "date",
            "server",
            "vary",
        ),
        *("x-content-type-options", "x-correlation-id", "x-accel-buffering", "referrer-policy", "content-disposition"),
        *("content-security-policy", "strict-transport-security", "traceparent"),
    }
)
RECORD_VARIABLE = "DAYBOOK_RECORD_ANSWERS"


class Answered(NamedTuple):
    """An answer as it came: its body, None where that is no text to hold against anything."""

    method: str
    path: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes | None

    @property
    def mimetype(self) -> str:
        """The media type without its parameters."""
        found = [value for name, value in self.headers if name.lower() == "content-type"]
        return found[0].partition(";")[0] if found else ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class DescribedClient(FlaskClient):
    """A test client whose every answer from the API is as described. It reads JSON to its end, streams too."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = super().open(*args, **kwargs)
        request = response.request
        body = response.get_data() if (response.mimetype or "").endswith("json") else None
        headers = list(response.headers.items())
        path = request.environ["PATH_INFO"]  # as routed: request.path has the slashes at its start made one
        check(Answered(request.method, path, response.status_code, headers, body), kwargs.get("json"))
        return response


def check(answered: Answered, sent: Any = None) -> None:
    """Raise AssertionError unless the answer is one that the document announces; pages are not described."""
    if answered.method == "HEAD" or answered.status == NOT_MODIFIED:
        return
    template = template_of(answered.path)
    operation = document()["paths"].get(template, {}).get(answered.method.lower()) if template else None
    if operation is None or "%2F" in answered.path or answered.path.startswith("//"):
        if answered.mimetype == PROBLEM_MEDIA:
            _require(f"{answered}: a problem", _of_schema("Problem"), json.loads(answered.body or b""))
        return
    found = operation["responses"].get(str(answered.status))
    assert found is not None, f"{answered}: this status is not described"
    _check_headers(answered, _resolved(found))
    check_body(answered, str(template))
    if sent is not None and answered.status < 300 and "requestBody" in operation:
        check_sent(str(answered), answered.method, str(template), sent)
    if RECORD_VARIABLE in os.environ:
        _record(answered, str(template), sent)


def _check_headers(answered: Answered, found: Json) -> None:
    known = PLAIN_HEADERS | {name.lower() for name in found.get("headers", {})}
    strange = [name for name, _ in answered.headers if name.lower() not in known]
    assert not strange, f"{answered}: these headers are not described: {strange}"


def check_body(answered: Answered, template: str) -> None:
    """Hold the body of an answer against its schema."""
    found = _resolved(document()["paths"][template][answered.method.lower()]["responses"][str(answered.status)])
    which = f"{answered.method} {template} {answered.status}"
    if "content" not in found:
        assert not answered.body, f"{answered}: it has a body, and none is described"
        return
    assert answered.mimetype in found["content"], f"{answered}: {answered.mimetype} is not described"
    if answered.body is None:
        return
    texts = answered.body.splitlines() if answered.mimetype == LINES else [answered.body]
    for text in texts:
        _require(str(answered), _of_answer(which, answered.mimetype), json.loads(text))


def check_sent(where: str, method: str, template: str, sent: Any) -> None:
    """Hold a body that was taken against its schema."""
    media = next(iter(document()["paths"][template][method.lower()]["requestBody"]["content"]))
    _require(f"{where}: the body that was taken", _of_request(template, method, media), sent)


def check_problem(problem: Json) -> None:
    """Hold a problem against its schema."""
    _require(f"The problem {problem['code']}", _of_schema("Problem"), problem)


def _require(where: str, validator: Any, value: Any) -> None:
    wrong = list(validator.iter_errors(value))
    told = [f"/{'/'.join(map(str, each.instance_path))} {each.message[:300]}" for each in wrong[:5]]
    assert not wrong, f"{where} is not as described: {told}"


@cache
def document() -> Json:
    """The description of every command and query, as a server with all of them publishes it."""
    nobody: Any = None
    outgoing = Outgoing(nobody, nobody, Allowance(), nobody)
    plain: Json = json.loads(json.dumps(describe(ROUTES, outgoing)))
    return plain


@cache
def _components() -> Any:
    """The components, closed: made once for all validators, which then cost hardly anything each."""
    schemas = {name: closed(schema) for name, schema in document()["components"]["schemas"].items()}
    return jsonschema_rs.Registry([(COMPONENTS, {"components": {"schemas": schemas}})])


def _from_outside(schema: Any) -> Any:
    """The schema with references that lead to the components from anywhere."""
    if isinstance(schema, list):
        return [_from_outside(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _from_outside(value) for name, value in schema.items()}
    return found | {"$ref": COMPONENTS + schema["$ref"]} if "$ref" in schema else found


def closed(schema: Any) -> Any:
    """The schema without room for fields that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items() if key not in {"properties", "examples", "default"}}
    if "properties" in schema:
        inner["properties"] = {name: closed(field) for name, field in schema["properties"].items()}
        combined = inner.keys() & {"allOf", "oneOf", "anyOf"}
        inner.setdefault("unevaluatedProperties" if combined else "additionalProperties", False)
    return inner


@cache
def _of_answer(answer: str, media: str) -> Any:
    method, template, status = answer.split(" ")
    found = _resolved(document()["paths"][template][method.lower()]["responses"][status])
    schema = found["content"][media]["schema"]
    return _compiled(schema.get("contentSchema", schema))


@cache
def _of_request(template: str | None, method: str, media: str) -> Any:
    body = document()["paths"][template][method.lower()]["requestBody"]["content"][media]["schema"]
    return _compiled(body)


@cache
def _of_schema(name: str) -> Any:
    return _compiled({"$ref": f"#/components/schemas/{name}"})


def _compiled(schema: Json) -> Any:
    plain = _from_outside(closed(schema))
    return jsonschema_rs.Draft202012Validator(plain, registry=_components(), validate_formats=True)


def _resolved(found: Json) -> Json:
    if "$ref" not in found:
        return found
    place: Any = document()
    for part in found["$ref"].removeprefix("#/").split("/"):
        place = place[part]
    return dict(place)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The described paths, those with fewer parameters first."""
    paths = sorted(document()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(_pattern(path)), path) for path in paths]


def _pattern(path: str) -> str:
    wide = re.escape(path).replace(r"\{customer_id\}", ".+").replace(r"\{path\}", ".+")
    return re.sub(r"\\\{\w+\\\}", "[^/]+", wide)


def template_of(path: str) -> str | None:
    """The described path that a request's path belongs to."""
    return next((template for pattern, template in _patterns() if pattern.fullmatch(path)), None)


def _record(answered: Answered, template: str, sent: Any) -> None:
    """Add the answer to the file of recorded ones, a line each."""
    if answered.body is None or answered.mimetype == LINES:
        return
    said: Mapping[str, Any] = {
        "operation": f"{answered.method} {template}",
        "status": answered.status,
        "sent": sent,
        "answer": json.loads(answered.body),
    }
    with Path(os.environ[RECORD_VARIABLE]).open("ab", buffering=0) as file:  # a line at once, beside other processes
        file.write(json.dumps(said).encode() + b"\n")
