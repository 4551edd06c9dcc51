"""The pages of keys and people, for who administers: made, replaced, revoked, barred.

A key is shown in the answer to the form that made it, and on no other page. The form makes the same key however often
it is sent, from what it says and a secret of the server: so a double click makes one key, nothing has to be kept for
it, and who reads the form on its way cannot tell the key.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from access.key_desk import ADMINS_MAX, SHOWN_MAX, KeyDesk, OfAColleague, may_replace
from access.key_form import id_in, key_of_form
from access.keys import ApiKey, holder_name
from access.people import PREFIX
from access.roles import Role
from web.guard import caller_now
from web.pages.remembering import remember
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.pages.visitor import visitor_now
from web.parameters import single_parameters
from web.problems import Problem

HOME = "/settings/keys"
LIVES: Mapping[str, timedelta | None] = {
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "365d": timedelta(days=365),
    "never": None,
}
OVERLAPS: Mapping[str, timedelta] = {
    "0h": timedelta(0),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
USUAL_LIFE, USUAL_OVERLAP = "90d", "24h"
FORM_MAX = 100


class KeyPages:
    """The views, over the desk that keeps keys; ``secret`` is what they are made with, ``provider`` what the OpenID
    provider is called, if there is one.
    """

    def __init__(self, desk: KeyDesk, secret: bytes, provider: str = "") -> None:
        self._desk = desk
        self._secret = secret
        self._provider = provider

    def page(self) -> Any:
        """GET /settings/keys."""
        asked = id_in(request.args.get("q", "").strip())
        if asked is not None:  # somebody looks for a whole key: it is not shown again
            return redirect(f"{HOME}?q={asked}", 303)
        return self._listed({})

    def create(self) -> Response:
        """POST /settings/keys: the new key, shown once; or the form again, with what is wrong."""
        given = {name: request.form.get(name, "").strip() for name in ("role", "name", "customer_id", "expires")}
        if given["role"] not in set(Role) or given["expires"] not in LIVES:
            raise _misread("role" if given["expires"] in LIVES else "expires")
        role = Role(given["role"])
        customer_id = given["customer_id"] or None
        if (role is Role.CUSTOMER) != (customer_id is not None):
            return self._listed(given, _("A key of a customer names the customer's id; no other key does."))
        try:
            name = holder_name(given["name"])
        except ValueError:
            return self._listed(given, _("A key has a name of 1 to 100 characters that can be shown."))
        lives = LIVES[given["expires"]]
        if role is Role.ADMIN and (lives is None or lives > ADMINS_MAX):
            return self._listed(given, _("A key of an admin ends after a year at the latest."))
        key = self._key(*given.values())
        try:
            self._desk.make(caller_now(), key, role, name, customer_id=customer_id, valid_for=lives)
        except ValueError:
            return self._listed(given, _("This form made a key before, which has ended. Send it again for another."))
        return self._shown(str(id_in(key)), key=key, status=201)

    def one(self, key_id: str) -> Response:
        """GET /settings/keys/{key_id}."""
        return self._shown(key_id)

    def rotate(self, key_id: str) -> Response:
        """POST /settings/keys/{key_id}/rotate: the key that takes its place, shown once."""
        overlap = request.form.get("overlap", "")
        if overlap not in OVERLAPS:
            raise _misread("overlap")
        try:
            replaced = self._desk.replace(caller_now(), key_id, self._key(key_id, overlap), OVERLAPS[overlap])
        except OfAColleague:
            raise Problem(
                403, "forbidden", "This key is a colleague's. Revoke it, and make one with a name of its own."
            ) from None
        if replaced is None:
            raise _ended(key_id)
        return self._shown(str(id_in(replaced.key)), key=replaced.key, old=self._desk.one(key_id), status=201)

    def revoke(self, key_id: str) -> Any:
        """POST /settings/keys/{key_id}/revoke."""
        if not self._desk.end(caller_now(), key_id) and self._desk.one(key_id) is None:
            raise NotFound
        answer = redirect(HOME, 303)
        remember(answer, _("The key is revoked."), None)
        return answer

    def bar(self, person_id: str, verb: str) -> Any:
        """POST /settings/people/{person_id}/bar or unbar."""
        if verb not in {"bar", "unbar"} or not person_id.startswith(PREFIX):
            raise NotFound
        self._desk.bar(caller_now(), person_id, barred=verb == "bar", revoked=request.form.getlist("revoke"))
        answer = redirect(HOME, 303)
        said = {"bar": _("Nobody comes in by this account any more."), "unbar": _("They may come in again.")}
        remember(answer, said[verb], None)
        return answer

    def _key(self, *said: str) -> str:
        """The key that this form makes, filled in so, in this session."""
        form = request.form.get("key", "")
        if not 16 <= len(form) <= FORM_MAX:
            raise _misread("key")
        return key_of_form(self._secret, "\n".join([visitor_now().csrf, form, *said]))

    def _listed(self, given: Mapping[str, str], wrong: str = "") -> Response:
        text = "" if wrong else single_parameters(request, {"q"}).get("q") or ""
        wanted = text.strip()[:FORM_MAX]
        keys, people = self._desk.found(wanted), self._desk.people(wanted)
        return render(
            "keys.html",
            status=422 if wrong else 200,
            keys=keys,
            makers=self._desk.makers(keys),
            people=people,
            made=self._desk.made_by(people),
            many=len(people) == SHOWN_MAX,
            provider=self._provider or ("OpenID" if self._desk.knows_people() else ""),  # by tokens, or from before
            asked=text,
            full=len(keys) == SHOWN_MAX,
            now=datetime.now(UTC),
            form={"role": "integrator", "expires": USUAL_LIFE, **given},
            wrong=wrong,
            roles=[role.value for role in Role],
            lives=_words(),
        )

    def _shown(self, key_id: str, *, key: str = "", old: ApiKey | None = None, status: int = 200) -> Response:
        found = self._desk.one(key_id)
        if found is None:
            raise NotFound
        return render(
            "key.html",
            status=status,
            shown=found,
            maker=self._desk.makers([found]).get(found.id, ""),
            key=key,
            old=old,
            own=found.id == caller_now().key_id,
            replaceable=may_replace(caller_now(), found),
            now=datetime.now(UTC),
            overlaps=_words(),
            usual=USUAL_OVERLAP,
            home=HOME,
        )


def _words() -> dict[str, str]:
    """What lives and overlaps are called, in the order in which they are offered."""
    return {
        "0h": _("ends at once"),
        "1h": _("1 hour"),
        "24h": _("24 hours"),
        "7d": _("7 days"),
        "30d": _("30 days"),
        "90d": _("90 days"),
        "365d": _("1 year"),
        "never": _("no end"),
    }


def _misread(field: str) -> Problem:
    return Problem(422, "invalid_value", f"The form has no {field} that is offered. Load the page again.")


def _ended(key_id: str) -> Problem:
    return Problem(404, "not_found", f"There is no valid key {key_id}; it has ended, or never was.")
