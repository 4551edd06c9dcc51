"""What is noted about requests, beside answering them: commands that are refused, and looks at personal data.

Which paths show personal data says each where it is made (``paths``). What is taken along as a whole (``DURABLE``) is
written down before the first byte leaves; a look is noted within a second.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError

from access.accesses import Accessed
from access.refusals import Refused
from access.roles import Caller
from domain.refusals import Kind, Refusal
from web.guard import CALLER, View
from web.observing import CORRELATION
from web.problems import STATUS_OF, Problem
from web.schemas.faults import faults_of

DURABLE = frozenset({"export", "access_report", "past_grid", "report"})
FAILED = 500
FOUND = 300


class Refusals(Protocol):
    """Notes refusals."""

    def note(self, refused: Refused) -> None: ...


class Accesses(Protocol):
    """Notes looks at personal data, or writes them down at once."""

    def note(self, accessed: Accessed) -> None: ...

    def write_down(self, accessed: Accessed) -> None: ...


def name_in(path: str) -> str:
    """The name of the command at a path under /commands: "webhooks/pause"."""
    parts = path.removeprefix("/commands/").split("/")
    return parts[0] if len(parts) == 1 else f"{parts[0]}/{parts[-1]}"


class Noting:
    """Notes refusals and accesses of an application's requests; ``customer_hash`` keys the id of a customer."""

    def __init__(self, refusals: Refusals, accesses: Accesses, customer_hash: Callable[[str], bytes]) -> None:
        self._refusals = refusals
        self._accesses = accesses
        self._customer_hash = customer_hash

    def command(self, name: str, view: View) -> View:
        """A command's view, guarded, whose refusals are noted."""

        def noted(**arguments: Any) -> Any:
            try:
                return view(**arguments)
            except (Refusal, Problem, ValidationError) as error:
                caller, correlation = request.environ.get(CALLER), request.environ.get(CORRELATION)
                target = next((value for value in arguments.values() if isinstance(value, UUID)), None)
                self.refused(name, target, caller, correlation, error)
                raise

        return noted

    def refused(
        self, name: str, target: object, caller: Caller | None, correlation: UUID | None, error: Exception
    ) -> None:
        """Note that a command was refused; what failed for no fault of its own is no refusal."""
        found = _status_and_code(error)
        if found is not None:
            kind, key = (None, None) if caller is None else (caller.role.value, caller.key_id)
            target_id = target if isinstance(target, UUID) else None  # the id of a customer is personal
            self._refusals.note(Refused(kind, key, name, target_id, *found, correlation))

    def look(self, kind: str, path: str, view: View) -> View:
        """A view that shows personal data, at which every look is noted under a kind."""

        def watched(**arguments: Any) -> Any:
            answer = view(**arguments)
            if isinstance(answer, Response) and answer.status_code < FOUND:
                accessed = self._accessed(kind, path, arguments)
                try:
                    (self._accesses.write_down if kind in DURABLE else self._accesses.note)(accessed)
                except BaseException:
                    answer.close()
                    raise
            return answer

        return watched

    def _accessed(self, kind: str, path: str, arguments: Mapping[str, Any]) -> Accessed:
        caller: Caller | None = request.environ.get(CALLER)
        subject = next((value for value in arguments.values() if isinstance(value, UUID)), None)
        customer = arguments.get("customer_id")
        return Accessed(
            None if caller is None else caller.role.value,
            None if caller is None else caller.key_id,
            kind,
            path,
            subject,
            None if customer is None else self._customer_hash(customer),
            request.environ.get(CORRELATION),
        )


def _status_and_code(error: Exception) -> tuple[int, str] | None:
    """What the edge answers, where that is a refusal; None for what was not available."""
    match error:
        case Refusal():
            return None if error.kind is Kind.UNAVAILABLE else (int(STATUS_OF[error.kind]), error.code)
        case Problem():
            return None if error.status >= FAILED else (error.status, error.code)
        case ValidationError():
            of_value = all(fault.of_value for fault in faults_of(error))
            return (422, "invalid_value") if of_value else (400, "invalid_body")
    return None


class NothingNoted:
    """Where nobody keeps notes."""

    def note(self, _: object) -> None:
        return None

    write_down = note


UNNOTED = Noting(NothingNoted(), NothingNoted(), lambda customer_id: customer_id.encode())
