"""The pages of an auditor: search of the log, causes and effects, proofs, reports, refusals, looks at personal data.

They ask what the API answers, with the parameters of the API; a field left empty is none. Everything can be read and
asked without scripts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request
from werkzeug.exceptions import NotFound

from projections.audit.reports.report import Report
from web.audit.asking import Asking
from web.audit.noted import (
    COMMON,
    OF_ACCESSES,
    OF_REFUSALS,
    accesses_page,
    refusals_page,
    shown,
)
from web.audit.reports import AT_ONCE, PERIOD, begun, listed, period_of, report_csv_view
from web.audit.search import OF_BOTH, OF_SEARCH, answered, asked_of
from web.guard import View
from web.pages.rendering import render
from web.parameters import single_parameters
from web.paths import NOTHING, Shows

ROWS_MAX = 500
SEARCHED = ("actor", "type", "order_id", "command_id", "correlation_id", "amount", "reason")
Given = dict[str, str]


@dataclass(frozen=True, slots=True)
class AuditPages:
    """The views; ``proof`` is that of the API."""

    asking: Asking
    proof_of: Callable[[int], Mapping[str, Any]]

    def search(self) -> Response:
        """GET /audit/search."""
        given = _given(OF_SEARCH | OF_BOTH)

        def found() -> Response:
            page = self.asking.search.page(asked_of(given, self.asking.search))
            places = {
                name: None if position is None else _address(given, f"{name}.{position}")
                for name, position in (("next", page.next), ("previous", page.previous))
            }
            return render("audit_search.html", given=given, fields=SEARCHED, page=page, places=places)

        return answered(found)

    def causes(self, event_id: UUID) -> Response:
        """GET /audit/causes/{event_id}."""

        def found() -> Response:
            chain = self.asking.chains.chain_of(event_id)
            if chain is None:
                raise NotFound
            return render("audit_causes.html", chain=chain)

        return answered(found)

    def proof(self, position: int) -> Response:
        """GET /audit/proof/{position}."""
        return render("audit_proof.html", proof=self.proof_of(position))

    def figures(self) -> Response:
        """GET /audit/figures: the reports there are."""
        return render("audit_figures.html", reports=listed(self.asking.reports))

    def figure(self, name: str) -> Response:
        """GET /audit/figures/{name}: the summary of a report and its first rows."""
        report = self._report(name)
        given = _given(PERIOD if report.by_period else frozenset())

        def found() -> Response:
            held, told = begun(report, period_of(report, given), BoundedSemaphore(1))
            with held:
                rows = list(islice(told.rows, ROWS_MAX))
                more = sum(1 for _ in told.rows)
                summary = told.summary()
            return render(
                "audit_figure.html",
                report=report,
                given=given,
                rows=rows,
                more=more,
                summary=_tables(summary),
                position=told.position,
                file=f"/audit/figures/{name}.csv" + (f"?{urlencode(given)}" if given else ""),
            )

        return answered(found)

    def refusals(self) -> Response:
        """GET /audit/refused."""
        given = _given(COMMON | OF_REFUSALS)
        page = refusals_page(self.asking.refusals, given)
        following = None if page.next is None else _address(given, str(page.next))
        items = [shown(item) for item in page.items]
        return render("audit_refused.html", given=given, items=items, following=following)

    def accesses(self) -> Response:
        """GET /audit/looks."""
        given = _given(COMMON | OF_ACCESSES)
        page = accesses_page(self.asking.accesses, given, self.asking.customer_hash)
        following = None if page.next is None else _address(given, str(page.next))
        items = [shown(item) for item in page.items]
        return render("audit_looks.html", given=given, items=items, following=following)

    def files(self) -> Iterator[tuple[str, Shows | None, View]]:
        """GET /audit/figures/{name}.csv of each report."""
        turns = BoundedSemaphore(AT_ONCE)
        for report in self.asking.reports:
            shows: Shows | None = "report" if report.shows_people else NOTHING
            yield f"/audit/figures/{report.name}.csv", shows, report_csv_view(report, turns)

    def _report(self, name: str) -> Report:
        for report in self.asking.reports:
            if report.name == name:
                return report
        raise NotFound


def proofs(view: View) -> Callable[[int], Mapping[str, Any]]:
    """What the API's view of proofs answers, as plain values."""

    def proof(position: int) -> Mapping[str, Any]:
        answer: Response = view(position=position)
        found: Mapping[str, Any] = msgspec.json.decode(answer.get_data())
        return found

    return proof


def _given(known: frozenset[str]) -> Given:
    """The parameters that have a value: a form sends its empty fields too."""
    return {name: value for name, value in single_parameters(request, known).items() if value.strip()}


def _address(given: Given, cursor: str) -> str:
    return f"{request.path}?{urlencode({**given, 'cursor': cursor})}"


def _tables(summary: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Each part of a summary: a table where it is a list, else a plain value."""
    return [(name, value) for name, value in summary.items() if value not in ({}, [], None)]
