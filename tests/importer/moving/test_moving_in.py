"""The exports of other systems through a whole Daybook: every figure that must come out is what its queries show."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from access.roles import Role
from daybook.importing.command import import_command
from daybook.importing.moving.presence import changed
from daybook.importing.sources.planning import Plan, order_id_of
from tests.importer.moving.serving import Served, serving
from tests.importer.sources.samples import FILES, SAMPLES, expected_of, files_of, read
from tests.support.postgres import Database

Json = dict[str, Any]

TAKEN = {source: [each for each in expected_of(source)["orders"] if each["grand_total"]] for source in FILES}


@pytest.fixture(scope="module")
def served(database: Database) -> Iterator[Served]:
    with serving(database) as served:
        yield served


@pytest.fixture(scope="module")
def imported(served: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    folder = tmp_path_factory.mktemp("reports")
    return {source: move(served, source, folder / f"{source}.ndjson") for source in FILES}


def move(served: Served, source: str, report: Path, files: list[Path] | None = None) -> Result:
    names = [str(file) for file in files or files_of(source)]
    options = ["--from", source, "--store", source, "--report", str(report), *served.options(Role.INTEGRATOR)]
    return CliRunner().invoke(import_command, [*options, *names])


def results_in(report: Path) -> list[str]:
    return [json.loads(line)["result"] for line in report.read_text(encoding="utf-8").splitlines()]


def order_id(source: str, number: str) -> str:
    (order,) = [order for order in read(source)[0] if order.number == number]
    return str(order_id_of(source, source, order.source_id))


def detail_of(served: Served, source: str, number: str) -> Json:
    found: Json = served.ask(f"/queries/orders/{order_id(source, number)}")
    return found


@pytest.mark.parametrize("source", FILES)
def test_what_daybook_shows_agrees_with_the_files(source: str, imported: dict[str, Result]) -> None:
    output = imported[source].stderr
    assert f"0 of {len(TAKEN[source])} orders differ." in output, output
    assert imported[source].exit_code == (1 if source == "amazon" else 0), output


def amount(*texts: str) -> str:
    return str(sum(map(Decimal, texts)))


def charges(shown: Json, *, of_shipping: bool) -> list[str]:
    return [each["amount"] for each in shown["charges"] if (each["kind"] == "shipping") is of_shipping]


def taxes(shown: Json) -> dict[str, str]:
    """What of each named tax is the merchant's."""
    found: dict[str, Decimal] = {}
    for part in [*shown["lines"], *shown["charges"], *([shown["shipping"]] if shown["shipping"] else [])]:
        for tax in part["taxes"]:
            if tax["collected_by"] == "merchant":
                found[tax["name"]] = found.get(tax["name"], Decimal(0)) + Decimal(tax["amount"])
    return {name: str(total) for name, total in found.items()}


def captures(shown: Json) -> list[Json]:
    return [each for each in shown["payment"]["transactions"] if each["type"] == "PaymentCaptured"]


def discount(shown: Json) -> str:
    """What is taken off the lines; where prices contain the tax, as it is quoted."""
    quoted = [each["amount"] for each in shown["discounts"] if each["target"] != "shipping"]
    return amount(*quoted, "0.00") if shown["prices_include_tax"] else str(shown["totals"]["discount"])


def tracking_numbers(shown: Json) -> list[str]:
    packages = [package for shipment in shown["shipments"] for package in shipment["packages"]]
    return [each["tracking_number"] for package in packages for each in package["tracking"]["numbers"]]


