"""A form for every command: drawn from the command's schema, prefilled with what is left, answered where it stands.

A form carries a key of its own, so that a double click acts once, and the version that it was made from, so that over a
newer one it says what changed instead of overwriting it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

from web.pages import command_words
from web.pages.acting import Acting, Outcome
from web.pages.form_reading import body_of
from web.pages.guard import own_path
from web.pages.prefill import prefilled
from web.pages.remembering import remember
from web.pages.rendering import render
from web.pages.schemas import Body
from web.pages.visitor import translate as _
from web.pages.visitor import visitor_now
from web.queries.ports import DocumentQueries, OrderQueries

Json = dict[str, Any]
Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Over:
    """What a form is about: the document, the order that it belongs to if any, and where both are shown."""

    document: Shown
    order: Shown
    home: str

    @property
    def version(self) -> int:
        return int(self.document["version"])

    @property
    def position(self) -> int:
        return int(self.document["position"])


class Forms:
    """The views of all forms; ``choices`` are the merchant's codes by field."""

    def __init__(
        self,
        acting: Acting,
        bodies: Mapping[str, Body],
        orders: OrderQueries,
        documents: DocumentQueries,
        choices: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._acting = acting
        self._bodies = bodies
        self._orders = orders
        self._documents = documents
        self._choices = choices

    def show(self, collection: str, target: UUID, verb: str) -> Response:
        """GET /act/{collection}/{id}/{verb}: the form, alone or as a part of a page."""
        name, over = self._found(collection, target, verb)
        return self._drawn(name, target, over, prefilled(name, over.document, over.order))

    def send(self, collection: str, target: UUID, verb: str) -> Any:
        """POST /act/{collection}/{id}/{verb}."""
        name = self._name(collection, verb)
        body = body_of(self._bodies[name].shapes, request.form, visitor_now().writing)
        version = request.form.get("version", "")
        outcome = self._acting.send(
            name,
            target,
            body,
            key=request.form.get("key") or None,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        )
        if outcome.done:
            return done(name, outcome, self._home(collection, target, outcome))
        over = self._found(collection, target, verb)[1]
        values = _typed(body, prefilled(name, over.document, over.order))
        return self._drawn(name, target, over, values, outcome)

    def _name(self, collection: str, verb: str) -> str:
        name = f"{collection}/{verb}"
        if not self._acting.knows(name) or name not in self._bodies:
            raise NotFound
        return name

    def _found(self, collection: str, target: UUID, verb: str) -> tuple[str, Over]:
        name = self._name(collection, verb)
        if collection == "orders":
            order = self._orders.order_detail(target, None, None, reasons=True)
            if order is None:
                raise NotFound
            return name, Over(order, order, f"/orders/{target}")
        document = self._documents.detail(collection, target, None)
        if document is None:
            raise NotFound
        order_id = document.get("order_id")
        order = self._orders.order_detail(UUID(order_id), None, None, reasons=False) if order_id else None
        return name, Over(document, order or {}, f"/orders/{order_id}" if order_id else f"/{collection}/{target}")

    def _home(self, collection: str, target: UUID, outcome: Outcome) -> str:
        """Where to go when it is done: where the form came from, or to what came into being."""
        if "order_id" in outcome.document and collection == "orders":
            return f"/orders/{outcome.document['order_id']}"
        return own_path(request.form.get("next", f"/{collection}/{target}"))

    def _drawn(self, name: str, target: UUID, over: Over, values: Json, outcome: Outcome | None = None) -> Response:
        changed: list[Shown] = []
        if outcome is not None and outcome.stale:
            since = request.form.get("position", "0")
            seen = int(since) if since.isascii() and since.isdigit() and len(since) < 19 else 0
            changed = [told for told in over.order.get("timeline", ()) if told["position"] > seen]
        part = "HX-Request" in request.headers
        return render(
            "form.html" if part else "form_page.html",
            status=200 if outcome is None else outcome.status,
            **self.values(name, f"/act/{name.replace('/', f'/{target}/')}", over, values),
            outcome=outcome,
            changed=changed,
            key=str(uuid4()) if outcome is None or outcome.stale else request.form.get("key"),
        )

    def values(self, name: str, action: str, over: Over, values: Json) -> Json:
        """What the template of a form needs."""
        body = self._bodies[name]
        return {
            "command": name,
            "called": command_words.called(name),
            "called_field": command_words.field_called,
            "ending": name in command_words.ENDING,
            "action": action,
            "shapes": [shape for shape in body.shapes if shape.kind != "id"],
            "given": values,
            "choices": self._choices,
            "version": over.version,
            "position": over.position,
            "home": over.home,
        }


def _typed(body: Json, fresh: Json) -> Json:
    """What was typed, over what is known of each row."""
    typed = fresh | body
    for name, rows in fresh.items():
        sent = body.get(name)
        if isinstance(rows, list) and isinstance(sent, list) and rows and "line_id" in rows[0]:
            quantities = {row.get("line_id"): row for row in sent}
            nothing = {"quantity": 0}
            typed[name] = [row | (quantities.get(row.get("line_id")) or nothing) for row in rows]
        elif isinstance(rows, list):
            typed[name] = rows
    return typed


def done(name: str, outcome: Outcome, home: str) -> Any:
    """Go on after a command: with a word about it, and with lists that know it already."""
    told = waits_told(name) if outcome.waits else told_of(name, outcome.document)
    if "HX-Request" in request.headers:
        answer = Response(status=204, headers={"HX-Redirect": home})
    else:
        answer = redirect(home, 303)  # type: ignore[assignment]
    remember(answer, told, outcome.document.get("position"))
    return answer


def waits_told(name: str) -> str:
    """That a second person has to agree first, in a sentence."""
    return _("%(what)s: a second person has to agree first. Nothing is done yet.") % {
        "what": command_words.called(name)
    }


def told_of(name: str, answer: Json) -> str:
    """What was done, in a sentence."""
    number = next((answer[key] for key in answer if key.endswith("_number") and key != "order_number"), None)
    called = command_words.called(name)
    what = f"{called}: {number}" if number else called
    return _("Done: %(what)s.") % {"what": what}
