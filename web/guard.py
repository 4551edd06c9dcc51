"""The guard in front of a view, which lets in who may."""

from collections.abc import Callable, Collection
from typing import Any

from flask import request

from access.roles import Caller, Right, Role
from web.auth import Authenticate, forbid_unless, keep_to

View = Callable[..., Any]
CALLER = "daybook.caller"


def guard(
    authenticate: Authenticate, right: Right, view: View, *, name: str = "", roles: Collection[Role] | None = None
) -> View:
    """The view for callers who have ``right``; 401 for strangers, 403 for others.

    Where the merchant keeps what is called ``name`` to some ``roles``, for those alone.
    """

    def checked(**arguments: Any) -> Any:
        caller = authenticate(request.headers.get("Authorization"))
        request.environ[CALLER] = caller
        forbid_unless(caller, right)
        if roles is not None:
            keep_to(caller, name, roles)
        return view(**arguments)

    return checked


def caller_now() -> Caller:
    """The caller of the request at hand, behind a guard."""
    return request.environ[CALLER]  # type: ignore[no-any-return]
