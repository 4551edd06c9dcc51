"""What is exported from one Daybook and imported into an empty one is the same orders."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import daybook.demo
from daybook.exporting.command import orders
from daybook.exporting.history import AUTOMATIC
from daybook.importing.command import import_command
from tests.importer.moving.serving import Served, serving
from tests.importer.sources.samples import FILES, files_of
from tests.support.postgres import Database, TestServer

Json = dict[str, Any]

DEMO = Path(daybook.demo.__file__).parent / "orders.ndjson"
OF_ONE_DAYBOOK = {
    *("position", "version", "updated_at", "recorded_at", "tracking_token", "timeline", "timeline_before", "author"),
    *("sscc", "credit_memo_id", "external", "allowed_commands", "event_id", "stationery", "dated_at", "url", "type"),
    *("base_rate", "revision", "capture", "mode", "issued_at", "expires_at"),
}


def run(served: Served, *arguments: str) -> str:
    command, given = (orders, arguments[1:]) if arguments[0] == "orders" else (import_command, arguments)
    result = CliRunner().invoke(command, [*given, *served.options()])
    assert result.exit_code == 0, result.stderr
    return result.stderr


def ids(served: Served) -> set[str]:
    served.site.follow()
    return {item["order_id"] for item in served.ask("/queries/orders?limit=200")["items"]}


def details(served: Served, orders: set[str]) -> dict[str, Json]:
    return {order_id: same(served.ask(f"/queries/orders/{order_id}")) for order_id in orders}


def same(value: Any) -> Any:
    """What must be the same in both: nothing that one Daybook knows alone."""
    if isinstance(value, dict):
        return {name: same(each) for name, each in value.items() if name not in OF_ONE_DAYBOOK}
    return [same(each) for each in value] if isinstance(value, list) else value


def as_it_goes_on(detail: Json) -> Json:
    """An invoiced order whose method invoices by itself goes on by another, under the title of the first."""
    payment = detail["payment"]
    if detail["invoices"] and payment["method"] in AUTOMATIC:
        payment |= {"method": AUTOMATIC[payment["method"]], "title": payment["title"] or payment["method"]}
    return detail


def differences(before: Json, after: Json) -> Json:
    return {name: (each, after.get(name)) for name, each in before.items() if each != after.get(name)}


def test_an_export_imported_into_an_empty_daybook_gives_the_same_orders(
    postgres: TestServer, fresh_database: Database, database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "orders.ndjson"
    with serving(database) as first:
        demo = tmp_path / "demo.ndjson"
        demo.write_bytes(DEMO.read_bytes())
        refused = ("invalid_base_rate", "not_found")  # one order of the demo has a rate that is for a base of EUR
        run(first, str(demo), *(text for code in refused for text in ("--expect-refusals", code)))
        for source in FILES:
            files = map(str, files_of(source))
            named = ("--from", source, "--store", source, "--report", str(tmp_path / "report"))
            run(first, *named, "--place-without-amounts", *files)
        run(first, "orders", "--out", str(out))
        orders = ids(first)
        before = {order_id: as_it_goes_on(detail) for order_id, detail in details(first, orders).items()}
    with serving(fresh_database) as second:
        run(second, str(out))
        assert ids(second) == orders
        after = details(second, orders)
        head = second.head()
        run(second, str(out))
        assert second.head() == head
    differing = {name: differences(each, after[name]) for name, each in before.items() if each != after[name]}
    assert not differing, json.dumps(differing, indent=1)
    assert len(orders) == len({json.loads(line)["key"] for line in out.read_text().splitlines() if '"orders"' in line})
