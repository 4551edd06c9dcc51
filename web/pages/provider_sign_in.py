"""Signing in by an OpenID provider: there, and back with its answer.

The browser keeps what belongs to a sign-in under way, in a cookie of its own. An answer of the provider that was not
asked for in this browser does nothing; one that was begins a new session and ends the one before. What the provider
says of an error is told as its code, never in its words: anybody could write them into a link.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from flask import Response, redirect, request

from access.oidc.refusals import NoRole, ProviderUnavailable, SignInLost, SignInRefused, TokenRefused
from access.oidc.signing_in import Begun, Returned, SigningIn
from access.oidc.tickets import TICKET_SECONDS
from access.people import Barred
from access.roles import Caller
from access.sessions import Sessions, TooManyAttempts
from web.capacity import aside
from web.observing import correlation
from web.pages.guard import own_path
from web.pages.sign_in import SignIn, keep_zone
from web.pages.visitor import translate, visitor_now

T = TypeVar("T")
log = logging.getLogger("daybook.oidc")
NEXT_MAX = 1500
OUR_MISTAKE = "invalid_client"  # the provider refuses Daybook, not who signs in
_CODE = re.compile(r"[a-z_]{1,40}")
_STATUS: Mapping[type[Exception], int] = {
    TooManyAttempts: 429,
    SignInLost: 400,
    ProviderUnavailable: 503,
    SignInRefused: 403,
    NoRole: 403,
    Barred: 403,
    TokenRefused: 401,
}


class ProviderSignIn:
    """The views of it; ``signing`` shows the form and welcomes, ``secure`` where browsers come by TLS."""

    def __init__(self, sessions: Sessions, signing: SignIn, provider: SigningIn, *, secure: bool) -> None:
        self._sessions = sessions
        self._signing = signing
        self._provider = provider
        self._secure = secure
        self._cookie = "__Host-daybook_oidc" if secure else "daybook_oidc"

    def begin(self) -> Any:
        """GET /sign-in/oidc."""
        wanted = own_path(request.args.get("next", "/"))
        if visitor_now().caller is not None:
            return redirect(wanted, 303)
        answer = self._attempted(self._begun)
        if isinstance(answer, Response):
            return answer
        leaving = redirect(answer.url, 303)
        kept = f"{answer.secret}.{quote(wanted, safe='')[:NEXT_MAX]}"
        leaving.set_cookie(
            self._cookie, kept, max_age=TICKET_SECONDS, httponly=True, secure=self._secure, samesite="Lax", path="/"
        )
        keep_zone(leaving, request.args.get("zone", ""), secure=self._secure)
        return leaving

    def back(self) -> Any:
        """GET /sign-in/oidc/callback."""
        secret, _, wanted = request.cookies.get(self._cookie, "").partition(".")
        answer = self._attempted(lambda: self._finished(secret))
        if isinstance(answer, Response):
            if answer.status_code not in {429, 503}:  # who is told to come again may load this page again
                self._forget(answer)
            return answer
        return self._forget(self._welcome(answer, own_path(unquote(wanted) or "/")))

    def _begun(self) -> Begun:
        with aside(request.environ):  # the provider may have to be asked who it is
            return self._provider.begin()

    def _finished(self, secret: str) -> Caller:
        """Who came back. A provider that is slow keeps nobody else waiting, and who asks it in vain is counted."""
        try:
            with aside(request.environ):
                vouched = self._provider.vouched(secret, _returned())
        except ProviderUnavailable:
            self._sessions.note_failure(self._signing.client(), "provider")
            raise
        return self._provider.welcomed(vouched)

    def _welcome(self, caller: Caller, wanted: str) -> Response:
        self._sessions.end(self._signing.cookie())
        return self._signing.welcome(self._sessions.begin_vouched(caller), wanted)

    def _attempted(self, attempt: Callable[[], T]) -> T | Response:
        """What comes of it, or the page that says why nothing did."""
        client = self._signing.client()
        try:
            self._sessions.require_patience(client, "provider")
            return attempt()
        except tuple(_STATUS) as error:
            if isinstance(error, SignInLost) and visitor_now().caller is not None:
                return redirect("/", 303)  # type: ignore[return-value]
            if isinstance(error, SignInRefused | TokenRefused) and _code(error) != OUR_MISTAKE:
                self._sessions.note_failure(client, "provider")
            _tell(error)
            holes = {"provider": self._provider.label, "code": _code(error)}
            other = isinstance(error, NoRole | Barred)  # they may have another account there
            return self._signing.show(_words()[type(error)] % holes, _STATUS[type(error)], elsewhere=other)

    def _forget(self, answer: Response) -> Response:
        answer.delete_cookie(self._cookie, secure=self._secure, httponly=True, samesite="Lax", path="/")
        return answer


def _tell(error: Exception) -> None:
    """Say in the log why nobody was signed in. What anybody can bring about without the provider is not told."""
    if isinstance(error, SignInRefused):
        why = f"the provider refused: {_code(error)}"
    elif isinstance(error, TokenRefused | NoRole | Barred | ProviderUnavailable):
        why = str(error)
    else:
        return
    log.warning("nobody was signed in (%s): %s correlation_id=%s", type(error).__name__, why, correlation())


def _returned() -> Returned:
    given = request.args
    return Returned(given.get("code", ""), given.get("state", ""), given.get("iss"), given.get("error", "")[:100])


def _code(error: Exception) -> str:
    code = getattr(error, "code", "")
    return code if _CODE.fullmatch(code) else "error"


def _words() -> dict[type[Exception], str]:
    """What went wrong and what to do, in the visitor's language; with holes for the provider and its code."""
    return {
        TooManyAttempts: translate("Signing in has failed too often. Try again in a minute."),
        SignInLost: translate(
            "This sign-in is too old, was finished already, or was begun in another browser. Sign in again."
        ),
        ProviderUnavailable: translate("%(provider)s does not answer. Try again in a moment, or sign in with a key."),
        SignInRefused: translate("%(provider)s did not let you in (%(code)s). Try again, or sign in with a key."),
        NoRole: translate(
            "%(provider)s knows you, but you have no role in Daybook. Ask whoever gives roles at %(provider)s."
        ),
        Barred: translate("You may not sign in here. Ask whoever runs Daybook."),
        TokenRefused: translate("What %(provider)s answered cannot be verified. Tell whoever runs Daybook."),
    }
