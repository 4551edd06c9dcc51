"""Printing many documents at once keeps nobody else from an answer."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from domain.document_kinds import SHIPMENT
from domain.printed_document import PrintedDocument
from web import problems
from web.queries import printing
from web.queries.documents import print_view


class SlowPrinter:
    """Prints when it may, and knows how many at once it was asked to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.at_once = 0
        self.most = 0
        self._lock = threading.Lock()

    def print(self, form: str, document_id: object, min_position: int | None) -> PrintedDocument:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.go_on.wait(30)
        with self._lock:
            self.at_once -= 1
        return PrintedDocument("one", b"%PDF")

    def print_many(self, form: str, document_ids: object, min_position: int | None) -> PrintedDocument:
        return self.print(form, document_ids, min_position)

    def for_label_printer(self, form: str, document_id: object, min_position: int | None) -> None:
        return None

    def e_invoice(self, form: str, document_id: object, min_position: int | None) -> None:
        return None


def test_two_are_printed_at_once_a_few_wait_and_the_others_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PATIENCE_SECONDS", 30.0)
    printer = SlowPrinter()
    app = Flask("printing")
    problems.install(app)
    app.add_url_rule("/<uuid:document_id>", view_func=print_view(printer, SHIPMENT, "label"))

    def ask(_: int) -> Any:
        return app.test_client().get(f"/{uuid4()}")

    with ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(ask, number) for number in range(40)]
        done = as_completed(asked)
        for _ in range(32):  # only who is refused is answered yet
            next(done)
        printer.go_on.set()
        answers = [each.result() for each in asked]
    codes = [answer.status_code for answer in answers]
    assert printer.most == 2
    assert codes.count(200) == 8
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 32
    assert {answer.json["code"] for answer in refused} == {"printing_busy"}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert ask(0).status_code == 200
