"""Orders for which more was paid than they come to: all of it comes in, and what is too much waits for a person."""

from pathlib import Path

import pytest

from daybook.importing.sources.order import SourceOrder
from daybook.importing.sources.planning import LineCounters, Open, Plan, Present
from tests.importer.sources.samples import STORE, lines_of, read
from tests.importer.sources.test_magento import Json, first, taken
from tests.importer.sources.test_shopify_as_it_comes import ONE, changed, column, replaced

Said = dict[str, str]


def overpaid(folder: Path, **more: str) -> SourceOrder:
    """49.50, for which 60.00 were paid."""
    said = {"Outstanding Balance": "-10.50"} | {name.replace("_", " "): value for name, value in more.items()}

    def change(lines: list[str]) -> list[str]:
        first = lines[1]
        for name, value in said.items():
            first = replaced(first, column(name), value)
        return [lines[0], first, *lines[2:]]

    ((order,), refused) = read("shopify", changed(ONE, folder, change))
    assert refused == []
    return order


def steps(order: SourceOrder) -> list[tuple[str, str | None]]:
    done = [(line["command"].rpartition("/")[2], line["body"].get("amount")) for line in lines_of([order])]
    return [each for each in done if each[0] not in {"orders", "tag", "comment"}]


def test_what_was_sent_is_sent_before_too_much_is_taken(tmp_path: Path) -> None:
    order = overpaid(tmp_path, Fulfillment_Status="fulfilled")
    assert steps(order) == [
        ("capture-payment", "49.50"),
        ("invoices", None),
        ("shipments", None),
        ("capture-payment", "10.50"),
    ]
    assert (order.figures.paid, order.figures.status) == (6000, "Complete")
    assert any(text.startswith("10.50 more than the total was paid") for text in order.notes.differs)


def test_both_parts_of_a_payment_have_its_time_and_references_of_their_own(tmp_path: Path) -> None:
    bodies = [line["body"] for line in lines_of([overpaid(tmp_path)]) if line["command"].endswith("capture-payment")]
    assert [body["provider_reference"] for body in bodies] == ["p246", "p246+10.50"]
    assert len({body["occurred_at"] for body in bodies}) == 1


@pytest.mark.parametrize("fulfilment", ["partial", "unfulfilled"])
def test_with_something_to_send_the_export_does_not_say_how_the_review_ended(fulfilment: str, tmp_path: Path) -> None:
    assert overpaid(tmp_path, Fulfillment_Status=fulfilment).figures.status is None


def test_a_second_run_takes_nothing_more(tmp_path: Path) -> None:
    order = overpaid(tmp_path, Fulfillment_Status="fulfilled")
    lines = {line.line_id: LineCounters(line.quantity, line.quantity) for line in order.lines}
    present = Present(there=True, paid=6000, lines=lines, shipments={"#S1.1"}, tags=set(order.tags))
    assert list(Plan(order, STORE).rest(present)) == []


def test_a_run_that_ended_before_the_rest_takes_only_the_rest(tmp_path: Path) -> None:
    order = overpaid(tmp_path, Fulfillment_Status="fulfilled")
    lines = {line.line_id: LineCounters(line.quantity, line.quantity) for line in order.lines}
    (command,) = Plan(order, STORE).rest(Present(there=True, paid=4950, lines=lines, shipments={"#S1.1"}))
    assert (command.body["amount"], command.body["provider_reference"]) == ("10.50", "p246+10.50")


def test_what_went_back_was_too_much_first_and_then_what_was_invoiced(tmp_path: Path) -> None:
    order = overpaid(tmp_path, Fulfillment_Status="fulfilled", Refunded_Amount="15.00")
    present = Present(there=True, paid=6000, invoices={"#S1": Open("0b4a", 4950)})
    back = [(each.path.rpartition("/")[2], each.body["amount"]) for each in Plan(order, STORE).after_all(present)]
    assert back == [("refund-payment", "10.50"), ("refund", "4.50")]


def test_what_was_too_much_goes_back_first_though_a_later_export_tells_no_more_that_it_was_paid(tmp_path: Path) -> None:
    """Once it went back, nothing is outstanding, and the export has the look of goods that were refunded."""
    order = overpaid(tmp_path, Fulfillment_Status="fulfilled", Refunded_Amount="10.50", Outstanding_Balance="0.00")
    present = Present(there=True, paid=6000, invoices={"#S1": Open("0b4a", 4950)})
    (back,) = Plan(order, STORE).after_all(present)
    assert (back.path.rpartition("/")[2], back.body["amount"]) == ("refund-payment", "10.50")


def test_while_an_invoice_was_refused_only_what_was_too_much_goes_back(tmp_path: Path) -> None:
    """What else went back lies on no invoice yet. Were it sent back first, the invoice would ask for it anew."""
    order = overpaid(tmp_path, Fulfillment_Status="fulfilled", Refunded_Amount="15.00")
    (back,) = Plan(order, STORE).after_all(Present(there=True, paid=6000))
    assert (back.path.rpartition("/")[2], back.body["amount"]) == ("refund-payment", "10.50")
    exact = overpaid(tmp_path, Fulfillment_Status="fulfilled", Refunded_Amount="15.00", Outstanding_Balance="0.00")
    assert list(Plan(exact, STORE).after_all(Present(there=True, paid=4950))) == []


@pytest.mark.parametrize(("state", "status"), [("complete", "Complete"), ("processing", None)])
def test_what_magento_says_is_due_below_zero_was_paid(state: str, status: str | None, tmp_path: Path) -> None:
    def change(found: Json) -> None:
        first(found).update(total_paid=100.0, total_due=-3.2, state=state, status=state)

    order = taken(tmp_path, change)
    assert (order.figures.paid, order.figures.status) == (10000, status)
    money = [each for each in steps(order) if each[0] in {"capture-payment", "shipments"}]
    assert money[-2:] == [("shipments", None), ("capture-payment", "3.20")]
    assert sum(round(float(amount) * 100) for _, amount in money if amount) == 10000
    assert any(text.startswith("3.20 more than the total was paid") for text in order.notes.differs)
