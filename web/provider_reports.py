"""Reports of payment providers and carriers: signed requests (they say webhooks) that become commands.

They are open to all, and believed by their signatures alone.

A provider sends a report again for days until it is acknowledged, and in the end gives the endpoint up. So only what
may succeed later is answered with an error; what is none of ours, or comes when the order has gone on, is acknowledged,
logged and counted.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from flask import Response, request
from prometheus_client import Counter

from application.command import Command
from domain.refusals import Kind, Refusal
from web.capacity import read_body
from web.commands.ports import Desk
from web.guard import View
from web.problems import Problem
from web.requests import refuse_parameters

# An order may be placed a moment after its payment was begun. One that is unknown for longer than this is none of ours.
ORDER_COMES_WITHIN = timedelta(hours=1)
# Nobody has shown a key when a body is read here, and a provider's reports are some kilobytes.
REPORT_MAX_BYTES = 256 * 1024

REPORTS = Counter("daybook_webhook_reports", "Signed reports of providers.", ["provider", "outcome"])

log = structlog.get_logger("web")


class Report(Protocol):
    """What a provider reports."""

    @property
    def event_id(self) -> str: ...

    @property
    def reported_at(self) -> datetime: ...

    @property
    def commands(self) -> Sequence[Command]:
        """The commands that it asks for, in their order."""

    @property
    def foreign(self) -> bool:
        """Whether it is about something that is none of ours."""


class ProviderReports(Protocol):
    """Reads the reports of one provider."""

    signature_header: str

    def read(self, payload: bytes, signature: str) -> Report:
        """What is reported; raises ValueError unless it is the provider's own."""


def report_view(provider: str, reports: ProviderReports, desk: Desk) -> View:
    """POST /webhooks/{provider}: 204 when it was recorded, asks for nothing, or never can be."""

    def view() -> Response:
        refuse_parameters(request)
        report = _signed(reports)
        outcomes = {_executed(desk, report, command) for command in report.commands}
        for outcome in outcomes or {"foreign" if report.foreign else "nothing"}:
            REPORTS.labels(provider, outcome).inc()
            if outcome not in {"recorded", "nothing"}:
                order_id = next((str(command.target) for command in report.commands if command.target), None)
                log.warning(
                    "webhook_noted", provider=provider, event_id=report.event_id, outcome=outcome, order_id=order_id
                )
        return Response(status=204)

    return view


def _signed(reports: ProviderReports) -> Report:
    signature = request.headers.get(reports.signature_header)
    if signature is None:
        raise Problem(400, "invalid_signature", f"A report is signed in the header {reports.signature_header}.")
    payload = read_body(request.environ, REPORT_MAX_BYTES)
    try:
        return reports.read(payload, signature)
    except ValueError as error:
        raise Problem(400, "invalid_signature", "The report is not signed as the provider signs.") from error


def _executed(desk: Desk, report: Report, command: Command) -> str:
    """What came of it, in a word: recorded, or the code of a refusal that asking again would not change."""
    try:
        desk.execute(command)
    except Refusal as refusal:
        comes_yet = datetime.now(UTC) - report.reported_at < ORDER_COMES_WITHIN
        if refusal.kind is Kind.UNAVAILABLE or refusal.code == "concurrent_change":
            raise
        if refusal.kind is Kind.UNKNOWN and comes_yet:
            raise
        return refusal.code
    return "recorded"