SHOWN: dict[str, Callable[[Json], Any]] = {
    "shipping": lambda shown: amount(shown["totals"]["shipping"], *charges(shown, of_shipping=True)),
    "shipping_discount": lambda shown: shown["totals"]["shipping_discount"],
    "shipping_gross": lambda shown: amount(shown["shipping"]["amount"], shown["shipping"]["tax"]),
    "shipping_before_discount": lambda shown: amount(shown["totals"]["shipping"], shown["totals"]["shipping_discount"]),
    "fees": lambda shown: amount("0.00", *charges(shown, of_shipping=False)),
    "fees_and_tips": lambda shown: amount("0.00", *charges(shown, of_shipping=False)),
    "duties": lambda shown: amount(*(each["amount"] for each in shown["charges"] if each["kind"] == "duty")),
    "discount": discount,
    "discount_by_line": lambda shown: [line["discount"] for line in shown["lines"]],
    "discount_codes": lambda shown: list(dict.fromkeys(each["code"] for each in shown["discounts"] if each["code"])),
    "net_discount": lambda shown: shown["totals"]["discount"],
    "net": lambda shown: amount(shown["totals"]["grand_total"], f"-{shown['totals']['tax']}"),
    "net_unit_price": lambda shown: shown["lines"][0]["subtotal"],
    "taxes": taxes,
    "tax_collected_by_marketplace": lambda shown: shown["totals"]["collected_by_marketplace"],
    "buyer_paid": lambda shown: amount(shown["totals"]["grand_total"], shown["totals"]["collected_by_marketplace"]),
    "marketplace_fee": lambda shown: shown["attributes"]["Card Processing Fees"],
    "payment_methods": lambda shown: captures(shown)[0]["method"].split(" + "),
    "payment_terms": lambda shown: shown["attributes"]["Payment Terms Name"],
    "tracking_numbers": tracking_numbers,
    "status": lambda shown: shown["status"],
    "payment_status": lambda shown: shown["payment_status"],
    "fulfilment_status": lambda shown: shown["fulfilment_status"],
    "order_number": lambda shown: shown["order_number"],
    "currency": lambda shown: shown["currency"],
    "grand_total": lambda shown: shown["totals"]["grand_total"],
    "tax": lambda shown: shown["totals"]["tax"],
    "paid": lambda shown: shown["totals"]["paid"],
    "refunded": lambda shown: shown["totals"]["refunded"],
    "canceled": lambda shown: shown["totals"]["canceled"],
    "due": lambda shown: shown["totals"]["due"],
    "lines": lambda shown: len(shown["lines"]),
    "units": lambda shown: sum(line["quantity"] for line in shown["lines"]),
    "shipped_units": lambda shown: sum(line["shipped"] for line in shown["lines"]),
    "invoice_numbers": lambda shown: [each["invoice_number"] for each in shown["invoices"]],
    "invoice_totals": lambda shown: [each["grand_total"] for each in shown["invoices"]],
    "shipment_numbers": lambda shown: [each["shipment_number"] for each in shown["shipments"]],
    "credit_memo_numbers": lambda shown: [each["credit_memo_number"] for each in shown["credit_memos"]],
    "credit_memo_totals": lambda shown: [each["grand_total"] for each in shown["credit_memos"]],
    "refunds": lambda shown: [each["grand_total"] for each in shown["credit_memos"]],
    "purchase_order": lambda shown: shown["purchase_order"],
    "vat_id": lambda shown: shown["vat_id"],
    "company": lambda shown: shown["billing_address"]["company"],
    "source": lambda shown: shown["source"],
    "second_number": lambda shown: shown["external_reference"],
    "prices_include_tax": lambda shown: shown["prices_include_tax"],
    "location": lambda shown: shown["attributes"]["Location"],
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [(source, each) for source, orders in TAKEN.items() for each in orders],
    ids=lambda each: each if isinstance(each, str) else each["order_number"],
)
def test_every_figure_comes_out(served: Served, imported: dict[str, Result], source: str, expected: Json) -> None:
    shown = detail_of(served, source, expected["order_number"])
    wrong = {}
    for name, shows in SHOWN.items():
        if name in expected and same(shows(shown)) != same(expected[name]):
            wrong[name] = (shows(shown), expected[name])
    assert not wrong
    unchecked = expected.keys() - SHOWN.keys() - {"note", "payments", "line_options"}
    assert not unchecked
    for payment, wanted in zip(captures(shown), expected.get("payments", []), strict="payments" in expected):
        assert payment["amount"] == wanted["amount"]
        assert wanted["method"] in f"{payment['method']} {payment['kind']}".lower().replace("_", " ")
    options = {name: text for line in shown["lines"] for name, text in line["attributes"].items()}
    assert all(options[name] == str(text) for name, text in expected.get("line_options", {}).items())


