"""Answers whose headers are complete as they are."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from flask import Response
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class JsonAnswer(Response):
    """JSON in one piece, with a status that has a body.

    Werkzeug goes through the headers of every response, for what frameworks may have left out or written as an IRI:
    a length, a location. Here the length is set with the body and paths are ASCII, so there is nothing to find.
    """

    def __init__(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(body, status, headers, content_type="application/json")

    def get_app_iter(self, environ: "WSGIEnvironment") -> Iterable[bytes]:
        """The body as a list, which the server sends as it is; any other iterable it has to ask, and wait for."""
        return [] if environ["REQUEST_METHOD"] == "HEAD" else cast("list[bytes]", self.response)

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002  (as Werkzeug has it)
        return self.headers
