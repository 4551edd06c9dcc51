"""Stylesheet, scripts and pictures of the pages: small, read once, named with their content's hash and kept for good.

Nothing is ever served that does not lie in the folder when the process starts.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from flask import Response, request
from werkzeug.exceptions import NotFound

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "LICENSE": "text/plain; charset=utf-8",
}
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Static:
    """One file, as it is and compressed."""

    content: bytes
    packed: bytes
    content_type: str
    tag: str


@lru_cache(maxsize=1)
def static_files() -> Mapping[str, Static]:
    """Every file by its name."""
    found = {}
    for entry in (files("web.pages") / "static").iterdir():
        kind = TYPES.get(entry.name.rpartition(".")[2])
        if kind is not None:
            content = entry.read_bytes()
            tag = sha256(content).hexdigest()[:12]
            found[entry.name] = Static(content, gzip.compress(content, 9, mtime=0), kind, tag)
    return found


def address(name: str) -> str:
    """Where a page finds the file: another content has another address."""
    return f"/static/{name}?v={static_files()[name].tag}"


def static_view(name: str) -> Response:
    """GET /static/{name}."""
    found = static_files().get(name)
    if found is None:
        raise NotFound
    headers = {
        "Cache-Control": FOR_GOOD if request.args.get("v") == found.tag else "no-cache",
        "ETag": f'"{found.tag}"',
        "Vary": "Accept-Encoding",
    }
    if found.tag in request.if_none_match:
        return Response(status=304, headers=headers)
    if request.accept_encodings["gzip"]:
        headers["Content-Encoding"] = "gzip"
        return Response(found.packed, headers=headers, content_type=found.content_type)
    return Response(found.content, headers=headers, content_type=found.content_type)
