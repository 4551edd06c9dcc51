"""What operations answer: an answer of a kind with its headers, a file, or one of the problems."""

from typing import Any

from web.openapi.answers import ref

Json = dict[str, Any]

MEDIA = "application/json"
PROBLEM_MEDIA = "application/problem+json"
PROBLEMS = {
    "400": "The request cannot be read: malformed, missing, unknown or of the wrong type.",
    "401": "There is no valid API key.",
    "403": "The key's role has no right to this.",
    "404": "What the path names does not exist.",
    "408": "The body did not come within ten seconds. Nothing was done.",
    "409": "The state of the order refuses the command, or the log does not have the position asked for.",
    "412": "The order is not at the version of If-Match.",
    "413": "The body is larger than 1 MiB.",
    "415": "The body is not JSON in UTF-8.",
    "422": "A value can never be right.",
    "429": "The key has sent too many requests. Nothing was done.",
    "500": "Something failed on our side.",
    "503": "Ask again: something is away, or the position asked for is not reached yet.",
}


def header(text: str, schema: Json | None = None) -> Json:
    return {"description": text, "schema": schema or {"type": "string"}}


RETRY_AFTER = {"Retry-After": header("After how many seconds to ask again.", {"type": "string", "pattern": "^[0-9]+$"})}
RATE_LIMIT = {
    "RateLimit-Policy": header("How many requests (q) a key may send in how many seconds (w), where that is limited."),
    "RateLimit": header("How many of them are left (r), and in how many seconds all are back (t)."),
}
HEADERS: dict[str, Json] = {
    "429": RETRY_AFTER,
    "401": {"WWW-Authenticate": header("How to say who asks (RFC 6750).")},
    "503": RETRY_AFTER,
}
# The server says so itself, before anything is read, and without a body.
TOO_LONG: Json = {
    "414": {"description": "The address is longer than 65,534 bytes. The answer has no body."},
    "431": {"description": "Address and headers together are too long. The answer has no body."},
}


def responses() -> dict[str, Json]:
    """The problems by the names of their components."""
    return {f"Problem{status}": _problem(status, text) for status, text in PROBLEMS.items()}


def _problem(status: str, text: str) -> Json:
    found: Json = {"description": text, "content": {PROBLEM_MEDIA: {"schema": ref("Problem")}}}
    return found | {"headers": RATE_LIMIT | HEADERS.get(status, {})}


def problems(*statuses: int) -> Json:
    """References to these, and to those that everything may have."""
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (*statuses, 500, 503)}


def answer(name: str, text: str, headers: Json | None = None) -> Json:
    """An answer whose schema is the component of that name."""
    content: Json = {MEDIA: {"schema": ref(name)}}
    return {"description": text, "content": content, "headers": RATE_LIMIT | (headers or {})}


def plain(schema: Json, headers: Json | None = None) -> Json:
    """An answer with a schema of its own."""
    content: Json = {MEDIA: {"schema": schema}}
    return {"description": "What was asked for.", "content": content, "headers": RATE_LIMIT | (headers or {})}


def contents(media: str) -> Json:
    """A whole body of that media type, binary unless it is text; clients that are made from it go by ``format``."""
    is_text = media.startswith("text/")
    return {"type": "string", "contentMediaType": media} | ({} if is_text else {"format": "binary"})


def file(media: str) -> Json:
    """A file of that media type."""
    content = {media: {"schema": contents(media)}}
    headers = RATE_LIMIT | {"Content-Disposition": header("Its name.")}
    return {"description": "A file.", "content": content, "headers": headers}
