"""The guard in front of every page: who is signed in, what they may, whether a form is really theirs.

Strangers are sent to sign in and come back; a form without its session's token, or from another site, does nothing.
What goes wrong behind it is answered as a page, with the same words as the API's problem.
"""

import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException, NotFound

from access.roles import RIGHTS, Right
from access.sessions import Sessions
from web.auth import forbid_unless
from web.guard import CALLER, View
from web.observing import OWN_HEADERS
from web.pages.rendering import HEADERS, render
from web.pages.visitor import VISITOR, visitor_now, visitor_of
from web.problems import Problem

Answer = Callable[..., Any]
FORM_MAX_BYTES = 2 * 1024 * 1024
# Paths of programs alone; /audit/ has pages too, so there it counts what is asked for.
API = ("/commands/", "/queries/", "/webhooks/", "/static/")


class Guard:
    """Wraps the views of pages; one per application."""

    def __init__(self, app: Flask, sessions: Sessions, *, secure: bool) -> None:
        self._app = app
        self._sessions = sessions
        self._secure = secure

    def page(self, right: Right, view: View) -> View:
        """A page for people whose role has ``right``."""

        def shown(**arguments: Any) -> Any:
            visitor = visitor_now()
            if visitor.caller is None:
                return _to_sign_in()
            request.environ[CALLER] = visitor.caller
            if right is Right.QUERY and right not in RIGHTS[visitor.caller.role] and request.path == "/":
                return redirect("/account", 303)
            forbid_unless(visitor.caller, right)
            if request.method == "POST":
                require_own_form(visitor.csrf)
            return view(**arguments)

        return self.open(shown)

    def open(self, view: View) -> View:
        """A page for everybody."""

        def shown(**arguments: Any) -> Any:
            try:
                self._look()
                answer = view(**arguments)
            except Exception as error:  # noqa: BLE001  (each becomes the problem that the API would answer)
                return self.problem(error)
            if isinstance(answer, Response):
                for name, value in HEADERS.items():
                    answer.headers.setdefault(name, value)
            return answer

        return shown

    def _look(self) -> None:
        request.environ[OWN_HEADERS] = True
        request.max_content_length = FORM_MAX_BYTES
        request.max_form_memory_size = FORM_MAX_BYTES
        request.environ[VISITOR] = visitor_of(self._sessions, secure=self._secure)

    def problem(self, error: Exception) -> Response:
        """The problem of an error, as a page; with its status."""
        plain = _Generic(error) if isinstance(error, NotFound) else error
        answer = self._app.make_response(self._app.handle_user_exception(plain))
        if VISITOR not in request.environ:  # the database is away: nobody can be known
            request.environ[VISITOR] = visitor_of(_Nobody(), secure=self._secure)  # type: ignore[arg-type]
        told = msgspec.json.decode(answer.get_data()) if answer.is_json else {"title": answer.status, "detail": ""}
        kept = {name: answer.headers[name] for name in ("Retry-After", "Allow") if name in answer.headers}
        part = "HX-Request" in request.headers
        template = "problem_part.html" if part else "problem.html"
        return render(template, status=answer.status_code, headers=kept, problem=told)

    def missing(self, error: NotFound) -> Any:
        """What is at no path: a page for who reads pages, a problem for programs."""
        wants_page = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
        if request.path.startswith(API) or not wants_page or request.method not in {"GET", "HEAD"}:
            return self._app.handle_user_exception(_Generic(error))
        self._look()
        return self.problem(_Generic(error))


class _Nobody:
    """Knows no session."""

    def find(self, _token: str) -> None:
        return None


class _Generic(HTTPException):
    """A 404 that goes to the handler of all HTTP errors, not back to ours."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__(error.description)
        self.code = error.code


def require_own_form(csrf: str) -> None:
    """Raise Problem 403 for a form that was not made by a page of this session."""
    require_same_site()
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), csrf.encode()):
        raise Problem(403, "form_too_old", "This form is of another sign-in. Load the page again and repeat it.")


def require_same_site() -> None:
    """Raise Problem 403 when another site sent the form."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    strange = site is not None and site not in {"same-origin", "none"}
    if strange or (site is None and origin is not None and urlsplit(origin).netloc != request.host):
        raise Problem(403, "foreign_form", "This form comes from another site. Nothing was done.")


def _to_sign_in() -> Any:
    if "HX-Request" in request.headers:  # a part cannot lead there: the whole page does
        return Response(status=204, headers={"HX-Redirect": "/sign-in"})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(f"/sign-in?next={quote(wanted, safe='')}" if wanted not in {"", "/"} else "/sign-in", 303)


def own_path(path: str) -> str:
    """A path to go on to that leads nowhere else; / for any other."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and not urlsplit(path).netloc else "/"
