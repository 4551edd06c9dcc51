"""Names of the world print as they are written, and can be read back; what no font has is refused, never left out."""
# ruff: noqa: RUF001  (letters of other scripts are meant)

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import thread_time
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from pypdf import PdfReader

from adapters.documents import Fonts, Unprintable, fontlist, render, shaping
from adapters.documents.contents import Address, Document
from adapters.documents.fontlist import FontFile
from adapters.documents.shaping import Face, Line
from adapters.documents.text import wrap
from adapters.documents.typeface import REGULAR, Style, forget_installed, typeface
from tests.adapters.documents import samples

SHIPPED = Fonts(installed=False)
ARABIC = Address(name="محمد عمر", street=("شارع الشيخ زايد 15",), city="دبي", country="AE")
HEBREW = Address(name="דוד כהן", street=("רחוב הרצל 12, דירה 5",), city="תל אביב", country="IL")
VIETNAMESE = Address(name="Nguyễn Thị Ánh", street=("12 Đường Lê Lợi",), city="Thành phố Hồ Chí Minh", country="VN")
WITH_NOTO = {
    "Japanese": Address(name="山田 太郎", street=("神南1-19-11",), city="渋谷区", postcode="150-0041", country="JP"),
    "Chinese": Address(name="王小明", street=("建国路88号院",), city="北京", postcode="100022", country="CN"),
    "Korean": Address(name="김민수", street=("강남구 테헤란로 152",), city="서울", country="KR"),
    "Hindi": Address(name="लक्ष्मी शर्मा", street=("१२, महात्मा गांधी मार्ग",), city="नई दिल्ली", country="IN"),
    "Thai": Address(name="สมชาย ใจดี", street=("99/1 ถนนสุขุมวิท",), city="กรุงเทพมหานคร", country="TH"),
    "Tamil": Address(name="தமிழ்ச்செல்வன்", street=("சென்னை சாலை",), city="சென்னை", country="IN"),
}


@pytest.fixture
def noto() -> None:
    """Debian's fonts; where they are not, what to install is said instead."""
    families = {font.family for font in fontlist.installed()}
    if not {"Noto Sans CJK JP", "Noto Sans Devanagari", "Noto Sans Thai", "Noto Sans Tamil"} <= families:
        pytest.skip("install the fonts first: apt install fonts-noto-core fonts-noto-cjk")


