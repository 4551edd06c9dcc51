"""Signing in with a key, or with a link that works once; and signing out. By a provider: ``provider_sign_in``.

A link only shows a form: what follows links without being asked must not use it up.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request

from access.authentication import KeyRefused
from access.oidc.signing_in import SigningIn
from access.people import PREFIX
from access.roles import Caller
from access.sessions import LONGEST, Sessions, TooManyAttempts
from web.capacity import aside
from web.clients import Proxies
from web.pages.formats import zone_of
from web.pages.guard import own_path, require_same_site
from web.pages.rendering import render
from web.pages.visitor import ZONE_COOKIE, cookie_name, translate, visitor_now

MINUTE = "60"
LEFT = "left"
CallerOf = Callable[[str], Caller]


class SignIn:
    """The views of signing in and out; ``secure`` where browsers come by TLS, ``provider`` if people may use one."""

    def __init__(
        self,
        sessions: Sessions,
        caller_of: CallerOf,
        *,
        secure: bool,
        provider: SigningIn | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self._sessions = sessions
        self._caller_of = caller_of
        self._secure = secure
        self._provider = provider
        self._proxies = proxies or Proxies()

    def form(self) -> Any:
        """GET /sign-in."""
        if visitor_now().caller is not None and "link" not in request.args:
            return redirect(own_path(request.args.get("next", "/")), 303)
        return self.show()

    def show(self, message: str = "", status: int = 200, *, elsewhere: bool = False) -> Response:
        """The page to sign in on, with what went wrong; ``elsewhere`` for who may have to sign out of the provider."""
        given = request.values
        headers = {"Retry-After": MINUTE} if status == 429 else {}
        elsewhere = elsewhere or LEFT in request.args
        left = None
        if self._provider is not None and elsewhere:
            with aside(request.environ):  # the provider may have to be asked
                left = self._provider.sign_out_url()
        return render(
            "sign_in.html",
            status=status,
            headers=headers | {"Referrer-Policy": "same-origin"},
            message=message,
            link=given.get("link", ""),
            next=own_path(given.get("next", "/")),
            provider=self._provider.label if self._provider else "",
            left=left,
        )

    def sign_in(self) -> Any:
        """POST /sign-in."""
        require_same_site()
        client, tired = self.client(), False
        try:
            self._sessions.require_patience(client, "key")
        except TooManyAttempts as many:
            if not many.of_all:
                return self._later()
            tired = True  # of others: who has a key that works comes in all the same
        key_id = self._key_id()
        if key_id is None:
            if tired:
                return self._later()
            self._sessions.note_failure(client, "key")
            return self.show(self._why(), 401)
        answer = self.welcome(self._sessions.begin(key_id), own_path(request.form.get("next", "/")))
        keep_zone(answer, request.form.get("zone", ""), secure=self._secure)
        return answer

    def _later(self) -> Response:
        return self.show(translate("Signing in has failed too often. Try again in a minute."), 429)

    def client(self) -> str:
        """Whose failures are counted together: an address."""
        return self._proxies.client(request.environ)

    def _key_id(self) -> str | None:
        """Whose key or link the form has; None when it opens nothing."""
        link = request.form.get("link", "")
        if link:
            return self._sessions.follow_link(link)
        try:
            return self._caller_of(request.form.get("key", "").strip()).key_id
        except KeyRefused:
            return None

    @staticmethod
    def _why() -> str:
        if request.form.get("link"):
            return translate("This link was used already or is too old. Sign in with your key.")
        return translate("This key is unknown or revoked.")

    def welcome(self, token: str, wanted: str) -> Response:
        """On to the page that was wanted, with the new session in the browser's cookie."""
        answer = redirect(wanted, 303)
        name = cookie_name(secure=self._secure)
        answer.set_cookie(name, token, max_age=LONGEST, httponly=True, secure=self._secure, samesite="Lax", path="/")
        return answer  # type: ignore[return-value]

    def cookie(self) -> str:
        """The token of the session that the browser has; empty for none."""
        return request.cookies.get(cookie_name(secure=self._secure), "")

    def sign_out(self) -> Any:
        """POST /sign-out."""
        caller = visitor_now().caller
        vouched = self._provider is not None and caller is not None and caller.key_id.startswith(PREFIX)
        self._sessions.end(self.cookie())
        answer = redirect(f"/sign-in?{LEFT}=1" if vouched else "/sign-in", 303)
        name = cookie_name(secure=self._secure)
        answer.delete_cookie(name, secure=self._secure, httponly=True, samesite="Lax", path="/")
        return answer


def keep_zone(answer: Any, zone: str, *, secure: bool) -> None:
    """Keep the time zone that the browser told, if there is one of that name."""
    if zone and zone_of(zone):
        answer.set_cookie(ZONE_COOKIE, zone, max_age=LONGEST, httponly=True, secure=secure, samesite="Lax", path="/")