def same(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() and "." in value else value


@pytest.mark.parametrize("source", FILES)
def test_a_second_import_changes_nothing(
    source: str, served: Served, imported: dict[str, Result], tmp_path: Path
) -> None:
    before = served.head()
    again = move(served, source, tmp_path / "again.ndjson")
    assert "orders differ" in again.stderr, again.stderr
    assert set(results_in(tmp_path / "again.ndjson")) <= {"unchanged", "refused"}
    assert served.head() == before


def test_each_run_has_a_report_of_its_own(served: Served, imported: dict[str, Result], tmp_path: Path) -> None:
    export = tmp_path / "orders.csv"
    export.write_bytes(files_of("shopify")[0].read_bytes())
    for name in ("orders.csv.report.ndjson", "orders.csv.report-2.ndjson"):
        options = ["--from", "shopify", "--store", "shopify", *served.options(Role.INTEGRATOR)]
        result = CliRunner().invoke(import_command, [*options, str(export)])
        assert f"{export.parent / name}" in result.stderr
        assert (export.parent / name).exists()


def test_nobody_is_mailed(served: Served, imported: dict[str, Result]) -> None:
    for source, orders in TAKEN.items():
        for expected in orders:
            events = served.events_of(order_id(source, expected["order_number"]))
            assert not [event["type"] for event in events if event["data"].get("notify", False)]
            assert events[0]["data"]["notify"] is False


def test_a_later_export_adds_only_what_is_new(served: Served, imported: dict[str, Result], tmp_path: Path) -> None:
    """Since the first one #3007 got more money back, #3011 was sent whole, #3012 was paid on delivery."""
    text = files_of("shopify")[0].read_text(encoding="utf-8")
    for old, new in (
        ("c3007.1,12.00,", "c3007.1,20.00,"),
        ("paid,2026-03-11 09:11:11 -0500,partial", "paid,2026-03-11 09:11:11 -0500,fulfilled"),
        ("SPN-1,true,true,pending", "SPN-1,true,true,fulfilled"),
        ("#3012,buyer3012@example.com,pending,,unfulfilled,,", "#3012,buyer3012@example.com,paid,,unfulfilled,,"),
        ("c3012.1,0.00,Northwind Goods,310.00", "c3012.1,0.00,Northwind Goods,0.00"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    later = tmp_path / "later.csv"
    later.write_text(text, encoding="utf-8")

    result = move(served, "shopify", tmp_path / "later.ndjson", [later])
    assert result.exit_code == 0, result.stderr
    told = [json.loads(line) for line in (tmp_path / "later.ndjson").read_text(encoding="utf-8").splitlines()]
    assert {each["order_number"] for each in told if each["result"] == "added to"} == {"#3007", "#3011", "#3012"}
    bowl, fork, rug = (detail_of(served, "shopify", number) for number in ("#3007", "#3011", "#3012"))
    assert [memo["grand_total"] for memo in bowl["credit_memos"]] == ["12.00", "8.00"]
    assert (fork["status"], len(fork["shipments"]), len(fork["invoices"])) == ("Complete", 2, 2)
    assert (rug["status"], rug["totals"]["paid"]) == ("Processing", "310.00")


@pytest.mark.parametrize("source", FILES)
def test_nothing_that_came_in_seems_to_have_changed(source: str, served: Served, imported: dict[str, Result]) -> None:
    for order in read(source)[0]:
        plan = Plan(order, source)
        shown = served.site.get(f"/queries/orders/{plan.order_id}").json
        if "order_number" in shown:
            body = plan.place().body
            assert changed(body, shown) == [], order.number
            assert changed(body | {"expected_grand_total": "0.01"}, shown) == ["grand_total"]


def test_what_an_order_says_otherwise_in_a_later_export_is_named(
    served: Served, imported: dict[str, Result], tmp_path: Path
) -> None:
    text = files_of("shopify")[0].read_text(encoding="utf-8")
    later = tmp_path / "later.csv"
    later.write_text(text.replace("buyer3012@example.com", "else@example.com"), encoding="utf-8")
    move(served, "shopify", tmp_path / "later.ndjson", [later])
    told = [json.loads(line) for line in (tmp_path / "later.ndjson").read_text(encoding="utf-8").splitlines()]
    said = {each["order_number"]: each["differs"] for each in told if "differs" in each}
    assert said == {"#3012": ["customer changed: it stays as it was first taken"]}


def test_an_order_of_ubl_comes_in_once_to_the_cent(served: Served, tmp_path: Path) -> None:
    for n, came in enumerate(("new", "unchanged")):
        moved = move(served, "ubl", tmp_path / f"{n}.ndjson", [SAMPLES / "5_ubl_order.xml"])
        assert (moved.exit_code, results_in(tmp_path / f"{n}.ndjson")) == (0, [came]), moved.output
        assert "0 of 1 orders differ." in moved.stderr
    (found,) = served.ask("/queries/orders?order_number=PO-2026-0042")["items"]
    shown = served.ask(f"/queries/orders/{found['order_id']}")
    assert (shown["totals"]["grand_total"], shown["totals"]["tax"], shown["status"]) == ("630.18", "115.18", "Pending")
    assert shown["lines"][0]["unit_price"] == "0.12345"


LIVES = Path(__file__).parent / "lives"


def found_by_number(served: Served, number: str) -> Json:
    (found,) = [each for each in served.ask("/queries/orders?limit=200")["items"] if each["order_number"] == number]
    detail: Json = served.ask(f"/queries/orders/{found['order_id']}")
    return detail


def test_money_that_goes_back_in_parts_comes_from_each_invoice_as_far_as_it_goes(
    served: Served, tmp_path: Path
) -> None:
    """Five exports of one order: authorized, partly shipped, partly refunded, shipped whole, all refunded."""
    for step in range(1, 6):
        result = move(served, "shopify", tmp_path / "report", [LIVES / f"refunded-in-parts-{step}.csv"])
        assert result.exit_code == 0, result.output
    order = found_by_number(served, "#S1")
    assert (order["status"], order["totals"]["refunded"]) == ("Closed", "49.50")
    again = move(served, "shopify", tmp_path / "again", [LIVES / "refunded-in-parts-5.csv"])
    assert results_in(tmp_path / "again")[0] == "unchanged", again.output


def test_money_that_was_on_no_invoice_goes_back_too(served: Served, tmp_path: Path) -> None:
    result = move(served, "shopify", tmp_path / "report", [LIVES / "canceled-after-a-part.csv"])
    assert result.exit_code == 0, result.output
    order = found_by_number(served, "#S3")
    assert (order["status"], order["totals"]["refunded"]) == ("Closed", "49.50")
    assert [memo["grand_total"] for memo in order["credit_memos"]] == ["27.50"]


def test_what_was_authorized_elsewhere_is_asked_of_no_gateway(served: Served, tmp_path: Path) -> None:
    result = move(served, "shopify", tmp_path / "report", [LIVES / "authorized-and-shipped.csv"])
    assert result.exit_code == 0, result.output
    order = found_by_number(served, "#X1")
    assert [each["type"] for each in order["payment"]["transactions"]] == ["PaymentAuthorized"]
    assert [each["state"] for each in order["invoices"]] == ["open"]
    told = {event["type"] for event in served.events_of(order["order_id"])}
    assert told.isdisjoint({"PaymentCaptureRequested", "PaymentCaptured", "InvoicePaid"})


def test_of_an_order_that_cannot_be_read_no_money_goes_back(served: Served, tmp_path: Path) -> None:
    """27.50 of it are invoiced, 22.00 are not. What of the 12.00 was on the invoice, only its detail tells."""
    text = (LIVES / "canceled-after-a-part.csv").read_text(encoding="utf-8")
    changes = (("#S3,", "#S4,"), (",49.50,V", ",12.00,V"), ("refunded,", "partially_refunded,"))
    for old, new in (*changes, ("8000000000248", "8000000000924")):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "orders.csv"
    file.write_text(text, encoding="utf-8")
    hidden = str(order_id_of("shopify", "shopify", "8000000000924"))
    served.unreadable.add(hidden)
    try:
        result = move(served, "shopify", tmp_path / "report", [file])
    finally:
        served.unreadable.remove(hidden)
    assert (result.exit_code, results_in(tmp_path / "report")[0]) == (1, "incomplete"), result.output
    assert found_by_number(served, "#S4")["totals"]["refunded"] == "0.00"

    again = move(served, "shopify", tmp_path / "again", [file])
    assert results_in(tmp_path / "again")[0] == "added to", again.output
    order = found_by_number(served, "#S4")
    assert [memo["grand_total"] for memo in order["credit_memos"]] == ["12.00"]


def test_what_was_paid_too_much_comes_in_and_is_seen(served: Served, tmp_path: Path) -> None:
    """49.50, for which 60.00 were paid: sent whole it is Complete, sent in part it is under review."""
    text = (LIVES / "refunded-in-parts-2.csv").read_text(encoding="utf-8").replace(",0.00,,,,8000", ",-10.50,,,,8000")
    for number, fulfilment, status in (("#O1", "fulfilled", "Complete"), ("#O2", "partial", "Suspected Fraud")):
        file = tmp_path / f"{number}.csv"
        changed = text.replace("#S1", number).replace("8000000000246", f"800000000091{number[2:]}")
        file.write_text(changed.replace(" -0500,partial,", f" -0500,{fulfilment},"), encoding="utf-8")
        result = move(served, "shopify", tmp_path / "report", [file])
        assert (result.exit_code, results_in(tmp_path / "report")) == (0, ["new"]), result.output
        order = found_by_number(served, number)
        assert (order["totals"]["paid"], order["status"]) == ("60.00", status)
        assert len(order["shipments"]) == 1
        again = move(served, "shopify", tmp_path / "again", [file])
        assert (again.exit_code, results_in(tmp_path / "again")) == (0, ["unchanged"]), again.output


def on_hold_then_paid(number: int) -> tuple[Json, Json]:
    """An order by bank transfer as WooCommerce has it before and after the money came."""
    sample: Json = json.loads(files_of("woocommerce")[0].read_text(encoding="utf-8"))[0]
    named = sample | {"id": number, "number": str(number), "date_completed": None, "date_completed_gmt": None}
    named |= {"payment_method": "bacs", "payment_method_title": "Bank transfer"}
    waiting = named | {"status": "on-hold", "date_paid": None, "date_paid_gmt": None, "transaction_id": ""}
    return waiting, named | {"status": "processing"}


@pytest.mark.parametrize(("held_here", "status"), [(False, "Processing"), (True, "On Hold")])
def test_a_hold_that_came_with_an_order_ends_with_it_and_one_of_a_person_stays(
    held_here: bool, status: str, served: Served, tmp_path: Path
) -> None:
    """With the key of an integrator, which may not read why an order is held."""
    number = 7701 + held_here
    for step, order in enumerate(on_hold_then_paid(number)):
        file = tmp_path / f"{step}.json"
        file.write_text(json.dumps([order]), encoding="utf-8")
        move(served, "woocommerce", tmp_path / "report", [file])
        assert results_in(tmp_path / "report")[0] == ("added to" if step else "new")
        found = found_by_number(served, str(number))
        if not step and held_here:
            for verb, reason in (("release", "looked at"), ("hold", "address is odd")):
                answer = served.site.post(f"orders/{found['order_id']}/{verb}", {"reason": reason})
                assert answer.status_code == 200, answer.text
    assert (found["status"], found["totals"]["paid"]) == (status, "49.99")