def found_text(pdf: bytes) -> str:
    """What a reader of the file finds and copies."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def of_every_kind(address: Address) -> list[Document]:
    return [samples.label(address), samples.slip(address), samples.invoice(address), samples.memo(address)]


def lines_of(address: Address) -> list[str]:
    return [line for line in (address.name, *address.street, address.city) if line]


@pytest.mark.parametrize("script", ["Japanese", "Chinese", "Korean"])
@pytest.mark.usefixtures("noto")
def test_names_and_streets_of_east_asia_are_found_in_the_file(script: str) -> None:
    for document in of_every_kind(WITH_NOTO[script]):
        text = "".join(found_text(render([document])).split())
        assert [line for line in lines_of(WITH_NOTO[script]) if "".join(line.split()) not in text] == []


@pytest.mark.parametrize("script", ["Hindi", "Thai", "Tamil"])
@pytest.mark.usefixtures("noto")
def test_syllables_that_are_several_glyphs_are_found_by_readers_that_know_replacement_texts(script: str) -> None:
    pdf = render([samples.label(WITH_NOTO[script])])
    letters = set("".join(lines_of(WITH_NOTO[script])))
    assert letters <= set(found_text(pdf)) | {" "}
    if shutil.which("pdftotext"):
        read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
        assert [line for line in lines_of(WITH_NOTO[script]) if line not in read] == []


def test_vietnamese_needs_no_other_font() -> None:
    for document in of_every_kind(VIETNAMESE):
        text = " ".join(found_text(render([document], fonts=SHIPPED)).split())
        assert VIETNAMESE.name
        assert VIETNAMESE.name in text
        assert "FGlyphs" not in str(PdfReader(BytesIO(render([document], fonts=SHIPPED))).pages[0]["/Resources"])


@pytest.mark.parametrize("address", [ARABIC, HEBREW], ids=["Arabic", "Hebrew"])
def test_arabic_and_hebrew_print_with_the_shipped_font(address: Address) -> None:
    for document in of_every_kind(address):
        pdf = render([document], fonts=SHIPPED)
        assert pdf == render([document], fonts=SHIPPED)
        letters = {char for char in found_text(pdf) if char.isalpha()}
        assert address.name
        assert {char for char in address.name if char.isalpha()} <= letters


def line_of(text: str) -> Line:
    face = Face(REGULAR)
    return shaping.line(text, lambda chars: [face] * len(chars))


def order_of(line: Line) -> str:
    return "".join(glyph.text for glyph in line.glyphs)


def test_hebrew_stands_from_right_to_left_and_its_numbers_from_left_to_right() -> None:
    assert order_of(line_of("דירה 12, קומה 3")) == "3 המוק ,12 הריד"
    assert order_of(line_of("Herzl רחוב 5 st")) == "Herzl 5 בוחר st"


def test_arabic_letters_take_the_form_of_their_place() -> None:
    alone = {char: line_of(char).glyphs[0].glyph for char in "محد"}
    word = {glyph.text: glyph.glyph for glyph in line_of("محمد").glyphs}
    assert word["ح"] != alone["ح"]
    assert word["د"] != alone["د"]
    assert order_of(line_of("محمد")) == "دمحم"


def test_the_lines_of_an_address_stand_at_the_side_from_which_its_first_is_read() -> None:
    def left_edges(address: Address) -> list[float]:
        document = pypdfium2.PdfDocument(render([samples.label(address)], fonts=SHIPPED))
        page = document[0]
        boxes = [item.get_bounds() for item in page.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
        edges = [left for left, bottom, _, top in boxes if bottom > 290 and top < 360]
        document.close()
        return edges

    assert min(left_edges(replace(ARABIC, city="دبي"))) > 100
    assert min(left_edges(samples.LATIN)) < 15
    assert max(left_edges(replace(HEBREW, company="Acme Ltd."))) < 200


def test_every_line_of_a_wrapped_text_keeps_the_direction_of_the_whole() -> None:
    style = typeface(with_installed=False).regular
    lines = wrap(style, "שלום Daybook " * 20, 9, 60)
    assert len(lines) > 5
    assert all(shaping.reads_from_right(line) for line in lines)


@pytest.mark.usefixtures("noto")
def test_syllables_are_never_broken_over_lines() -> None:
    style = typeface().regular
    word = "क्षत्रियकीर्तिमान्" * 8
    lines = wrap(style, word, 9, 60)
    assert len(lines) > 4
    assert "".join(lines) == word
    whole = set(style.line(word).breaks)
    ends = [sum(map(len, lines[: count + 1])) for count in range(len(lines))]
    assert set(ends) <= whole


@pytest.mark.parametrize(("address", "package"), [(WITH_NOTO["Japanese"], "cjk"), (WITH_NOTO["Thai"], "core")])
def test_letters_that_no_font_has_are_refused_with_what_to_install(address: Address, package: str) -> None:
    with pytest.raises(Unprintable) as refused:
        render([samples.label(address)], fonts=SHIPPED)
    missing = set("".join((address.name or "", *address.street, address.city or "")))
    assert set(refused.value.characters) <= missing
    assert f"apt install fonts-noto-{package})" in str(refused.value)
    assert re.search(r"\(U\+[0-9A-F]{4}\)", str(refused.value))


def test_what_stands_in_data_alone_needs_no_font() -> None:
    given, shipped = samples.memo(), Fonts(installed=False)
    elsewhere = replace(given.bill_to.address, name="山田")
    told = replace(given, ship_to=elsewhere, bill_to=replace(given.bill_to, email="山田@example.jp"))
    assert render([told], fonts=shipped)
    with pytest.raises(Unprintable):
        render([replace(told, bill_to=replace(given.bill_to, address=elsewhere))], fonts=shipped)


def test_a_picture_that_no_font_has_prints_a_mark() -> None:
    invoice = samples.invoice(replace(samples.GREEK, name="Ana \U0001f9f8 \ue000"))
    assert "Ana \ufffd \ufffd" in found_text(render([invoice], fonts=SHIPPED))


@pytest.mark.usefixtures("noto")
def test_a_folder_of_fonts_is_searched_before_the_machine(tmp_path: Path) -> None:
    source = next(font.path for font in fontlist.installed() if font.family == "Noto Sans Thai" and font.weight == 80)
    shutil.copy(source, tmp_path / "thai.ttf")
    (tmp_path / "notes.txt").write_text("no font")
    (tmp_path / "broken.otf").write_bytes(b"nothing")
    fonts = Fonts((tmp_path,), installed=False)
    assert "สมชาย" in found_text(render([samples.label(WITH_NOTO["Thai"])], fonts=fonts))


@pytest.mark.usefixtures("noto")
def test_fonts_that_are_installed_while_it_runs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = fontlist.installed()
    there: list[Sequence[FontFile]] = [everything, (), ()]
    monkeypatch.setattr("adapters.documents.typeface.installed", there.pop)
    japanese = [samples.label(WITH_NOTO["Japanese"])]
    forget_installed()
    try:
        with pytest.raises(Unprintable):
            render(japanese)
        with pytest.raises(Unprintable):
            render(japanese)  # looked at a moment ago: not again
        assert there == [everything]
        monkeypatch.setattr("adapters.documents.typeface.LOOK_AGAIN_SECONDS", 0.0)
        assert render(japanese)
    finally:
        monkeypatch.undo()
        forget_installed()


def test_without_fontconfig_the_usual_folders_are_searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copy(REGULAR, tmp_path / "some.ttf")
    monkeypatch.setenv("PATH", os.fspath(tmp_path / "nowhere"))
    monkeypatch.setattr(fontlist, "FOLDERS", (os.fspath(tmp_path),))
    monkeypatch.setattr(fontlist, "FOLDERS_OF_MACOS", ())
    (font,) = fontlist.installed()
    assert (font.path.name, font.weight, "ж" in font, "山" in font) == ("some.ttf", 80, True, False)


def font(family: str, **more: Any) -> FontFile:
    return FontFile(Path(f"{family}.ttf"), family=family, charset="20-ffff", **more)


def test_upright_sans_serifs_of_the_right_weight_and_country_come_first() -> None:
    fonts = [
        font("Unifont"),
        font("Noto Serif CJK SC"),
        font("Noto Sans CJK JP", weight=200),
        font("Noto Sans CJK SC", slanted=True),
        font("Noto Sans Mono CJK SC"),
        font("Noto Sans CJK JP"),
        font("Noto Sans CJK SC"),
    ]
    best = sorted(fonts, key=lambda each: each.rank(bold=False, han="SC"))
    assert [each.family for each in best[:2]] == ["Noto Sans CJK SC", "Noto Sans CJK JP"]
    assert min(fonts, key=lambda each: each.rank(bold=True, han="JP")).weight == 200


def test_zero_width_joiners_only_stay_where_they_shape_something() -> None:
    style: Style = typeface(with_installed=False).regular
    assert style.printable("A\u200cB\u200d") == "AB"
    assert style.printable("می\u200cخواهم") == "می\u200cخواهم"
    assert style.printable("\u200fdir\u202eection") == "direction"


@pytest.mark.usefixtures("noto")
def test_labels_of_other_scripts_take_no_more_than_a_second_and_a_half_a_hundred() -> None:
    for address in (WITH_NOTO["Japanese"], ARABIC):
        label = samples.label(address, parcels=(samples.parcel(),))
        render([label])
        began = thread_time()
        render([label] * 100)
        assert thread_time() - began < 1.5


@pytest.mark.usefixtures("noto")
def test_long_texts_of_many_scripts_are_set_in_reasonable_time_and_fit() -> None:
    style = typeface().regular
    text = "".join(f"{address.name}{'' if n % 3 else ' '}" for n in range(60) for address in WITH_NOTO.values())
    began = thread_time()
    lines = wrap(style, text, 9, 200)
    assert thread_time() - began < 2
    assert max(style.width(line, 9) for line in lines) <= 200.01
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    street = (text[:255],) * 6
    crowded = replace(WITH_NOTO["Hindi"], name=text[:255], company=text[255:510], street=street)
    began = thread_time()
    assert render([samples.label(crowded)])
    assert thread_time() - began < 2
