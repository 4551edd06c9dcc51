"""The pages of webhooks: who is told, how that goes, and what can be done about it; for people who administer.

Everything is done by the commands that programs send, with their refusals. A secret is shown in the answer to the form
that made it and on no other page.
"""

from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from web.pages.acting import Acting, Outcome
from web.pages.remembering import remember
from web.pages.rendering import render
from web.pages.visitor import translate as _
from web.pages.warehouse import Refused
from web.parameters import single_parameters
from web.webhooks.queries import page_of, shown, told
from webhooks.deliveries import STATUSES
from webhooks.desk import EndpointDesk

Json = dict[str, Any]
DELIVERIES_SHOWN = 50
HOME = "/settings/webhooks"


class WebhookPages:
    """The views, over the desk that keeps endpoints."""

    def __init__(self, desk: EndpointDesk, acting: Acting) -> None:
        self._desk = desk
        self._acting = acting

    def page(self) -> Response:
        """GET /settings/webhooks."""
        return self._listed({"events": "*"})

    def create(self) -> Response:
        """POST /settings/webhooks: the new one with its secret; or the form again, with what is wrong."""
        given = {name: request.form.get(name, "").strip() for name in ("url", "events", "description")}
        body = given | {"events": given["events"].replace(",", " ").split()}
        outcome = self._acting.send("webhooks", None, body, key=request.form.get("key") or None)
        if not outcome.done:
            return self._listed(given, outcome)
        return self._shown(UUID(outcome.document["webhook_id"]), {}, secret=outcome.document["secret"])

    def one(self, webhook_id: UUID) -> Response:
        """GET /settings/webhooks/{webhook_id}: how it stands, and what was sent."""
        given = single_parameters(request, {"status", "cursor"})
        return self._shown(webhook_id, {name: value for name, value in given.items() if value})

    def act(self, webhook_id: UUID, verb: str) -> Any:
        """POST /settings/webhooks/{webhook_id}/{verb}: do it, and show what came of it."""
        name = f"webhooks/{verb}"
        if not self._acting.knows(name):
            raise NotFound
        outcome = self._acting.send(name, webhook_id, self._body(verb), key=request.form.get("key") or None)
        if not outcome.done:
            raise Refused(outcome)
        if "secret" in outcome.document:
            return self._shown(webhook_id, {}, secret=outcome.document["secret"])
        answer = redirect(HOME if verb == "delete" else f"{HOME}/{webhook_id}", 303)
        remember(answer, self._said(verb, outcome), None)
        return answer

    @staticmethod
    def _body(verb: str) -> Json:
        form = request.form
        if verb == "change":
            events = form.get("events", "").replace(",", " ").split()
            return {"url": form.get("url", "").strip(), "events": events, "description": form.get("description", "")}
        if verb == "redeliver" and form.get("event_id"):
            return {"event_id": form["event_id"]}
        if verb == "redeliver":
            return {"since": "1970-01-01T00:00:00Z"}
        return {"missed": form["missed"]} if verb == "resume" and form.get("missed") else {}

    @staticmethod
    def _said(verb: str, outcome: Outcome) -> str:
        """What was done, in a sentence."""
        document = outcome.document
        if verb == "test" and document["delivered"]:
            return _("The test event arrived.")
        if verb == "test":
            return (
                _("The test event did not arrive.") + f" {document['status'] or ''} {document['error'] or ''}".rstrip()
            )
        done = {
            "change": _("The webhook was changed."),
            "pause": _("The webhook is paused."),
            "resume": _("The webhook sends again."),
            "delete": _("The webhook was deleted."),
            "redeliver": _("It is sent again."),
        }
        return done[verb]

    def _listed(self, form: Json, refused: Outcome | None = None) -> Response:
        items = [shown(*each) for each in self._desk.all()]
        problem = refused.document if refused else None
        return render(
            "webhooks.html", status=refused.status if refused else 200, items=items, form=form, problem=problem
        )

    def _shown(self, webhook_id: UUID, given: dict[str, str], secret: str | None = None) -> Response:
        found = self._desk.one(webhook_id)
        if found is None:
            raise NotFound
        deliveries, following = page_of(self._desk, webhook_id, given, DELIVERIES_SHOWN)
        return render(
            "webhook.html",
            webhook=shown(*found),
            deliveries=[told(each) for each in deliveries],
            following=following,
            status_asked=given.get("status", ""),
            statuses=STATUSES,
            home=HOME,
            secret=secret,
        )
