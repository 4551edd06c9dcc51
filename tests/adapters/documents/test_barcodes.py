"""Barcodes are read back from pages as a 203 dpi label printer sets them, in black and white dots."""

import random

import pytest
import zxingcpp

from adapters.documents import render
from adapters.documents.barcodes import DOT, code128_bars, gs1_bars
from domain.sscc import sscc
from tests.adapters.documents import samples
from tests.adapters.documents.reading import barcodes_of, image_of, text_of


def read(pdf: bytes, page: int = 0) -> dict[str, zxingcpp.Barcode]:
    return {barcode.text: barcode for barcode in barcodes_of(pdf, page)}


def test_each_package_has_a_page_with_its_sscc_as_gs1_and_its_tracking_number() -> None:
    pdf = render([samples.label()])
    for page, parcel in enumerate(samples.label().parcels):
        codes = read(pdf, page)
        gs1 = codes[f"(00){parcel.sscc}"]
        assert gs1.content_type == zxingcpp.ContentType.GS1
        assert gs1.symbology_identifier == "]C1"
        assert gs1.bytes == b"00" + parcel.sscc.encode()
        tracking = codes[str(parcel.tracking_number)]
        assert tracking.symbology_identifier == "]C0"


def test_the_readable_line_says_what_the_bars_say() -> None:
    assert f"(00){samples.parcel().sscc}" in text_of(render([samples.label()]))


@pytest.mark.parametrize("number", [1, 999_999_999, 123_456_789, 500_000_000])
def test_any_sscc_is_read_back(number: int) -> None:
    code = sscc("0614141", number, 1)
    label = samples.label(parcels=(samples.parcel(sscc=code, tracking_number=None),))
    assert list(read(render([label]))) == [f"(00){code}"]


TRACKING = [
    "1Z999AA10123456784",
    "9400111899223197428490",
    "JJD0123456789012345678901",
    "RR123456785PT",
    "C",
    "1",
    "12345",
    "abc-DEF/12.3",
    "A1B2C3D4E5F6G7H8J9K0L1M2N3",
]


@pytest.mark.parametrize("number", TRACKING)
def test_tracking_numbers_of_every_form_are_read_back(number: str) -> None:
    codes = read(render([samples.label(parcels=(samples.parcel(tracking_number=number),))]))
    assert number in codes


def test_random_tracking_numbers_are_read_back() -> None:
    chance = random.Random(7)
    numbers = ["".join(chance.choices("ABCXYZ0123456789", k=chance.randint(1, 26))) for _ in range(40)]
    pdf = render([samples.label(parcels=tuple(samples.parcel(tracking_number=number) for number in numbers))])
    assert [number for page, number in enumerate(numbers) if number not in read(pdf, page)] == []


@pytest.mark.parametrize("number", ["X" * 64, "Пакет-1", "1Z\u200b9"])
def test_a_number_too_long_or_foreign_for_a_scanner_is_printed_as_text_alone(number: str) -> None:
    codes = read(render([samples.label(parcels=(samples.parcel(tracking_number=number),))]))
    assert [barcode.symbology_identifier for barcode in codes.values()] == ["]C1"]


def test_the_sscc_is_as_wide_and_high_as_gs1_asks_with_quiet_zones_free() -> None:
    image = image_of(render([samples.label()]))
    (code,) = [code for code in barcodes_of(render([samples.label()])) if code.text.startswith("(00)")]
    left, right = code.position.top_left.x, code.position.top_right.x
    module_mm = (right - left) / sum(gs1_bars("00" + samples.parcel().sscc)) * 25.4 / 203
    assert 0.495 <= module_mm <= 0.94
    row = code.position.top_left.y + 20
    dots = [image.getpixel((x, row)) == 0 for x in range(image.width)]
    first, last = dots.index(True), len(dots) - dots[::-1].index(True)
    assert first >= 40
    assert image.width - last >= 40
    column = [image.getpixel((first, y)) == 0 for y in range(image.height)]
    assert max(map(len, "".join("#" if dark else " " for dark in column).split())) * 25.4 / 203 >= 31.75


def test_every_bar_is_a_whole_number_of_printer_dots() -> None:
    image = image_of(render([samples.label()]))
    row = [image.getpixel((x, image.height - 200)) == 0 for x in range(image.width)]
    runs = [len(run) for run in "".join("#" if dark else " " for dark in row).split()]
    assert {run % 4 for run in runs} == {0}
    assert DOT * 203 == 72


def test_a_slip_and_a_manifest_carry_their_number_for_the_hand_scanner() -> None:
    assert "000000042" in read(render([samples.slip()]))
    assert "000000007" in read(render([samples.manifest()]))


def test_the_slip_leads_the_customer_to_the_tracking_page() -> None:
    codes = barcodes_of(render([samples.slip()]), dpi=150)
    assert samples.slip().tracking_url in [code.text for code in codes]


def test_one_package_can_be_printed_alone_and_keeps_its_place() -> None:
    pdf = render([samples.label(only=2)])
    assert "2 / 2" in text_of(pdf)
    assert f"(00){samples.label().parcels[1].sscc}" in read(pdf)
    with pytest.raises(ValueError, match="no package 3"):
        render([samples.label(only=3)])


def test_what_code_128_cannot_hold_has_no_bars() -> None:
    assert code128_bars("") is None
    assert code128_bars("é") is None
    assert code128_bars("\n") is None
