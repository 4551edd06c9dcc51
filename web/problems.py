"""Problems: every answer that is not what was asked for, as RFC 9457 problem+json.

Here is the one table from refusals to HTTP, and the one place where an unforeseen error is logged. A problem
never shows anything from inside: an unforeseen error tells the caller an id, the log tells us the rest.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import structlog
from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from domain.refusals import Kind, Refusal
from eventstore.errors import LogUnavailable, Unreadable
from web import misread
from web.schemas.faults import Fault, faults_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"

STATUS_OF: dict[Kind, HTTPStatus] = {
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.UNKNOWN: HTTPStatus.NOT_FOUND,
    Kind.STALE: HTTPStatus.PRECONDITION_FAILED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
CODE_OF: dict[int, tuple[str, str]] = {
    400: ("malformed_request", "The request cannot be read."),
    404: ("not_found", "There is nothing at this path."),
    405: ("method_not_allowed", "This path does not take this method."),
    413: ("body_too_large", "The body is larger than 1 MiB."),
    415: ("unsupported_media_type", "The body must be application/json in UTF-8."),
}

log = structlog.get_logger("web")


class Problem(Exception):
    """A request that the edge itself turns down."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.members = members


def invalid_header(name: str, message: str) -> Problem:
    """400 for a header that cannot be read."""
    return Problem(400, "invalid_header", f"{name}: {message}", errors=[(f"/headers/{name}", message)])


def respond(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    allowed_commands: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """The problem as an answer; ``code`` is stable and part of the contract."""
    document = {
        "type": f"urn:daybook:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": int(status),
        "detail": detail,
        "code": code,
        "errors": [{"pointer": pointer, "message": message} for pointer, message in errors],
        "allowed_commands": list(allowed_commands),
        **members,
    }
    return Response(msgspec.json.encode(document), status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def of_problem(problem: Problem) -> Response:
    return respond(
        problem.status,
        problem.code,
        problem.detail,
        errors=problem.errors,
        headers=problem.headers,
        **problem.members,
    )


def of_refusal(refusal: Refusal) -> Response:
    """What the business refuses."""
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if refusal.kind is Kind.UNAVAILABLE else None
    return respond(
        STATUS_OF[refusal.kind],
        refusal.code,
        refusal.detail,
        errors=[(refusal.pointer, refusal.detail)] if refusal.pointer is not None else [],
        allowed_commands=refusal.allowed_commands,
        headers=headers,
        **refusal.facts,
    )


def of_body(error: ValidationError) -> Response:
    """A body that its schema refuses: 400 for its shape, 422 when only values are wrong."""
    faults = faults_of(error)
    if all(fault.of_value for fault in faults):
        return respond(422, "invalid_value", _first(faults), errors=_listed(faults))
    return respond(400, "invalid_body", _first([f for f in faults if not f.of_value]), errors=_listed(faults))


def _first(faults: Sequence[Fault]) -> str:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0].pointer or 'The body'}: {faults[0].message}{more}"


def _listed(faults: Sequence[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.message) for fault in faults]


def of_http(error: HTTPException) -> Response:
    """What Flask and Werkzeug turn down; a 405 keeps its Allow header."""
    status = error.code or 500
    code, detail = CODE_OF.get(status, (error.name.lower().replace(" ", "_"), error.description or error.name))
    if status == HTTPStatus.NOT_FOUND:
        detail = misread.advice(request.path) or detail
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return respond(status, code, detail, headers=headers)


def of_database(error: psycopg.OperationalError | LogUnavailable) -> Response:
    """A database that is away or overloaded: nothing was changed, asking again is right."""
    log.warning("database_unavailable", error=type(error).__name__)
    detail = "The database does not answer at the moment."
    return respond(503, "unavailable", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})


def of_unreadable(error: Unreadable) -> Response:
    """An order, batch or dispatch with an event that nobody can read: ours to repair, and asking again is no use."""
    log.error("unreadable", partition_id=str(error.partition_id), position=error.position, why=error.why)
    detail = f"{error.partition_id} cannot be read: the event at position {error.position} needs a repair."
    return respond(500, "order_unreadable", detail, position=error.position)


def of_fault(error: Exception) -> Response:
    """Anything else is our fault: logged once, under an id that the caller can tell us."""
    error_id = str(uuid4())
    log.error("internal_error", error_id=error_id, exc_info=error)
    detail = f"Something failed on our side. It is logged as {error_id}."
    return respond(500, "internal_error", detail, error_id=error_id)


def install(app: Flask) -> None:
    """Answer every exception with a problem."""
    app.register_error_handler(Refusal, of_refusal)
    app.register_error_handler(Problem, of_problem)
    app.register_error_handler(ValidationError, of_body)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(psycopg.OperationalError, of_database)
    app.register_error_handler(LogUnavailable, of_database)
    app.register_error_handler(Unreadable, of_unreadable)
    app.register_error_handler(Exception, of_fault)
