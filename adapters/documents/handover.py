"""The dispatch manifest: every package that a carrier takes along, for counting and for the driver's signature."""

from adapters.documents.blocks import Area, Block, address_lines, beside, facts, kept, paragraph, space, stack, ticked
from adapters.documents.contents import Address, Manifest, ManifestPackage
from adapters.documents.letterhead import letterhead, scannable
from adapters.documents.pages import Frame, Paper, set_pages
from adapters.documents.sheet import MM, Sheet
from adapters.documents.table import Cell, Column, Table
from adapters.documents.words import moment, number, size, total_weight, weight, words
from domain.places import place_line


def draw_manifest(sheet: Sheet, manifest: Manifest, paper: Paper) -> None:
    """The pages of one manifest, on turned paper."""
    wide = Paper(paper.height, paper.width)
    area, table = wide.area(sheet.face), words(manifest.language)
    grid = _grid(area, manifest)
    last = len(manifest.packages)
    rows = [
        ticked(grid.row(_cells(place, package, manifest.language), keep=place == last), area.x + 3)
        for place, package in enumerate(manifest.packages, start=1)
    ]
    blocks = [
        letterhead(area, manifest.seller, table["manifest"], manifest.number, 17 * MM),
        _head(area, manifest),
        grid.head,
        *rows,
        kept(_totals(area, manifest)),
        _signatures(area, manifest),
    ]
    title = f"{table['manifest']} {manifest.number} · {manifest.carrier}"
    set_pages(sheet, Frame(wide, manifest.seller, title, manifest.language, legal=False), blocks)


def _head(area: Area, manifest: Manifest) -> Block:
    table = words(manifest.language)
    x, width = area.x, area.width
    at = manifest.location_address
    where = address_lines(at, language=manifest.language)[1:] if at else []
    left: list[tuple[str, str | None]] = [
        (table["carrier"], manifest.carrier),
        (table["location"], ", ".join([manifest.location, *where])),
        (table["ready_at"], moment(manifest.ready_at)),
    ]
    right: list[tuple[str, str | None]] = [
        (table["dispatch"], manifest.dispatch_number),
        (table["packages"], str(len(manifest.packages))),
        (table["total_weight"], _weight(manifest)),
    ]
    if manifest.issued_at:
        right.append((table["issued"], moment(manifest.issued_at)))
    code = scannable(area, manifest.number)
    columns = beside(
        [
            facts(area.part(x, width * 0.42), left, 10),
            facts(area.part(x + width * 0.46, width * 0.28), right, 10),
        ]
    )
    body = stack([columns, space(5 * MM)])

    def draw(sheet: Sheet, top: float) -> None:
        code.draw(sheet, top)
        body.draw(sheet, top)

    return Block(max(body.height, code.height + 4 * MM), draw)


def _grid(area: Area, manifest: Manifest) -> Table:
    table = words(manifest.language)
    columns = [
        Column("", 6 * MM),
        Column("#", 8 * MM, align="right"),
        Column(table["shipment"], 20 * MM),
        Column(table["order"], 20 * MM),
        Column(table["service"], 20 * MM),
        Column(table["reference"], 24 * MM),
        Column(table["tracking"], 36 * MM),
        Column("SSCC", 32 * MM),
        Column(table["ship_to"], 0, wrap=True),
        Column(table["weight"], 16 * MM, align="right"),
        Column(table["sizes"], 23 * MM, align="right"),
    ]
    return Table(area, columns, size=8)


def _cells(place: int, package: ManifestPackage, language: str) -> list[Cell]:
    return [
        "",
        str(place),
        package.shipment_number,
        package.order_number,
        package.service,
        package.reference,
        package.tracking_number,
        package.sscc,
        _short(package.ship_to),
        weight(package.weight_grams, language),
        size(package.length_mm, package.width_mm, package.height_mm),
    ]


def _short(address: Address) -> str:
    place = place_line(address.postcode, address.city, address.region, address.country)
    parts = (address.name or address.company or "—", place, address.country)
    return ", ".join(part for part in parts if part)


def _weight(manifest: Manifest) -> str:
    return total_weight([package.weight_grams for package in manifest.packages], manifest.language)


def _totals(area: Area, manifest: Manifest) -> Block:
    table, language = words(manifest.language), manifest.language
    x, width = area.x, area.width
    shipments = len({package.shipment_number for package in manifest.packages})
    parts = [
        f"{table['packages']}: {number(str(len(manifest.packages)), language)}",
        f"{table['shipments']}: {number(str(shipments), language)}",
        f"{table['total_weight']}: {_weight(manifest)}",
    ]

    def draw(sheet: Sheet, top: float) -> None:
        sheet.rule(x, top, width, weight=0.8)
        sheet.text(x + 1.5, top + 4, table["total"], 10, width=60, bold=True)
        sheet.text(x + 70, top + 4, " · ".join(parts), 10, width=width - 71.5, bold=True, align="right")

    return Block(22, draw)


def _signatures(area: Area, manifest: Manifest) -> Block:
    table = words(manifest.language)
    x, width = area.x, area.width
    half = width / 2 - 4 * MM
    sides = [
        _signature(area.part(x, half), table["handed_over"], [table["name"], table["signature"], table["signed_at"]]),
        _signature(
            area.part(x + width - half, half),
            f"{table['received']} ({manifest.carrier})",
            [table["name"], table["signature"], table["signed_at"], table["count"]],
        ),
    ]
    return stack([space(6 * MM), beside(sides)])


def _signature(area: Area, title: str, fields: list[str]) -> Block:
    x, width = area.x, area.width
    heading = paragraph(area, title, 10, bold=True)
    step = 10.5 * MM

    def draw(sheet: Sheet, top: float) -> None:
        heading.draw(sheet, top)
        top += heading.height
        for field in fields:
            top += step
            sheet.text(x, top - 11, field, 8, width=width * 0.26, grey=0.35)
            sheet.rule(x + width * 0.28, top, width * 0.72)

    return Block(heading.height + step * len(fields) + 2, draw)
