"""The shipping label: a page of exactly 4 x 6 inches for each package, made for 203 dpi label printers.

Every bar is a whole number of printer dots wide. The SSCC follows GS1's rules for logistic labels: module 0.495 to
0.94 mm, at least 31.75 mm high, ten modules of quiet on either side, readable text below. Black only: thermal
printers have no grey.
"""

from collections.abc import Mapping

from adapters.documents import text as texts
from adapters.documents.barcodes import DOT, QUIET_MODULES, code128_bars, dots_per_module, gs1_bars
from adapters.documents.blocks import address_lines
from adapters.documents.contents import Address, Parcel, ShippingLabel
from adapters.documents.pages import Paper
from adapters.documents.sheet import MM, Sheet
from adapters.documents.words import size, weight, words

WIDTH, HEIGHT = 4 * 72.0, 6 * 72.0
_EDGE = 10.0
_INNER = WIDTH - 2 * _EDGE
_CAPTION = 6.0
_SSCC_DOTS = 4  # 0.5005 mm
_SSCC_HEIGHT = 32 * MM
_NARROWEST_DOTS = 2  # 0.25 mm: below that hand scanners fail, and the number is printed as text alone


def draw_label(sheet: Sheet, label: ShippingLabel, _paper: Paper) -> None:
    """One page per package, or only the one that is asked for."""
    if label.only is not None and not 1 <= label.only <= len(label.parcels):
        raise ValueError(f"Shipment {label.shipment_number} has no package {label.only}.")
    for place, parcel in enumerate(label.parcels, start=1):
        if label.only in {None, place}:
            sheet.begin(WIDTH, HEIGHT)
            _draw_page(sheet, label, parcel, place)
            sheet.end()


def _draw_page(sheet: Sheet, label: ShippingLabel, parcel: Parcel, place: int) -> None:
    sscc_top = HEIGHT - _SSCC_HEIGHT - 32
    facts_top = sscc_top - 126 if parcel.tracking_number else sscc_top - 50
    _head(sheet, label, 60)
    _ship_to(sheet, label, 63, facts_top - 2)
    _facts(sheet, label, parcel, place, facts_top)
    if parcel.tracking_number:
        _tracking(sheet, words(label.language)["tracking"], parcel.tracking_number, facts_top + 47)
    _sscc(sheet, parcel.sscc, sscc_top, words(label.language) if label.sample else None)


def _rule(sheet: Sheet, top: float) -> None:
    sheet.rule(_EDGE - 4, top, _INNER + 8, weight=1)


def _head(sheet: Sheet, label: ShippingLabel, bottom: float) -> None:
    table, left, top = words(label.language), _INNER * 0.52, 8.0
    sheet.text(_EDGE, top, table["from"].upper(), _CAPTION, width=left)
    lines, fitted = texts.fit(sheet.face.regular, _sender(label), (left, bottom - top - 9), 7.5, 4.5)
    sheet.lines(_EDGE, top + 8, lines, fitted, width=left)
    x, width = _EDGE + left + 8, _INNER - left - 8
    sheet.upright(x - 5, 3, bottom - 3, weight=1)
    carrier, fitted = texts.fit(sheet.face.bold, [label.carrier], (width, 28), 23, 6)
    top = sheet.lines(x, top, carrier, fitted, width=width, bold=True, align="center")
    if label.service:
        service, fitted = texts.fit(sheet.face.bold, [label.service], (width, bottom - top - 1), 12, 5)
        sheet.lines(x, top, service, fitted, width=width, bold=True, align="center")
    _rule(sheet, bottom)


def _sender(label: ShippingLabel) -> list[str]:
    lines = address_lines(label.ship_from, capitals=True)
    named = label.ship_from.name or label.ship_from.company
    return lines if named else [label.seller.name, *lines[1:]]


def _ship_to(sheet: Sheet, label: ShippingLabel, top: float, bottom: float) -> None:
    sheet.text(_EDGE, top, words(label.language)["ship_to"].upper(), _CAPTION, width=_INNER)
    lines, fitted = texts.fit(sheet.face.bold, _receiver(label.ship_to), (_INNER, bottom - top - 10), 17, 5)
    sheet.lines(_EDGE, top + 9, lines, fitted, width=_INNER, bold=True)
    _rule(sheet, bottom)


def _receiver(address: Address) -> list[str]:
    lines = address_lines(address, capitals=True)
    return [*lines, f"Tel. {address.phone}"] if address.phone else lines


def _facts(sheet: Sheet, label: ShippingLabel, parcel: Parcel, place: int, top: float) -> None:
    table = words(label.language)
    rows = (
        (
            (table["order"], label.order_number),
            (table["shipment"], label.shipment_number),
            (table["package"], f"{place} / {len(label.parcels)}"),
        ),
        (
            (table["reference"], label.reference),
            (table["weight"], weight(parcel.weight_grams, label.language)),
            (table["sizes"], size(parcel.length_mm, parcel.width_mm, parcel.height_mm)),
        ),
    )
    width = _INNER / 3
    for row in rows:
        for column, (caption, value) in enumerate(row):
            x = _EDGE + column * width
            sheet.text(x, top, caption.upper(), _CAPTION, width=width - 6)
            sheet.text(x, top + 7, value, 11, width=width - 6, bold=True)
        top += 22
    _rule(sheet, top + 1)


def _tracking(sheet: Sheet, caption: str, number: str, top: float) -> None:
    sheet.text(_EDGE, top, caption.upper(), _CAPTION, width=_INNER)
    bars = code128_bars(number)
    dots = dots_per_module(bars, WIDTH, _SSCC_DOTS) if bars else 0
    if bars and dots >= _NARROWEST_DOTS:
        sheet.bars(_centred(bars, dots), top + 9, bars, dots * DOT, 48)
        sheet.text(_EDGE, top + 59, number, 11, width=_INNER, bold=True, align="center")
    else:
        lines, fitted = texts.fit(sheet.face.bold, [number], (_INNER, 56), 20, 6)
        sheet.lines(_EDGE, top + 12, lines, fitted, width=_INNER, bold=True, align="center")
    _rule(sheet, top + 75)


def _sscc(sheet: Sheet, sscc: str, top: float, sample: Mapping[str, str] | None) -> None:
    if sample is None:
        sheet.text(_EDGE, top, "SSCC", _CAPTION, width=_INNER)
    else:
        sheet.text(_EDGE, top - 2, f"{sample['sample']} · {sample['sample_why']}", 9, width=_INNER, bold=True)
    bars = gs1_bars(f"00{sscc}")
    sheet.bars(_centred(bars, _SSCC_DOTS), top + 9, bars, _SSCC_DOTS * DOT, _SSCC_HEIGHT)
    sheet.text(_EDGE, top + 10 + _SSCC_HEIGHT, f"(00){sscc}", 12, width=_INNER, bold=True, align="center")


def _centred(bars: list[int], dots: int) -> float:
    width = sum(bars) * dots * DOT
    return max(QUIET_MODULES * dots * DOT, (WIDTH - width) / 2)
