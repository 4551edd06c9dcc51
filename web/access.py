"""The guard in front of a view, which lets in who may."""

from collections.abc import Callable
from typing import Any

from flask import request

from web.auth import Authenticate, Caller, Right, forbid_unless

View = Callable[..., Any]
CALLER = "daybook.caller"


def guarded(authenticate: Authenticate, right: Right, view: View) -> View:
    """The view for callers who have ``right``; 401 for strangers, 403 for others."""

    def checked(**arguments: Any) -> Any:
        caller = authenticate(request.headers.get("Authorization"))
        request.environ[CALLER] = caller
        forbid_unless(caller, right)
        return view(**arguments)

    return checked


def caller_now() -> Caller:
    """The caller of the request at hand, behind a guard."""
    return request.environ[CALLER]  # type: ignore[no-any-return]
