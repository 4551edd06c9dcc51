"""Webhooks of payment providers: signed reports that become commands. Open to all, believed by signature alone."""

from typing import Protocol

from flask import Response, request

from application.command import Command
from web.access import View
from web.capacity import read_body
from web.commands.ports import Desk
from web.problems import Problem
from web.requests import BODY_MAX_BYTES, refuse_parameters


class Webhook(Protocol):
    """Reads the reports of one provider."""

    signature_header: str

    def command(self, payload: bytes, signature: str) -> Command | None:
        """The command that a report asks for, if any; raises ValueError unless it is the provider's own."""


def webhook_view(webhook: Webhook, desk: Desk) -> View:
    """POST /webhooks/{provider}: 204 when it was recorded, or asks for nothing."""

    def view() -> Response:
        refuse_parameters(request)
        signature = request.headers.get(webhook.signature_header)
        if signature is None:
            raise Problem(400, "invalid_signature", f"A report is signed in the header {webhook.signature_header}.")
        payload = read_body(request.environ, BODY_MAX_BYTES)
        try:
            command = webhook.command(payload, signature)
        except ValueError as error:
            raise Problem(400, "invalid_signature", "The report is not signed as the provider signs.") from error
        if command is not None:
            desk.execute(command)
        return Response(status=204)

    return view
