"""Reading a request: its JSON body, and the headers that say which version, which key, which correlation.

Everything that is not exactly right is turned down with the name of what is wrong. It knows no command.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from flask import Request

from eventstore.randomness import new_key
from web.capacity import read_body
from web.problems import Problem, invalid_header

BODY_MAX_BYTES = 1024 * 1024
KEY_MAX = 255
Json = dict[str, Any]

KEY = re.compile(r"[!-+\--~]{1,255}")
_VERSION = re.compile(r'"([0-9]{1,9})"|([0-9]{1,9})')
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

decode = msgspec.json.Decoder().decode
encode_sorted = msgspec.json.Encoder(order="sorted").encode


def read_json(request: Request) -> tuple[Any, bytes]:
    """The body as plain values, and its canonical bytes; no body at all is ``{}``."""
    raw = read_body(request.environ, BODY_MAX_BYTES)
    if not raw:
        return {}, b"{}"
    _require_json(request)
    return parsed(raw)


def parsed(raw: bytes) -> tuple[Any, bytes]:
    """A JSON text as plain values, and its canonical bytes. Raises Problem 400."""
    try:
        body = decode(raw)
        canonical = encode_sorted(body)
        _refuse_duplicates(raw, canonical)
    except RecursionError:
        raise malformed("It is nested too deeply.") from None
    except (ValueError, OverflowError) as error:
        raise malformed(f"{_sentence(error)}.") from None
    return body, canonical


def _require_json(request: Request) -> None:
    environ = request.environ
    if environ.get("CONTENT_TYPE") == "application/json" and "HTTP_CONTENT_ENCODING" not in environ:
        return  # as nearly everybody writes it
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if request.mimetype != "application/json" or charset not in {"utf-8", "utf8"} or encoding != "identity":
        raise Problem(415, "unsupported_media_type", "The body must be application/json in UTF-8, not compressed.")


def malformed(detail: str) -> Problem:
    return Problem(400, "malformed_json", f"The body is not valid JSON. {detail}")


def _sentence(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "It is not UTF-8"
    return str(error).rstrip(".")[:200]


def _refuse_duplicates(raw: bytes, canonical: bytes) -> None:
    """Refuse an object that names a key twice, because nobody can tell which one was meant.

    The decoder keeps the last one, so a repeated key is missing from the canonical bytes, with its quotes. Only a
    body with escapes, where quotes cannot be counted, is parsed once more.
    """
    if b"\\" not in raw:
        if raw.count(b'"') != canonical.count(b'"'):
            raise ValueError("An object has the same key twice")
    else:
        json.loads(raw, object_pairs_hook=_distinct)


def _distinct(pairs: list[tuple[str, Any]]) -> Json:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("An object has the same key twice")
    return result


def canonical_request(path: str, body: bytes) -> bytes:
    """What a repeat under the same idempotency key must equal: method, path and canonical body."""
    return b"POST %s\n%s" % (path.encode(), body)


def refuse_parameters(request: Request) -> None:
    """Refuse query parameters where none are known."""
    if request.query_string:
        raise unknown_parameters(sorted(request.args) or ["?"])


def unknown_parameters(names: list[str]) -> Problem:
    errors = [(f"/{name[:100]}", "There is no such parameter.") for name in names[:20]]
    return Problem(
        400,
        "unknown_parameter",
        "This path does not take that query parameter. See /docs for those it takes.",
        errors=errors,
    )


def idempotency_key(request: Request) -> str | None:
    """The caller's name for this request. A server joins two headers with a comma, so no key may have one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise invalid_header(
            "Idempotency-Key", f"Must be given once, as 1 to {KEY_MAX} visible ASCII characters without a comma."
        )
    return key


def expected_version(request: Request) -> int | None:
    """The stream version that the caller has seen; ``*`` means any."""
    value = request.headers.get("If-Match")
    if value is None or value.strip() == "*":
        return None
    if value.lstrip().startswith("W/"):
        raise invalid_header("If-Match", "Must be a strong ETag: a weak one does not promise the same version.")
    matched = _VERSION.fullmatch(value.strip())
    if matched is None:
        raise invalid_header("If-Match", 'Must be one ETag such as "3", or *.')
    return int(matched[1] or matched[2])


def correlation_id(environ: Mapping[str, Any]) -> UUID:
    """The id of the conversation: from X-Correlation-ID (a UUID), from traceparent, or a new one."""
    given = environ.get("HTTP_X_CORRELATION_ID")
    if given and _UUID.fullmatch(given):
        return UUID(given)
    trace = _TRACEPARENT.fullmatch(environ.get("HTTP_TRACEPARENT", ""))
    return UUID(hex=trace[1]) if trace else UUID(bytes=new_key()[:16], version=4)
