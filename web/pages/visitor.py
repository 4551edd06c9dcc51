"""Who looks at a page: the person, how they want things written, and what their forms carry."""

from dataclasses import dataclass, field
from typing import Any

from flask import request

from access.roles import RIGHTS, Caller, Right
from access.sessions import Session, Sessions
from web.pages.formats import FALLBACK, Writing
from web.pages.texts import translations

VISITOR = "daybook.visitor"
COOKIE = "daybook_session"
SECURE_COOKIE = "__Host-daybook_session"
ZONE_COOKIE = "daybook_zone"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person of a request; ``caller`` is None for a stranger."""

    writing: Writing
    caller: Caller | None = None
    csrf: str = ""
    preferences: dict[str, str] = field(default_factory=dict)

    def may(self, right: str) -> bool:
        """Whether the person's role has a right."""
        return self.caller is not None and Right(right) in RIGHTS[self.caller.role]


def cookie_name(*, secure: bool) -> str:
    return SECURE_COOKIE if secure else COOKIE


def visitor_of(sessions: Sessions, *, secure: bool) -> Visitor:
    """The visitor of the request at hand."""
    session = sessions.find(request.cookies.get(cookie_name(secure=secure), ""))
    return _visitor(session)


def _visitor(session: Session | None) -> Visitor:
    chosen: dict[str, Any] = session.preferences if session else {}
    zone = chosen.get("zone") or request.cookies.get(ZONE_COOKIE)
    writing = Writing.of(request.headers.get("Accept-Language", ""), zone, chosen.get("language"))
    if session is None:
        return Visitor(writing)
    return Visitor(writing, session.caller, session.csrf, chosen)


def visitor_now() -> Visitor:
    """The visitor of the request at hand, behind a guard."""
    return request.environ[VISITOR]  # type: ignore[no-any-return]


def language_now() -> str:
    """The language of the visitor at hand; English outside of a request for a page."""
    visitor: Visitor | None = request.environ.get(VISITOR)
    return visitor.writing.language if visitor else FALLBACK


def translate(text: str) -> str:
    """A text in the language of the visitor at hand."""
    return translations(language_now()).gettext(text)
