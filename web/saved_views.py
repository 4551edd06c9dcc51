"""Saved views over HTTP: the lists that people want to see again. They belong to people and never to an order."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from flask import Response, request

from access.saved_views import VIEWS_MAX, DuplicateView, SavedView, SavedViews, TooManyViews
from web.guard import View, caller_now
from web.problems import Problem, invalid_header
from web.queries.answering import FRESH, json_answer
from web.requests import read_json, refuse_parameters
from web.schemas.body import Body
from web.schemas.fields import Flag, Id, Items, Text

NAME_MAX = 60
QUERY_MAX = 4000
COLUMNS_MAX = 60


class SaveView(Body):
    """A view to keep: the query string of the grid, the columns it shows, whether all may see it."""

    view_id = Id()
    name = Text(NAME_MAX, required=True)
    query = Text(QUERY_MAX, low=0, required=True)
    columns = Items(Text(64), low=0, high=COLUMNS_MAX)
    shared = Flag()


class RenameView(Body):
    """The new name of a view."""

    name = Text(NAME_MAX, required=True)


class NoBody(Body):
    """Nothing more to say."""


def views_view(views: SavedViews) -> View:
    """GET /queries/views."""

    def view() -> Response:
        refuse_parameters(request)
        listed = [shown(each, caller_now().key_id) for each in views.of(caller_now().key_id)]
        return json_answer(msgspec.json.encode({"items": listed}), FRESH)

    return view


def shown(view: SavedView, key_id: str) -> dict[str, Any]:
    """A view as its readers see it; ``own`` says whether they may change it."""
    return {
        "view_id": str(view.view_id),
        "name": view.name,
        "query": view.query,
        "columns": list(view.columns),
        "shared": view.shared,
        "own": view.key_id == key_id,
        "owner": view.owner,
        "updated_at": view.updated_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def keep(views: SavedViews, body: Mapping[str, Any]) -> UUID:
    """Keep a view of the caller; raises Problem."""
    caller, now = caller_now(), datetime.now(UTC)
    view_id = body.get("view_id") or uuid4()
    query = body["query"].lstrip("?")
    columns = body.get("columns") or []
    try:
        name, shared = body["name"].strip(), bool(body.get("shared"))
        views.keep(SavedView(view_id, caller.key_id, name, query, columns, shared, now, now, ""))
    except TooManyViews:
        detail = f"A person keeps at most {VIEWS_MAX} views; delete one first."
        raise Problem(409, "too_many_views", detail) from None
    except DuplicateView:
        raise Problem(409, "duplicate_view", f"There is a view {view_id} already.") from None
    return view_id


def save_view(views: SavedViews) -> View:
    """POST /commands/views."""
    schema = SaveView()

    def view() -> Response:
        view_id = keep(views, _read(schema))
        return Response(msgspec.json.encode({"view_id": str(view_id)}), 201, content_type="application/json")

    return view


def rename_view(views: SavedViews) -> View:
    """POST /commands/views/{view_id}/rename."""
    schema = RenameView()

    def view(view_id: UUID) -> Response:
        name = _read(schema)["name"].strip()
        return _done(view_id, changed=views.rename(caller_now().key_id, view_id, name))

    return view


def delete_view(views: SavedViews) -> View:
    """POST /commands/views/{view_id}/delete."""
    schema = NoBody()

    def view(view_id: UUID) -> Response:
        _read(schema)
        return _done(view_id, changed=views.delete(caller_now().key_id, view_id))

    return view


def _read(schema: Body) -> Any:
    """What the body says. The headers of commands on orders are refused: whoever sends them counts on them."""
    refuse_parameters(request)
    for name in ("Idempotency-Key", "If-Match"):
        if name in request.headers:
            raise invalid_header(name, "Commands on views take none. A view_id in the body makes a repeat known.")
    return schema.load(read_json(request)[0])


def _done(view_id: UUID, *, changed: bool) -> Response:
    if not changed:
        raise Problem(404, "not_found", f"You have no view {view_id}.")
    return json_answer(msgspec.json.encode({"view_id": str(view_id)}))
