"""POST /commands/bulk: many commands in one request, a result for each, both as lines while they come.

Each line is a command of its own, with its key and its transaction: what is wrong with one harms no other. Results
leave as they are there, in any order, and name their line. Who goes away stops what was not begun; sent again, what was
done is answered again and the rest is done.
"""

from __future__ import annotations

from flask import Response, request

from web.commands.bulk_lines import BYTES_MAX, too_long
from web.commands.bulk_results import Bulk
from web.commands.bulk_run import Run
from web.commands.endpoint import sender_now
from web.guard import View
from web.problems import RETRY_AFTER_SECONDS, Problem, invalid_header
from web.requests import refuse_parameters

LINES = "application/x-ndjson"


def bulk_view(bulk: Bulk) -> View:
    """The view."""

    def view() -> Response:
        refuse_parameters(request)
        if request.mimetype != LINES:
            raise Problem(415, "unsupported_media_type", f"The body must be {LINES} in UTF-8: a command on each line.")
        for name in ("Idempotency-Key", "If-Match"):
            if name in request.headers:
                raise invalid_header(name, "Belongs to one command: each line has its own key.")
        if int(request.environ.get("CONTENT_LENGTH") or 0) > BYTES_MAX:
            raise too_long(f"{BYTES_MAX // 1024 // 1024} MiB")
        sender = sender_now(request, bulk.historians)
        if not bulk.places.acquire(blocking=False):
            raise Problem(
                503, "bulk_busy", "As many bulk requests run as can.", headers={"Retry-After": RETRY_AFTER_SECONDS}
            )
        run = Run(bulk, sender, request.environ)
        answer = Response(run.results(), content_type=LINES, headers={"X-Accel-Buffering": "no"})
        answer.call_on_close(run.stop)
        return answer

    return view
