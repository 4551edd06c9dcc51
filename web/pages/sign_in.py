"""Signing in with a key, or with a link that works once; and signing out.

A link only shows a form: what follows links without being asked must not use it up.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request

from access.authentication import KeyRefused
from access.roles import Caller
from access.sessions import LONGEST, Sessions, TooManyAttempts
from web.pages.formats import zone_of
from web.pages.guard import own_path, require_same_site
from web.pages.rendering import render
from web.pages.visitor import ZONE_COOKIE, cookie_name, translate, visitor_now

MINUTE = "60"
CallerOf = Callable[[str], Caller]


class SignIn:
    """The views of signing in and out; ``secure`` where browsers come by TLS."""

    def __init__(self, sessions: Sessions, caller_of: CallerOf, *, secure: bool) -> None:
        self._sessions = sessions
        self._caller_of = caller_of
        self._secure = secure

    def form(self) -> Any:
        """GET /sign-in."""
        if visitor_now().caller is not None and "link" not in request.args:
            return redirect(own_path(request.args.get("next", "/")), 303)
        return self._form()

    def _form(self, message: str = "", status: int = 200) -> Response:
        given = request.values
        headers = {"Retry-After": MINUTE} if status == 429 else {}
        return render(
            "sign_in.html",
            status=status,
            headers=headers | {"Referrer-Policy": "same-origin"},
            message=message,
            link=given.get("link", ""),
            next=own_path(given.get("next", "/")),
        )

    def sign_in(self) -> Any:
        """POST /sign-in."""
        require_same_site()
        client = request.remote_addr or ""
        try:
            self._sessions.require_patience(client)
        except TooManyAttempts:
            return self._form(translate("Signing in has failed too often. Try again in a minute."), 429)
        key_id = self._key_id()
        if key_id is None:
            self._sessions.note_failure(client)
            return self._form(self._why(), 401)
        return self._welcome(self._sessions.begin(key_id))

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

    def _welcome(self, token: str) -> Response:
        answer = redirect(own_path(request.form.get("next", "/")), 303)
        name = cookie_name(secure=self._secure)
        answer.set_cookie(name, token, max_age=LONGEST, httponly=True, secure=self._secure, samesite="Lax", path="/")
        zone = request.form.get("zone", "")
        if zone and zone_of(zone):
            answer.set_cookie(
                ZONE_COOKIE, zone, max_age=LONGEST, httponly=True, secure=self._secure, samesite="Lax", path="/"
            )
        return answer  # type: ignore[return-value]

    def sign_out(self) -> Any:
        """POST /sign-out."""
        name = cookie_name(secure=self._secure)
        self._sessions.end(request.cookies.get(name, ""))
        answer = redirect("/sign-in", 303)
        answer.delete_cookie(name, secure=self._secure, httponly=True, samesite="Lax", path="/")
        return answer
