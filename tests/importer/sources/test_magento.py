"""Orders of Magento that the sample does not have: the rule behind each, told by one order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.reading import Options, RefusedOrder
from tests.importer.sources.samples import files_of, read

Json = dict[str, Any]
Change = Callable[[Json], None]


def export_of(change: Change) -> Json:
    """The sample's first order with its documents, changed."""
    found: Json = json.loads(files_of("magento")[0].read_text(encoding="utf-8"))
    first = found["orders"]["items"][0]["entity_id"]
    found["orders"]["items"] = found["orders"]["items"][:1]
    for kind in ("invoices", "shipments", "creditmemos"):
        found[kind]["items"] = [each for each in found[kind]["items"] if each["order_id"] == first]
    change(found)
    return found


def taken_or_not(folder: Path, change: Change, books: str = "") -> SourceOrder | RefusedOrder:
    file = folder / "magento.json"
    file.write_text(json.dumps(export_of(change)), encoding="utf-8")
    orders, refused = read("magento", [file], Options(base_currency=books))
    return orders[0] if orders else refused[0]


def taken(folder: Path, change: Change, books: str = "") -> SourceOrder:
    found = taken_or_not(folder, change, books)
    assert isinstance(found, SourceOrder), found
    return found


def test_a_rate_is_taken_only_where_it_is_to_the_currency_of_the_books_here(tmp_path: Path) -> None:
    def change(found: Json) -> None:
        order = found["orders"]["items"][0]
        order |= {"order_currency_code": "GBP", "base_currency_code": "USD", "base_to_order_rate": 0.8}

    assert taken(tmp_path, change, "USD").base_rate == "1.25"
    for books, why in (("EUR", "the books here are in EUR"), ("GBP", "are in GBP"), ("", "a dry run does not ask")):
        order = taken(tmp_path, change, books)
        assert order.base_rate is None
        assert any("base_to_order_rate 0.8: it is to USD" in text and why in text for text in order.notes.dropped)
