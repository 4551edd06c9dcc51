"""Lists for programs: files for spreadsheets, counts, and the views that people keep."""

import csv
import io
import zipfile
from typing import Any
from uuid import uuid4

import pytest

from access.roles import Role
from projections.exports import PIECE
from tests.web.live import Site, another_order
from web.queries.export_files import TooManyRows, csv_pieces, xlsx_file


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_an_export_has_the_rows_of_the_list(site: Site) -> None:
    for number in range(7):
        site.post("orders", another_order(store="export", note=str(number)))
    site.follow()
    listed = site.get("/queries/orders?store=export&sort=grand_total&limit=200").json["items"]
    rows = rows_of(site.get("/queries/orders.csv?store=export&sort=grand_total&columns=order_id,grand_total,status"))
    assert [row["order_id"] for row in rows] == [item["order_id"] for item in listed]
    assert list(rows[0]) == ["order_id", "grand_total", "status"]
    assert PIECE > 7


def test_pieces_follow_each_other_without_a_gap(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        site.post("orders", another_order(store="pieces"))
    site.follow()
    monkeypatch.setattr("projections.exports.PIECE", 2)
    rows = rows_of(site.get("/queries/orders.csv?store=pieces&columns=order_id"))
    assert len({row["order_id"] for row in rows}) == 7


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_is_no_formula(name: str) -> None:
    pieces = csv_pieces([[{"name": name, "total": "-5.00"}]], ["name", "total"], frozenset({"total"}), bom=False)
    read = list(csv.reader(io.StringIO(b"".join(pieces).decode(), newline="")))
    assert read[1] == [f"'{name}", "-5.00"]


def test_a_byte_order_mark_comes_when_it_is_asked_for(site: Site) -> None:
    assert site.get("/queries/orders.csv?bom=1").data.startswith(b"\xef\xbb\xbforder_number")
    assert site.get("/queries/orders.csv").data.startswith(b"order_number")
    assert site.get("/queries/orders.csv?bom=yes").status_code == 400


def test_a_workbook_has_numbers_as_numbers_and_times_as_times(site: Site) -> None:
    site.post("orders", another_order(store="workbook"))
    site.follow()
    answer = site.get("/queries/orders.xlsx?store=workbook&columns=order_number,purchased_at,grand_total")
    sheet = zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>43.01</v>" in sheet
    assert sheet.count('t="inlineStr"') == 4  # the header, and the number of the order


def test_a_list_that_a_worksheet_cannot_hold_is_refused() -> None:
    with pytest.raises(TooManyRows):
        xlsx_file([[{"a": "1"}] * 3], ["a"], frozenset(), frozenset(), rows_max=2)


@pytest.mark.parametrize("kind", ["invoices", "shipments", "credit-memos"])
def test_documents_are_exported_too(site: Site, kind: str) -> None:
    for ending in ("csv", "xlsx"):
        answer = site.get(f"/queries/{kind}.{ending}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.{ending}"'


def test_what_cannot_be_asked_is_said_before_anything_is_sent(site: Site) -> None:
    assert site.get("/queries/orders.csv?colour=red").status_code == 400
    assert site.get("/queries/orders.csv?columns=colour").status_code == 400
    assert site.get("/queries/orders.csv?status=Nothing").status_code == 422
    assert site.get("/queries/orders.csv?limit=5").status_code == 400


def test_orders_are_counted_by_status(site: Site) -> None:
    site.post("orders", another_order(store="counted"))
    site.follow()
    counts = site.get("/queries/orders/counts").json
    assert counts["total"] == sum(counts["counts"].values())
    assert counts["estimate"] is False
    assert site.get("/queries/orders/counts?store=counted").json["estimate"] is True


def test_a_view_is_kept_shared_renamed_and_deleted_by_its_maker(site: Site) -> None:
    view_id = str(uuid4())
    body = {
        "view_id": view_id,
        "name": "Unpaid",
        "query": "status=Pending",
        "columns": ["order_number"],
        "shared": True,
    }
    assert site.post("views", body, role=Role.ADMIN).status_code == 201
    assert site.post("views", body, role=Role.ADMIN).json["code"] == "duplicate_view"
    seen = site.get("/queries/views", Role.AUDITOR).json["items"]
    assert [(each["name"], each["own"], each["query"]) for each in seen] == [("Unpaid", False, "status=Pending")]
    assert site.post(f"views/{view_id}/rename", {"name": "Mine"}, role=Role.AUDITOR).status_code == 404
    assert site.post(f"views/{view_id}/rename", {"name": "Open"}, role=Role.ADMIN).status_code == 200
    assert site.get("/queries/views").json["items"][0]["name"] == "Open"
    assert site.post(f"views/{view_id}/delete", role=Role.ADMIN).status_code == 200
    assert site.get("/queries/views").json["items"] == []


@pytest.mark.parametrize("header", ["Idempotency_Key", "If_Match"])
def test_a_header_that_commands_on_views_do_not_take_is_refused(site: Site, header: str) -> None:
    view_id = str(uuid4())
    body = {"view_id": view_id, "name": "Mine", "query": "status=Pending"}
    one = f"views/{view_id}"
    for path, said in (("views", body), (f"{one}/rename", {"name": "Other"}), (f"{one}/delete", {})):
        refused = site.post(path, said, role=Role.ADMIN, **{header: '"1"'})
        assert (refused.status_code, refused.json["code"]) == (400, "invalid_header")
    assert site.get("/queries/views").json["items"] == []


@pytest.mark.parametrize("path", ["/queries/orders", "/queries/invoices"])
def test_a_program_that_keeps_up_follows_next_for_ever(site: Site, path: str) -> None:
    for _ in range(3):
        placed = site.post("orders", another_order(store="polled", payment={"method": "purchase_order"})).json
        site.post(f"orders/{placed['order_id']}/invoices", {"lines": "all_remaining"})
    site.follow()
    told, address = [], f"{path}?after=0&limit=2"
    while items := (page := site.get(address).json)["items"]:
        told += [each["position"] for each in items]
        address = page["next"]
    assert told == sorted(set(told))
    assert page["next"] == f"{path}?limit=2&after={page['position']}"
    site.post(f"orders/{placed['order_id']}/capture-payment", {"amount": "43.01", "provider_reference": "polled-1"})
    site.follow()
    changed = site.get(page["next"]).json["items"]
    assert [each["order_id"] for each in changed] == [placed["order_id"]]
    assert site.get(f"{path}?after=999999").json["code"] == "position_unknown"
    assert site.get(f"{path}?after=0&sort=updated_at").status_code == 400
