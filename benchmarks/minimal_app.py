"""The least a Flask program can do for an order: validate, INSERT, answer; and pages that are constants.

It is served as Daybook is, by the same server with the same processes and threads, and validates with the same
marshmallow schemas, as their library does it. It knows no keys, no repeats, no history and no encryption.

    python -m benchmarks.minimal_app         (DATABASE_URL, PORT, WEB_WORKERS, WEB_THREADS as for `daybook serve`)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, jsonify, request
from marshmallow import Schema
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from daybook.run.serving import serve
from daybook.settings import Settings
from web.schemas.orders import PlaceOrder
from web.schemas.payments import IssueInvoice, ReceivePayment
from web.schemas.shipments import BookShipment

CONSTANT = "BENCH_CONSTANT"
SCHEMA = """
    CREATE SCHEMA minimal;
    CREATE TABLE minimal.requests (id uuid PRIMARY KEY, order_id uuid, body jsonb NOT NULL, at timestamptz NOT NULL);
    GRANT USAGE ON SCHEMA minimal TO daybook_app;
    GRANT SELECT, INSERT ON minimal.requests TO daybook_app;
"""
_INSERT = "INSERT INTO minimal.requests VALUES (%s, %s, %s, now())"


def create_app() -> Flask:
    """The application of one worker process, with a connection for each of its threads."""
    settings = Settings.from_env()
    pool = ConnectionPool(
        settings.app_conninfo,
        min_size=settings.web_threads,
        max_size=settings.web_threads,
        kwargs={"autocommit": True, "prepare_threshold": 0},
        open=True,
    )
    app = Flask("minimal", static_folder=None)
    for path, schema in (
        ("orders", PlaceOrder()),
        ("orders/<uuid:order_id>/capture-payment", ReceivePayment()),
        ("orders/<uuid:order_id>/invoices", IssueInvoice()),
        ("orders/<uuid:order_id>/shipments", BookShipment()),
    ):
        app.add_url_rule(f"/commands/{path}", path, _recording(pool, schema), methods=["POST"])
    app.add_url_rule("/readyz", "ready", lambda: jsonify(status="ready"))
    _serve_constant(app)
    return app


def _recording(pool: ConnectionPool[Any], schema: Schema) -> Callable[..., tuple[Response, int]]:
    def view(order_id: UUID | None = None) -> tuple[Response, int]:
        asked = request.get_json()
        schema.load(asked)
        request_id = uuid4()
        with pool.connection() as connection:
            connection.execute(_INSERT, (request_id, order_id, Jsonb(asked)))
        return jsonify(id=request_id, status="recorded"), 201

    return view


def _serve_constant(app: Flask) -> None:
    """Serve the bytes of a file: as a view of Flask, and below it as what any WSGI application costs."""
    if CONSTANT not in os.environ:
        return
    content = Path(os.environ[CONSTANT]).read_bytes()
    app.add_url_rule("/constant", "constant", lambda: Response(content, content_type="application/json"))
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    flask = app.wsgi_app

    def bare(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/bare":
            return flask(environ, start_response)
        start_response("200 OK", headers)
        return [content]

    app.wsgi_app = bare  # type: ignore[method-assign]  # Flask's documented way to wrap


if __name__ == "__main__":
    serve(Settings.from_env(), "benchmarks.minimal_app:create_app")
