"""The packing slip: what is in which package, for the one who packs and the one who unpacks. It never shows a price."""

from collections.abc import Sequence

from adapters.documents.blocks import BOX, Area, Block, address, kept, paragraph, space, stack, ticked
from adapters.documents.contents import PackedLine, PackingSlip, Parcel
from adapters.documents.letterhead import letterhead, remarks, scannable, sender_line, who_and_what
from adapters.documents.pages import Frame, Paper, set_pages
from adapters.documents.sheet import MM, Sheet
from adapters.documents.table import Cell, Column, Table
from adapters.documents.words import day, number, size, total_weight, weight, words

_QR = 20 * MM


def draw_slip(sheet: Sheet, slip: PackingSlip, paper: Paper) -> None:
    """The pages of one shipment's slip."""
    area, table = paper.area(sheet.face), words(slip.language)
    title = f"{table['packing_slip']} {slip.shipment_number}"
    blocks = [
        letterhead(area, slip.seller, table["packing_slip"], slip.shipment_number),
        _head(area, slip),
    ]
    for place, parcel in enumerate(slip.parcels, start=1):
        blocks += _parcel(area, slip, parcel, place)
    if slip.to_follow:
        heading = paragraph(area, table["to_follow"], 9.5, bold=True)
        blocks.append(kept(stack([space(5 * MM), heading, space(2)])))
        blocks += _lines(area, slip, slip.to_follow, table["to_follow"], packed=False)
    if slip.note:
        blocks += remarks(area, table["note"], slip.note)
    if slip.customer_note:
        blocks += remarks(area, table["customer_note"], slip.customer_note)
    if slip.tracking_url:
        blocks.append(_follow(area, table["follow"], slip.tracking_url))
    set_pages(sheet, Frame(paper, slip.seller, title, slip.language, legal=False), blocks)


def _head(area: Area, slip: PackingSlip) -> Block:
    table, left = words(slip.language), area.left
    parties = [
        sender_line(left, slip.seller, slip.language),
        address(left, table["ship_to"], slip.ship_to, 40 * MM, largest=11, language=slip.language),
    ]
    rows: list[tuple[str, str | None]] = [
        (table["shipment"], slip.shipment_number),
        (table["booked"], day(slip.booked_on)),
        (table["order"], slip.order_number),
        (table["order_date"], day(slip.ordered_on)),
        (table["your_reference"], slip.external_reference),
        (table["carrier"], slip.carrier),
        (table["service"], slip.service),
        (table["reference"], slip.reference),
        (table["packages"], str(len(slip.parcels))),
        (table["total_weight"], total_weight([parcel.weight_grams for parcel in slip.parcels], slip.language)),
    ]
    head = who_and_what(area, parties, [row for row in rows if row[1] is not None])
    code = scannable(area, slip.shipment_number)

    def draw(sheet: Sheet, top: float) -> None:
        code.draw(sheet, top - 12 * MM)
        head.draw(sheet, top)

    return Block(head.height, draw)


def _parcel(area: Area, slip: PackingSlip, parcel: Parcel, place: int) -> list[Block]:
    table = words(slip.language)
    title = table["package_of"].format(place=place, places=len(slip.parcels))
    measures = size(parcel.length_mm, parcel.width_mm, parcel.height_mm)
    details = [
        weight(parcel.weight_grams, slip.language),
        f"{measures} mm" if measures else None,
        parcel.type,
        f"SSCC {parcel.sscc}",
        f"{table['tracking']} {parcel.tracking_number}" if parcel.tracking_number else None,
    ]
    heading = [
        space(4 * MM if place > 1 else 0),
        paragraph(area, title, 10, bold=True),
        paragraph(area, " · ".join(part for part in details if part), 8),
        space(2),
    ]
    return [kept(stack(heading)), *_lines(area, slip, parcel.contents, title, packed=True)]


def _lines(
    area: Area,
    slip: PackingSlip,
    lines: Sequence[PackedLine],
    title: str,
    *,
    packed: bool,
) -> list[Block]:
    words_ = words(slip.language)
    columns = [
        Column(words_["sku"], 38 * MM, wrap=True),
        Column(words_["item"], 0, wrap=True),
        Column(words_["ordered"], 20 * MM, align="right"),
        Column(words_["packed"] if packed else words_["quantity"], 20 * MM, align="right"),
    ]
    if packed:
        columns.append(Column(words_["checked"], 17 * MM, align="center"))
    table = Table(area, columns, size=9.5, continued=f"{title} …")
    rows = [table.row(_cells(line, slip.language, packed=packed)) for line in lines]
    boxed = [ticked(row, area.x + area.width - (17 * MM + BOX) / 2) for row in rows] if packed else rows
    return [table.head, *boxed]


def _cells(line: PackedLine, language: str, *, packed: bool) -> list[Cell]:
    ordered = None if line.ordered is None else number(str(line.ordered), language)
    item = (line.name, *line.remarks) if line.remarks else line.name
    cells: list[Cell] = [line.sku, item, ordered, number(str(line.quantity), language)]
    return [*cells, ""] if packed else cells


def _follow(area: Area, caption: str, url: str) -> Block:
    x, width = area.x, area.width

    def draw(sheet: Sheet, top: float) -> None:
        top += 8 * MM
        sheet.qr(x, top, url, _QR)
        below = sheet.text(x + _QR + 5 * MM, top + 2, caption, 10, width=width - _QR - 5 * MM, bold=True)
        sheet.text(x + _QR + 5 * MM, below, url, 8, width=width - _QR - 5 * MM)

    return Block(_QR + 8 * MM, draw)
