"""The auditor's reports over HTTP (GET): as JSON and as CSV, both sent while they are made; and the list of them.

A report reads the log for as long as its reader reads; a few at once and no more. It holds no turn while it is sent.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from threading import BoundedSemaphore
from typing import Any

import msgspec
from flask import Response, request

from projections.audit.reports.report import Period, Report, Told
from projections.paging.parameters import read_time
from projections.paging.query import InvalidParameterError
from projections.paging.times import rfc3339
from web.audit.search import answered
from web.audit.sending import sent, without_turn
from web.guard import View
from web.parameters import invalid_parameter, single_parameters
from web.problems import RETRY_AFTER_SECONDS, Problem
from web.queries.export_files import csv_pieces

AT_ONCE = 2
ROWS_AT_ONCE = 500
PERIOD = frozenset({"recorded_from", "recorded_to"})


def reports_view(reports: Sequence[Report]) -> View:
    """GET /audit/reports."""

    def view() -> Response:
        single_parameters(request, set())
        return Response(msgspec.json.encode({"items": listed(reports)}), content_type="application/json")

    return view


def listed(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """What there is to ask for."""
    return [
        {
            "name": report.name,
            "title": report.title,
            "about": report.about,
            "parameters": sorted(PERIOD) if report.by_period else [],
            "columns": report.columns,
            "json": f"/audit/reports/{report.name}",
            "csv": f"/audit/reports/{report.name}.csv",
        }
        for report in reports
    ]


def period_of(report: Report, given: dict[str, str]) -> Period:
    """What was recorded in the period that the parameters name. Raises Problem."""
    times = {}
    for name in sorted(PERIOD & given.keys()):
        try:
            times[name] = read_time(name, given[name], end_of_day=name == "recorded_to")
        except InvalidParameterError as wrong:
            raise invalid_parameter(wrong.name, wrong.message, malformed=wrong.malformed) from wrong
    period = Period(times.get("recorded_from"), times.get("recorded_to"))
    if period.recorded_from and period.recorded_to and period.recorded_from > period.recorded_to:
        raise invalid_parameter("recorded_to", "Must not lie before recorded_from.", malformed=False)
    return period


def report_view(report: Report, turns: BoundedSemaphore) -> View:
    """GET /audit/reports/{name}: an object with the rows and, after them, the summary."""

    def view() -> Response:
        period = period_of(report, single_parameters(request, PERIOD if report.by_period else set()))
        held, told = begun(report, period, turns)
        return sent(held, _object(report, period, told), "application/json", {})

    return lambda: answered(view)


def report_csv_view(report: Report, turns: BoundedSemaphore) -> View:
    """GET /audit/reports/{name}.csv: the rows alone."""

    def view() -> Response:
        known = {"bom"} | (PERIOD if report.by_period else set())
        given = single_parameters(request, known)
        bom = given.pop("bom", "0")
        if bom not in {"0", "1"}:
            raise invalid_parameter("bom", "Must be 1 or 0.")
        held, told = begun(report, period_of(report, given), turns)
        pieces = csv_pieces(_by_pieces(told.rows), report.columns, report.amounts, bom=bom == "1")
        name = f'attachment; filename="{report.name}.csv"'
        headers = {"Content-Disposition": name, "Daybook-Position": str(told.position)}
        return sent(held, pieces, "text/csv; charset=utf-8", headers)

    return lambda: answered(view)


def begun(report: Report, period: Period, turns: BoundedSemaphore) -> tuple[ExitStack, Told]:
    """The report, of which the first row was made: what is wrong is said before anything is sent. Raises Problem."""
    if not turns.acquire(blocking=False):
        detail = "Too many reports are made at the moment."
        raise Problem(503, "export_busy", detail, headers={"Retry-After": RETRY_AFTER_SECONDS})
    held = ExitStack()
    held.callback(turns.release)
    try:
        with without_turn():
            told = report.told(period)
            rows = told.rows
            held.callback(rows.close)  # type: ignore[attr-defined]  # a generator
            told.rows = chain(list(islice(rows, 1)), rows)
    except BaseException:
        held.close()
        raise
    return held, told


def _object(report: Report, period: Period, told: Told) -> Iterator[bytes]:
    head = {
        "report": report.name,
        "recorded_from": None if period.recorded_from is None else rfc3339(period.recorded_from),
        "recorded_to": None if period.recorded_to is None else rfc3339(period.recorded_to),
        "position": told.position,
        "columns": report.columns,
    }
    yield msgspec.json.encode(head)[:-1] + b',"rows":['
    between = b""
    for piece in _by_pieces(told.rows):
        yield between + msgspec.json.encode(piece)[1:-1]
        between = b","
    yield b'],"summary":' + msgspec.json.encode(told.summary()) + b"}"


def _by_pieces(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while piece := list(islice(rows, ROWS_AT_ONCE)):
        yield piece
