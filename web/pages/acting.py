"""How a page acts: it posts to a command as any program does, as the person who is signed in, and shows the outcome.

The request goes through the very view that serves the API: the same rights, house rules, schemas, desk and refusals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from flask import Flask, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from access.roles import Caller
from web.guard import CALLER, View, caller_now
from web.observing import CORRELATION

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command answered: its answer, or the problem that it was refused with."""

    status: int
    document: Json

    @property
    def done(self) -> bool:
        return self.status < 300

    @property
    def waits(self) -> bool:
        """Whether it needs a second person, and nothing is done yet."""
        return self.status == 202 and self.code == "approval_required"

    @property
    def code(self) -> str:
        return str(self.document.get("code", ""))

    @property
    def stale(self) -> bool:
        """Whether the order has gone on since the form was made."""
        return self.status == 412


def as_signed_in(_authorization: str | None) -> Caller:
    """The person at the page, where a program would show its key."""
    caller: Caller = request.environ[CALLER]
    return caller


Door = Mapping[str, View]


class Acting:
    """Sends commands from pages; ``views`` are those of the API, which know their caller by ``as_signed_in``."""

    def __init__(self, app: Flask, views: Door) -> None:
        self._app = app
        self._views = views

    def knows(self, name: str) -> bool:
        return name in self._views

    def verbs(self, collection: str) -> list[str]:
        """What can be done to a document of this kind."""
        return [name.partition("/")[2] for name in self._views if name.startswith(f"{collection}/")]

    def send(
        self,
        name: str,
        target: UUID | None,
        body: Json,
        *,
        key: str | None = None,
        version: int | None = None,
        customer_id: str | None = None,
    ) -> Outcome:
        """Do it; a refusal is an outcome like any other. Some commands name a customer where others have a target."""
        collection, _, verb = name.partition("/")
        named = str(target) if target else quote(customer_id or "", safe="")
        path = f"/commands/{collection}/{named}/{verb}" if named else f"/commands/{name}"
        headers = {"Idempotency-Key": key} if key else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        view = self._views[name]
        arguments: Json = {"target": target} if target else {}
        arguments |= {"customer_id": customer_id} if customer_id else {}
        return self._posted(path, msgspec.json.encode(body), headers, lambda: view(**arguments))

    def _posted(self, path: str, body: bytes, headers: Mapping[str, str], view: Callable[[], Any]) -> Outcome:
        builder = EnvironBuilder(
            path, method="POST", data=body, content_type="application/json", headers=Headers(dict(headers))
        )
        environ = builder.get_environ()
        environ[CALLER], environ[CORRELATION] = caller_now(), request.environ[CORRELATION]
        with self._app.request_context(environ):
            try:
                answer = self._app.make_response(view())
            except Exception as error:  # noqa: BLE001  (each becomes the problem that the API would answer)
                answer = self._app.make_response(self._app.handle_user_exception(error))
        return Outcome(answer.status_code, msgspec.json.decode(answer.get_data()))
