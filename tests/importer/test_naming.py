"""Which order a line of a file concerns, as the lines before it tell."""

import pytest

from daybook.importing import naming
from daybook.importing.lines import Line
from daybook.importing.naming import Orders


def line(number: int, command: str, subject: str | None, *introduces: str) -> Line:
    return Line(number, 1, command, f"k-{number}", b"{}", subject, introduces)


def test_a_document_belongs_to_the_order_that_introduced_it() -> None:
    orders = Orders()
    assert orders.of(line(1, "orders/o-1/shipments", "o-1", "s-1")) == "o-1"
    assert orders.of(line(2, "shipments/s-1/tracking-events", "s-1")) == "o-1"
    assert orders.of(line(3, "orders/o-2/comment", "o-2")) == "o-2"


def test_a_reordered_order_belongs_to_the_one_that_it_comes_from() -> None:
    orders = Orders()
    assert orders.of(line(1, "orders/o-1/reorder", "o-1", "o-2")) == "o-1"
    assert orders.of(line(2, "orders/o-2/comment", "o-2")) == "o-1"


def test_a_line_that_names_no_order_is_something_of_its_own() -> None:
    orders = Orders()
    assert orders.of(line(7, "orders", None)) != orders.of(line(8, "orders", None))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "REMEMBERED", 10)
    orders = Orders()
    for number in range(100):
        orders.of(line(number, f"orders/o-{number}/shipments", f"o-{number}", f"s-{number}"))
    assert orders.of(line(100, "shipments/s-95/events", "s-95")) == "o-95"
    assert orders.of(line(101, "shipments/s-1/events", "s-1")) == "s-1"
