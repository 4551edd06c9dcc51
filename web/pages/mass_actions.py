"""One command for many orders: of the ticked ones, or of all that match; with a result for each that can be kept.

The results are sent while the work goes on, a row as soon as its order is through. Each order has a key and a
transaction of its own, so one that refuses harms no other, and a form that is sent twice acts once. Who leaves the page
stops the rest; what was done by then is kept.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, stream_with_context
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from access.mass_actions import RESULTS_MAX, MassActions
from web.guard import caller_now
from web.pages import command_words
from web.pages.acting import Acting
from web.pages.choosing import chosen_orders
from web.pages.rendering import HEADERS, render, text_of
from web.pages.visitor import translate as _
from web.problems import Problem
from web.queries.export_files import harmless
from web.queries.ports import OrderQueries

# What can be done to many: the command, and its body when everything is meant.
ACTIONS: dict[str, dict[str, Any]] = {
    "orders/hold": {},
    "orders/release": {},
    "orders/cancel": {},
    "orders/invoices": {"lines": "all_remaining"},
}
MARK = "<!-- rows -->"
Result = dict[str, Any]


class MassActing:
    """The views of mass actions."""

    def __init__(self, orders: OrderQueries, acting: Acting, kept: MassActions) -> None:
        self._orders = orders
        self._acting = acting
        self._kept = kept

    def start(self) -> Any:
        """POST /orders/act: do it, and show the results as they come."""
        action = request.form.get("action", "")
        if action not in ACTIONS or not self._acting.knows(action):
            raise Problem(422, "invalid_value", _("Choose what is to be done."))
        run_id = UUID(request.form["run"])
        orders = chosen_orders(self._orders, RESULTS_MAX)
        if not self._kept.begin(run_id, caller_now().key_id, action):
            return redirect(f"/orders/act/{run_id}", 303)
        reason = request.form.get("reason", "").strip()
        body = ACTIONS[action] | ({"reason": reason} if reason else {})
        return Response(
            stream_with_context(self._page(run_id, action, body, orders)),
            headers=HEADERS,
            content_type="text/html; charset=utf-8",
        )

    def _page(self, run_id: UUID, action: str, body: Result, orders: list[tuple[str, str]]) -> Iterator[str]:
        called = command_words.called(action)
        frame = text_of("mass_results.html", called=called, run_id=run_id, results=None, asked=len(orders), mark=MARK)
        head, _mark, tail = frame.partition(MARK)
        yield head
        results: list[Result] = []
        try:
            for order_id, number in orders:
                results.append(self._one(run_id, action, body, order_id, number))
                yield text_of("mass_row.html", result=results[-1])
        finally:
            self._kept.end(run_id, results)
        yield text_of("mass_summary.html", run_id=run_id, **_summed(results))
        yield tail

    def _one(self, run_id: UUID, action: str, body: Result, order_id: str, number: str) -> Result:
        outcome = self._acting.send(action, UUID(order_id), body, key=f"{run_id}:{order_id}")
        told, done = outcome.document, outcome.done and not outcome.waits
        detail = _("Nothing of it is done until a second person has agreed.") if outcome.waits else told.get("detail")
        return {
            "order_id": order_id,
            "order_number": number or told.get("order_number", ""),
            "done": done,
            "waits": outcome.waits,
            "status": told.get("status", "") if done else "",
            "code": "" if done else outcome.code,
            "detail": "" if done else detail or "",
        }

    def show(self, run_id: UUID) -> Response:
        """GET /orders/act/{run_id}: what came of it."""
        found = self._kept.find(run_id, caller_now().key_id)
        if found is None:
            raise NotFound
        results = found.results or []
        return render(
            "mass_results.html",
            called=command_words.called(found.action),
            run_id=run_id,
            results=results,
            asked=len(results),
            mark=Markup(""),
            **_summed(results),
        )

    def download(self, run_id: UUID) -> Response:
        """GET /orders/act/{run_id}.csv."""
        found = self._kept.find(run_id, caller_now().key_id)
        if found is None or found.results is None:
            raise NotFound
        text = io.StringIO()
        names = ["order_number", "order_id", "done", "status", "code", "detail"]
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows([harmless(row[name], amount=False) for name in names] for row in found.results)
        headers = {"Content-Disposition": f'attachment; filename="results-{run_id}.csv"'}
        return Response(text.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


def _summed(results: list[Result]) -> dict[str, Any]:
    done = sum(1 for result in results if result["done"])
    waiting = sum(1 for result in results if result.get("waits"))
    return {"done": done, "waiting": waiting, "refused": len(results) - done - waiting}
