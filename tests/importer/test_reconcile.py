"""Reconciling finds every difference between the files and the grid, to the centavo."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.olist import shipment_id_of
from benchmarks.olist_orders import order_id_of
from benchmarks.reconcile import Expectation, Row, centavos, expect, figures, reconcile
from benchmarks.reconcile_dispatches import Dispatch, expect_days, reconcile_dispatches
from tests.importer.olist_files import write_olist_files


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expectation:
    return expect(write_olist_files(tmp_path_factory.mktemp("olist")))


def test_the_files_say_what_the_grid_must_show(expected: Expectation) -> None:
    assert figures(expected.rows) == {
        "orders": 14,
        "status Pending": 1,
        "status Processing": 4,
        "status Complete": 6,
        "status Canceled": 3,
        "fulfilment unfulfilled": 8,
        "fulfilment dispatched": 2,
        "fulfilment delivered": 4,
        "payment none": 1,
        "payment paid": 13,
        "grand total (centavos)": 11005 * 7 + 5990 * 4 + 16995 + 28000 + 11005,
        "paid (centavos)": 11005 * 4 + 16995 + 28000 + 5990 * 3 + 11250 + 11200 + 11004 + 5988,
        "due (centavos)": 11005,  # what an accepted review waived is not due
        "refunded (centavos)": 0,
        "payment differs from the total": 4,
    }
    assert expected.refused == 2


def test_one_order_is_expected_as_it_went(expected: Expectation) -> None:
    bought = datetime(2017, 5, 1, 8, 0, 8, tzinfo=UTC)
    assert expected.rows[str(order_id_of("over"))] == Row("Complete", "delivered", bought, 11005, 11250, 0, "paid", 0)


def test_in_the_whole_workflow_canceled_orders_are_refunded(tmp_path: Path) -> None:
    expected = expect(write_olist_files(tmp_path), whole_workflow=True)

    shown = figures(expected.rows)
    assert shown["refunded (centavos)"] == 11200 + 11005 + 5990
    assert {name: count for name, count in shown.items() if name.startswith("payment ") and "total" not in name} == {
        "payment none": 1,
        "payment paid": 10,
        "payment refunded": 3,
    }


def test_what_agrees_is_printed_and_agreed(expected: Expectation, capsys: pytest.CaptureFixture[str]) -> None:
    assert reconcile(expected, dict(expected.rows))

    printed = capsys.readouterr().out
    assert "0 of 14 orders differ; 2 without items are not placed." in printed
    assert "differs" not in printed.replace("payment differs from the total", "")
    listed = [line.split() for line in printed.splitlines() if line.startswith("  ")]
    assert ["short-boleto", "59.90", "59.88", "-0.02"] in listed
    assert ["over", "110.05", "112.50", "2.45"] in listed


@pytest.mark.parametrize(
    "change",
    [
        {"status": "Pending"},
        {"fulfilment": "booked"},
        {"grand_total": 5991},
        {"paid": 0},
        {"due": 1},
        {"payment": "refunded"},
        {"refunded": 1},
    ],
)
def test_one_wrong_order_is_found_and_shown(
    change: dict[str, str | int], expected: Expectation, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = str(order_id_of("delivered"))
    wrong = replace(expected.rows[order_id], **change)  # type: ignore[arg-type]

    assert not reconcile(expected, expected.rows | {order_id: wrong})
    printed = capsys.readouterr().out
    assert f"{order_id} differs" in printed
    assert "<-- differs" in printed


def test_an_order_too_few_or_too_many_is_found(expected: Expectation) -> None:
    order_id = str(order_id_of("delivered"))
    fewer = {other: row for other, row in expected.rows.items() if other != order_id}

    assert not reconcile(expected, fewer)
    assert not reconcile(expected, expected.rows | {"another": expected.rows[order_id]})


TAKEN = tuple(str(shipment_id_of(one)) for one in ("delivered", "early", "over", "short", "shipped", "undated"))
AGREED = Dispatch("d-1", "closed", "2017-05-03", "000000001", len(TAKEN), TAKEN)
STRANGER = Dispatch("d-0", "scheduled", "", None, 1, ("a shipment of somebody else",))


def dispatches_agree(tmp_path: Path, *shown: Dispatch) -> bool:
    return reconcile_dispatches(expect_days(write_olist_files(tmp_path)), shown)


def test_every_shipment_on_one_closed_dispatch_of_its_day_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dispatches_agree(tmp_path, STRANGER, AGREED)
    assert "0 differences; each of 6 shipments" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [AGREED, AGREED],
        [replace(AGREED, shipments=TAKEN[1:], listed=5)],
        [replace(AGREED, shipments=TAKEN[1:])],
        [replace(AGREED, shipments=(*TAKEN, "a shipment of somebody else"), listed=7)],
        [replace(AGREED, status="scheduled")],
        [replace(AGREED, manifest_number=None)],
        [replace(AGREED, day="2017-05-04")],
        [replace(AGREED, shipments=TAKEN[:3], listed=3), replace(AGREED, shipments=TAKEN[3:], listed=3)],
    ],
    ids=[
        "missing",
        "twice",
        "one-forgotten",
        "list-and-detail",
        "stranger",
        "open",
        "no-manifest",
        "other-day",
        "same-manifest",
    ],
)
def test_one_wrong_dispatch_is_found(tmp_path: Path, wrong: list[Dispatch]) -> None:
    assert not dispatches_agree(tmp_path, *wrong)


def test_amounts_are_read_without_ever_rounding() -> None:
    assert [centavos(text) for text in ("0", "7", "99.9", "99.90", "0.05")] == [0, 700, 9990, 9990, 5]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        expect(tmp_path / "nowhere")
