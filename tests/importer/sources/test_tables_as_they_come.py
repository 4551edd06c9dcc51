"""Tables as other programs leave them: marks that are not closed, encodings, separators, heads that stand twice."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from daybook.importing.sources.reading import Options
from daybook.importing.sources.refused import Unreadable
from tests.importer.sources.samples import SAMPLES, files_of, lines_of, read

Table = list[list[str]]


def rows_of(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def written(rows: Table, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def shop(folder: Path, change: Callable[[str], str]) -> list[Path]:
    """The sample of Shopify with its text changed."""
    file = folder / "orders_export.csv"
    file.write_text(change(files_of("shopify")[0].read_text(encoding="utf-8")), encoding="utf-8", newline="")
    return [file]


def once(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert text.count(old) >= 1
        return text.replace(old, new, 1)

    return change


def test_a_mark_that_is_not_closed_is_told_for_every_order_that_it_takes(tmp_path: Path) -> None:
    """It opens in the second row of #3001 and is closed by the peg's, ten orders below."""
    taken, refused = read("shopify", shop(tmp_path, once(",Tea towel,", ',"Tea towel,')))
    told = [each.number for each in refused]
    assert told == [f"#{number}" for number in range(3001, 3014)]
    assert [order.number for order in taken] == ["#3014", "#3015"]
    assert {each.place.line for each in refused} >= {3, 4, 5}
    for each in refused:
        assert "A quotation mark that opens on line 3 is not closed where its text ends" in each.reason
        assert "the lines 3 to 18 was taken" in each.reason
        assert "Put the mark right" in each.reason


def test_a_row_that_a_mark_makes_of_two_is_seen_though_its_fields_are_as_many(tmp_path: Path) -> None:
    """The mark is closed by one in the same column below: the row has the right count, and belongs to two orders."""
    change = lambda text: once(",Linen apron,", ',"Linen apron",')(once(",Wool blanket,", ',"Wool blanket,')(text))  # noqa: E731
    before, _ = read("shopify")
    taken, refused = read("shopify", shop(tmp_path, change))
    assert [each.number for each in refused] == ["#3002", "#3003"]
    assert len(taken) == len(before) - 2


def test_a_swallowed_row_with_an_open_mark_of_its_own_is_told_too(tmp_path: Path) -> None:
    change = lambda text: once(",Linen apron,", ',"Linen apron,')(once(",Wool blanket,", ',"Wool blanket,')(text))  # noqa: E731
    _, refused = read("shopify", shop(tmp_path, change))
    assert [each.number for each in refused] == ["#3002", "#3003"]


def test_an_order_of_which_a_row_is_swallowed_is_not_taken_without_it(tmp_path: Path) -> None:
    """The free sample costs nothing: no sum would tell that it is missing."""
    change = once("#3013,buyer3013@example.com,,,,,,,,,,,,,,2026", '"#3013,buyer3013@example.com,,,,,,,,,,,,,,2026')
    taken, refused = read("shopify", shop(tmp_path, change))
    assert "#3013" not in {order.number for order in taken}
    assert [each.number for each in refused] == ["#3013", "#3014", "#3015"]


def test_the_line_is_that_of_the_mark_where_a_note_of_several_lines_stands_before_it(tmp_path: Path) -> None:
    rows = rows_of(files_of("shopify")[0])
    note = rows[0].index("Billing Name")
    rows[3][note] = "Ring\r\ntwice"
    text = written(rows)
    line = text.splitlines()[4]  # the second line of the note
    broken = text.replace(line, line.replace("Northwind Goods", '"Northwind Goods', 1), 1)
    _, refused = read("shopify", shop(tmp_path, lambda _: broken))
    assert "opens on line 5 " in refused[0].reason


def test_texts_of_several_lines_and_marks_within_them_are_no_fault(tmp_path: Path) -> None:
    rows = rows_of(files_of("shopify")[0])
    notes = rows[0].index("Notes")
    rows[1][notes] = 'Gate "B",\r\nring twice,\r\n"thanks"'
    taken, refused = read("shopify", shop(tmp_path, lambda _: written(rows)))
    assert refused == []
    assert taken[0].customer_note == 'Gate "B",\r\nring twice,\r\n"thanks"'


