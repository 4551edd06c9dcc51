"""A page that shows the mailbox of development, read-only, on a port of its own of this machine.

Messages are shown as what they are, text of strangers: escaped, their HTML in a frame without scripts, links to
nothing but the message itself. It must never be part of the public web server.
"""

import threading
from functools import partial
from io import BytesIO
from pathlib import Path

from flask import Flask, Response, abort, render_template, request, send_file
from werkzeug.serving import WSGIRequestHandler, make_server

from adapters.mail.listener import THIS_MACHINE
from adapters.mail.mailbox import Kept, Mailbox

SHOWN_MAX = 100
_TEMPLATES = Path(__file__).with_name("templates") / "mailbox"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'"
)
_NAMES = {"localhost", THIS_MACHINE}


def mailbox_page(mailbox: Mailbox) -> Flask:
    """The pages: a list of the newest messages, and each of them."""
    app = Flask(__name__, template_folder=str(_TEMPLATES), static_folder=None)
    app.before_request(_only_this_machine)
    app.after_request(_harmless)

    app.add_url_rule("/", view_func=partial(_list, mailbox), endpoint="list")
    app.add_url_rule("/<int:number>", view_func=partial(_message, mailbox), endpoint="message")
    app.add_url_rule("/<int:number>.eml", view_func=partial(_source, mailbox), endpoint="source")
    app.add_url_rule("/<int:number>/<int:place>", view_func=partial(_attachment, mailbox), endpoint="attachment")
    return app


def _list(mailbox: Mailbox) -> str:
    numbers = mailbox.numbers()
    newest = [kept for number in reversed(numbers[-SHOWN_MAX:]) if (kept := mailbox.read(number))]
    return render_template("list.html", messages=newest, total=len(numbers))


def _message(mailbox: Mailbox, number: int) -> str:
    return render_template("message.html", kept=_found(mailbox, number))


def _source(mailbox: Mailbox, number: int) -> Response:
    content = _found(mailbox, number).message.as_bytes()
    return send_file(BytesIO(content), "application/octet-stream", as_attachment=True, download_name=f"{number}.eml")


def _attachment(mailbox: Mailbox, number: int, place: int) -> Response:
    attachments = _found(mailbox, number).attachments
    if place >= len(attachments):
        abort(404)
    name, content = attachments[place]
    return send_file(BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name)


def _only_this_machine() -> None:
    """Another name in the request is a page of somebody else's that was made to point here."""
    if request.host.rpartition(":")[0] not in _NAMES:
        abort(404)


def _harmless(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _found(mailbox: Mailbox, number: int) -> Kept:
    kept = mailbox.read(number)
    if kept is None:
        abort(404)
    return kept


class _Quiet(WSGIRequestHandler):
    """Nobody needs a log of who reads the mailbox."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class MailboxPage:
    """Serves the page until it is closed; raises OSError when the port is taken."""

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        self._server = make_server(THIS_MACHINE, port, mailbox_page(mailbox), threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, name="mailbox-page", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where to look."""
        return f"http://{THIS_MACHINE}:{self._server.server_port}/"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
