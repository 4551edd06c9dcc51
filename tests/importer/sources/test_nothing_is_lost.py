"""Whatever an export says goes into the commands, is checked, or stands in the report: every single field of it."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from daybook.importing.sources.catalogue import SOURCES
from daybook.importing.sources.order import SourceOrder
from tests.importer.sources.samples import files_of, lines_of, read

Json = dict[str, Any]

SAID_OTHERWISE = re.compile(
    "nowhere|checked|which |what |where |the |prices_include|one shipment|refund by amount|as |method of|cancel|comment"
    "|base_rate|status|when|shipping\\.amount, with|hold"
)
CODES = {"United States": "US"}
TABLES = ("shopify", "etsy", "amazon")


def rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        yield from csv.DictReader(opened, delimiter="\t" if file.suffix == ".txt" else ",")


def owner(row: dict[str, str]) -> str:
    return row.get("Name") or row.get("Order ID") or row["amazon-order-id"]


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each)
    else:
        yield str(value)


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def times(text: str) -> set[str]:
    """How a time of the files may stand in a command."""
    found = {text[:10]}
    for pattern in (
        "%Y-%m-%d %H:%M:%S %z",
        "%Y-%m-%dT%H:%M:%S%z",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%m/%d/%Y",
    ):
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007  (noon of a day in UTC is added below)
        except ValueError:
            continue
        moment = moment if "%H" in pattern else moment.replace(hour=12)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        found.add(moment.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    return found


def is_said(value: str, said: list[str]) -> bool:
    plain = value.strip().removeprefix("'")
    parts = [part.strip() for part in re.split(r"[,:\n]| \+ ", plain)]
    whole = " ".join(said).lower()
    plain = CODES.get(plain, plain)
    if (
        plain.lower() in whole
        or plain.lower().replace(".", "-") in whole
        or all(part.lower() in whole for part in parts)
        or times(plain) & set(said)
    ):
        return True
    amount = number(plain)
    return amount is not None and any(number(each) == amount for each in said)


@pytest.mark.parametrize("source", TABLES)
def test_every_cell_of_a_table_is_somewhere(source: str) -> None:
    orders = {order.number: order for order in read(source)[0]}
    for file in files_of(source):
        for row in rows(file):
            order = orders.get(owner(row))
            if order is not None:
                every_cell(source, row, order)


def every_cell(source: str, row: dict[str, str], order: SourceOrder) -> None:
    (*kinds,) = SOURCES[source].fields.values()
    fields = next(each for each in kinds if set(row) <= set(each))
    said = [*texts_of(lines_of([order])), *texts_of(order.notes.as_dict())]
    for column, value in row.items():
        if value.strip() and not SAID_OTHERWISE.match(fields[column]) and "divided by" not in fields[column]:
            assert is_said(value, said) or number(value) == 0 or value in {"true", "false", "Tip"}, (column, value)


@pytest.mark.parametrize(("source", "entries"), [("woocommerce", ""), ("magento", "orders")])
def test_every_field_of_a_list_is_somewhere(source: str, entries: str) -> None:
    found = json.loads(files_of(source)[0].read_text(encoding="utf-8"))
    for entry in found[entries]["items"] if entries else found:
        source_id = str(entry.get("entity_id") or entry["id"])
        (order,) = [each for each in read(source)[0] if each.source_id == source_id]
        said = [*texts_of(lines_of([order])), *texts_of(order.notes.as_dict())]
        fields = SOURCES[source].fields["orders"]
        for name, value in entry.items():
            if value and not isinstance(value, dict | list) and not SAID_OTHERWISE.match(fields[name]):
                assert is_said(str(value).replace("\n", " / "), said), (name, value)


@pytest.mark.parametrize("source", TABLES)
def test_a_column_that_nobody_knows_is_dropped_and_said_so(source: str, tmp_path: Path) -> None:
    files = []
    for file in files_of(source):
        text = file.read_text(encoding="utf-8")
        separator = "\t" if file.suffix == ".txt" else ","
        head, *below = text.splitlines()
        more = [f"{head}{separator}Mood", *(f"{row}{separator}cheerful" for row in below)]
        files.append(tmp_path / file.name)
        files[-1].write_text("\n".join(more) + "\n", encoding="utf-8")
    orders, _ = read(source, files)
    assert orders
    assert all(any("'Mood': cheerful" in text for text in order.notes.dropped) for order in orders)


@pytest.mark.parametrize(("source", "place"), [("woocommerce", ()), ("magento", ("orders", "items"))])
def test_a_field_that_nobody_knows_is_dropped_and_said_so(source: str, place: tuple[str, ...], tmp_path: Path) -> None:
    found = json.loads(files_of(source)[0].read_text(encoding="utf-8"))
    entries = found
    for name in place:
        entries = entries[name]
    entries[0]["mood"] = "cheerful"
    entries[0]["items" if place else "line_items"][0]["mood"] = "gloomy"
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    order = read(source, [file])[0][0]
    assert any("mood: cheerful" in text for text in order.notes.dropped)
    assert any("mood: gloomy" in text for text in order.notes.dropped)