def test_a_mark_that_takes_more_than_a_text_can_have_is_told_with_its_line(tmp_path: Path) -> None:
    rows = files_of("shopify")[0].read_text(encoding="utf-8").splitlines()
    text = "\n".join([rows[0], *rows[1:3], rows[3].replace("Wool", '"Wool'), *rows[2:3] * 6_000])
    with pytest.raises(Unreadable, match="the quotation mark that opens on line 4 is not closed"):
        read("shopify", shop(tmp_path, lambda _: text))


@pytest.mark.parametrize("source", ["shopify", "etsy", "amazon"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_a_table_that_was_saved_as_unicode_text_is_read_as_it_is(source: str, encoding: str, tmp_path: Path) -> None:
    files = []
    for path in files_of(source):
        files.append(tmp_path / path.name)
        files[-1].write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    orders, refused = read(source, files)
    assert (lines_of(orders), len(refused)) == (lines_of(read(source)[0]), len(read(source)[1]))


@pytest.mark.parametrize("source", ["woocommerce", "magento"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_list_that_a_shell_saved_in_utf_16_is_read_as_it_is(source: str, encoding: str, tmp_path: Path) -> None:
    files = []
    for path in files_of(source):
        files.append(tmp_path / path.name)
        files[-1].write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert lines_of(read(source, files)[0]) == lines_of(read(source)[0])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1", "windows-1252"])
def test_an_order_of_ubl_is_read_in_the_encoding_that_it_names(encoding: str, tmp_path: Path) -> None:
    text = (SAMPLES / "5_ubl_order.xml").read_text(encoding="utf-8")
    assert 'encoding="UTF-8"' in text
    file = tmp_path / "order.xml"
    named = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
    file.write_bytes(text.replace('encoding="UTF-8"', f'encoding="{named}"').encode(encoding))
    assert lines_of(read("ubl", [file])[0]) == lines_of(read("ubl", [SAMPLES / "5_ubl_order.xml"])[0])


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("cp1252", "--encoding cp1252 reads 'Fôrma São João'"), ("mac_roman", "--encoding mac_roman reads 'Fôrma São ")],
)
def test_letters_in_another_encoding_are_shown_as_each_of_the_usual_ones_reads_them(
    encoding: str, said: str, tmp_path: Path
) -> None:
    (file,) = shop(tmp_path, once("Enamel mug", "Fôrma São João"))
    file.write_bytes(file.read_text(encoding="utf-8").encode(encoding))
    with pytest.raises(Unreadable) as told:
        read("shopify", [file])
    assert said in str(told.value)
    assert "is not encoded as UTF-8. Line 2 tells" in str(told.value)
    assert read("shopify", [file], Options(encoding=encoding))[0][0].lines[0].name == "Fôrma São João"


def test_an_encoding_that_would_read_every_accent_wrong_is_not_taken(tmp_path: Path) -> None:
    files = shop(tmp_path, once("Enamel mug", "Fôrma"))
    with pytest.raises(Unreadable, match=r"is encoded as UTF-8, not as cp1252\. Leave --encoding out"):
        read("shopify", files, Options(encoding="cp1252"))


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("source", ["shopify", "etsy"])
def test_a_table_with_other_separators_is_the_same(source: str, delimiter: str, tmp_path: Path) -> None:
    files = []
    for path in files_of(source):
        files.append(tmp_path / path.name)
        files[-1].write_text(written(rows_of(path), delimiter), encoding="utf-8", newline="")
    assert lines_of(read(source, files)[0]) == lines_of(read(source)[0])


def test_the_head_may_stand_again_where_files_were_put_together(tmp_path: Path) -> None:
    def twice(text: str) -> str:
        lines = text.splitlines()
        return "\n".join([*lines[:6], lines[0], *lines[6:]]) + "\n"

    orders, refused = read("shopify", shop(tmp_path, twice))
    assert refused == []
    assert lines_of(orders) == lines_of(read("shopify")[0])


@pytest.mark.parametrize("named", ["", "Total"])
def test_a_row_of_totals_below_is_refused_and_nothing_else(named: str, tmp_path: Path) -> None:
    rows = rows_of(files_of("shopify")[0])
    total = [""] * len(rows[0])
    total[0], total[rows[0].index("Total")] = named, "2187.69"
    total[rows[0].index("Lineitem quantity")] = "41"
    orders, (refused,) = read("shopify", shop(tmp_path, lambda _: written([*rows, total])))
    assert lines_of(orders) == lines_of(read("shopify")[0])
    assert refused.place.line == len(rows) + 1
