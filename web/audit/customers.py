"""What is kept about a customer over HTTP (GET), for who asks for it by right."""

from collections.abc import Iterator
from typing import Protocol

from flask import Response, request

from web.guard import View
from web.parameters import single_parameters
from web.problems import Problem

CUSTOMER_ID_MAX = 128


class AccessReports(Protocol):
    """Makes the reports."""

    def report(self, customer_id: str) -> Iterator[bytes] | None:
        """A JSON object in pieces; None when nothing is kept."""


def access_report_view(reports: AccessReports) -> View:
    """GET /audit/customers/{customer_id}/access-report, streamed."""

    def view(customer_id: str) -> Response:
        single_parameters(request, set())
        fits = len(customer_id) <= CUSTOMER_ID_MAX and "\0" not in customer_id
        pieces = reports.report(customer_id) if fits else None
        if pieces is None:
            raise Problem(404, "not_found", "Nothing is kept under this customer id, or it was erased.")
        return Response(pieces, content_type="application/json", headers={"Cache-Control": "no-store"})

    return view
