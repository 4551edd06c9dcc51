"""Causes and effects of an event over HTTP: GET /audit/chain/{event_id}."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

import msgspec
from flask import Response, request

from web.audit.search import answered
from web.guard import View
from web.parameters import single_parameters
from web.problems import Problem


class Chains(Protocol):
    """Answers what an event is connected with. Raises KeysBehind."""

    def chain_of(self, asked: UUID) -> Mapping[str, Any] | None: ...


def chain_view(chains: Chains) -> View:
    """GET /audit/chain/{event_id}."""

    def view(event_id: UUID) -> Response:
        single_parameters(request, set())
        return answered(lambda: _found(chains, event_id))

    return view


def _found(chains: Chains, event_id: UUID) -> Response:
    chain = chains.chain_of(event_id)
    if chain is None:
        raise Problem(404, "not_found", f"There is no event {event_id}.")
    return Response(msgspec.json.encode(chain), content_type="application/json", headers={"Cache-Control": "no-store"})
