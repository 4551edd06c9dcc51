"""Invoices and credit memos: what Art. 226 and 219 of the EU VAT Directive (2006/112/EC) ask to be on them.

Amounts are printed as they were given: a document that computed its own totals could differ from the books.
"""

from collections.abc import Sequence

from adapters.documents.blocks import Area, Block, address, beside, kept, paragraph, running, space, stack
from adapters.documents.contents import CreditMemo, Invoice, MoneyLine, TaxInBase, TaxLine, Transfer
from adapters.documents.letterhead import letterhead, sender_line, who_and_what
from adapters.documents.pages import Frame, Paper, set_pages
from adapters.documents.sheet import MM, Sheet
from adapters.documents.table import Cell, Column, Table
from adapters.documents.words import day, is_zero, number, percent, words

_RATES_BESIDE = 12  # more than these do not fit beside the totals on every page
Row = tuple[str, str, bool]
"""A line of the totals: name, amount, whether it is one that people look for."""


def draw_invoice(sheet: Sheet, invoice: Invoice, paper: Paper) -> None:
    """The pages of one invoice."""
    table, language = words(invoice.language), invoice.language
    rows: list[tuple[str, str | None]] = [
        (table["invoice"], invoice.number),
        (table["issued"], day(invoice.issued_on)),
        (table["supplied"], day(invoice.supplied_on)),
        (table["due_date"], day(invoice.due_on)),
        (table["order"], invoice.order_number),
        (table["order_date"], day(invoice.ordered_on)),
        (table["purchase_order"], invoice.purchase_order),
        (table["your_reference"], invoice.external_reference),
        (table["discount"], ", ".join(dict.fromkeys(invoice.discounts)) or None),
        (table["payment"], invoice.payment_method),
    ]
    totals: list[Row] = [(f"{table['grand_total']} {invoice.currency}", number(invoice.grand_total, language), True)]
    if not is_zero(invoice.paid):
        totals.append((table["paid"], number(invoice.paid, language), False))
    if not is_zero(invoice.waived):
        totals.append((table["waived"], number(invoice.waived, language), False))
    totals.append((f"{table['due']} {invoice.currency}", number(invoice.due, language), True))
    _draw(sheet, invoice, paper, rows, totals)


def draw_credit_memo(sheet: Sheet, memo: CreditMemo, paper: Paper) -> None:
    """The pages of one credit memo."""
    table, language = words(memo.language), memo.language
    amended = table["amends_of"].format(number=memo.invoice_number, day=day(memo.invoice_issued_on))
    rows: list[tuple[str, str | None]] = [
        (_title(memo), memo.number),
        (table["issued"], day(memo.issued_on)),
        (table["amends"], amended),
        (table["supplied"], day(memo.supplied_on)),
        (table["order"], memo.order_number),
        (table["purchase_order"], memo.purchase_order),
        (table["refund"], memo.refund_mode),
        (table["reason"], memo.reason),
    ]
    totals: list[Row] = []
    if not is_zero(memo.adjustment_refund):
        totals.append((table["adjustment_refund"], number(memo.adjustment_refund, language), False))
    if not is_zero(memo.adjustment_fee):
        totals.append((table["adjustment_fee"], number(f"-{memo.adjustment_fee}", language), False))
    totals.append((f"{table['total_credit']} {memo.currency}", number(memo.grand_total, language), True))
    _draw(sheet, memo, paper, rows, totals)


def _title(document: Invoice | CreditMemo) -> str:
    table = words(document.language)
    if isinstance(document, Invoice):
        return table["invoice"]
    return table["cancellation"] if document.cancels else table["credit_memo"]


def _draw(
    sheet: Sheet,
    document: Invoice | CreditMemo,
    paper: Paper,
    rows: Sequence[tuple[str, str | None]],
    totals: Sequence[Row],
) -> None:
    title = _title(document)
    area, table = paper.area(sheet.face), words(document.language)
    known = [row for row in rows if row[1] is not None]
    if document.seller.vat_id:
        known.append((table["our_vat_id"], document.seller.vat_id))
    blocks = [
        letterhead(area, document.seller, title, document.number),
        who_and_what(area, _parties(area, document), known),
        *_lines(area, document),
        *_sums(area, document, totals),
    ]
    if isinstance(document, Invoice) and document.transfer is not None:
        blocks[-1] = kept(blocks[-1])
        blocks.append(_transfer(area, document, document.transfer))
    for note in document.notes:
        first, *further = running(area, note)
        blocks[-1] = kept(blocks[-1])
        blocks += [stack([space(3), first]), *further]
    set_pages(sheet, Frame(paper, document.seller, f"{title} {document.number}", document.language), blocks)


def _parties(area: Area, document: Invoice | CreditMemo) -> list[Block]:
    table, left = words(document.language), area.left
    language = document.language
    parties = [sender_line(left, document.seller, language), _party(left, document)]
    elsewhere = document.ship_to if isinstance(document, Invoice) else None
    if elsewhere is not None and elsewhere != document.bill_to.address:
        parties += [space(4 * MM), address(left, table["ship_to"], elsewhere, 26 * MM, largest=9, language=language)]
    return parties


def _party(left: Area, document: Invoice | CreditMemo) -> Block:
    table, party = words(document.language), document.bill_to
    where = address(left, table["bill_to"], party.address, 38 * MM, language=document.language)
    numbers = [("your_vat_id", party.vat_id), ("your_registration", party.registration_id)]
    return stack([where, *(paragraph(left, f"{table[name]}: {number}", 8.5) for name, number in numbers if number)])


def _lines(area: Area, document: Invoice | CreditMemo) -> list[Block]:
    table = words(document.language)
    discounted = any(not is_zero(line.discount) for line in document.lines)
    columns = [
        Column("#", 7 * MM, align="right"),
        Column(table["item"], 0, wrap=True),
        Column(table["quantity"], 12 * MM, align="right"),
        Column(table["unit_net"], 23 * MM, align="right"),
        *([Column(table["discount"], 16 * MM, align="right")] if discounted else []),
        Column(table["net"], 22 * MM, align="right"),
        Column(table["vat_rate"], 12 * MM, align="right"),
        Column(table["vat"], 19 * MM, align="right"),
    ]
    grid = Table(area, columns)
    last = len(document.lines)
    rows = [
        grid.row(_cells(place, line, document.language, discounted), keep=place == last)
        for place, line in enumerate(document.lines, start=1)
    ]
    return [grid.head, *rows]


def _cells(place: int, line: MoneyLine, language: str, discounted: bool) -> list[Cell]:
    table = words(language)
    below = [line.sku] if line.sku and line.name else []
    if line.disposition:
        below.append(table.get(line.disposition, line.disposition))
    discount = "" if is_zero(line.discount) else number(f"-{line.discount}", language)
    return [
        str(place),
        (line.name or line.sku, *below),
        number(str(line.quantity), language) + (f" {line.unit}" if line.unit else ""),
        number(line.unit_price, language),
        *([discount] if discounted else []),
        number(line.net, language),
        "" if line.tax_rate is None else percent(line.tax_rate, language),
        number(line.tax, language),
    ]


def _sums(area: Area, document: Invoice | CreditMemo, totals: Sequence[Row]) -> list[Block]:
    table, language = words(document.language), document.language
    x, width = area.x, area.width
    rows: list[Row] = [
        (table["total_net"], number(document.total_net, language), False),
        (f"{table['total_vat']} {document.currency}", number(document.total_tax, language), False),
        *totals,
    ]
    right = _totals(area.part(x + width * 0.57, width * 0.43), rows)
    taxes = _taxes(area.part(x, width * 0.52), document.taxes, document)
    if len(document.taxes) > _RATES_BESIDE:
        return [stack([space(4 * MM), right]), *taxes]
    return [stack([space(4 * MM), beside([stack(taxes), right])])]


def _totals(area: Area, rows: Sequence[Row]) -> Block:
    x, width = area.x, area.width

    def draw(sheet: Sheet, top: float) -> None:
        for name, amount, strong in rows:
            size = 10.5 if strong else 9
            if strong:
                sheet.rule(x, top, width, weight=0.7)
            inset = 1.5 if strong else 0
            sheet.text(x, top + 1 + inset, name, size, width=width * 0.55, bold=strong)
            sheet.text(
                x + width * 0.55, top + 1 + inset, amount, size, width=width * 0.45 - 1.5, bold=strong, align="right"
            )
            top += _row_height(strong)

    return Block(sum(_row_height(strong) for _, _, strong in rows), draw)


def _row_height(strong: bool) -> float:
    return 18.0 if strong else 13.5


def _taxes(area: Area, taxes: Sequence[TaxLine], document: Invoice | CreditMemo) -> list[Block]:
    table, language = words(document.language), document.language
    columns = [
        Column(table["vat_rate"], 0, wrap=True),
        Column(table["taxable"], 32 * MM, align="right"),
        Column(table["vat"], 26 * MM, align="right"),
    ]
    grid = Table(area, columns, size=8)
    rows = [
        grid.row(
            (
                (
                    _rate_shown(tax, language),
                    *(f"{name}: {number(amount, language)}" for name, amount in tax.named),
                    *([tax.note] if tax.note else []),
                ),
                number(tax.taxable, language),
                number(tax.tax, language),
            )
        )
        for tax in taxes
    ]
    extra = [paragraph(area, table["all_amounts"].format(currency=document.currency), 7.5, grey=0.35)]
    if document.tax_in_base:
        extra.append(_in_base(area, document.tax_in_base, document.language))
    return [grid.head, *rows, space(3), *extra]


def _rate_shown(tax: TaxLine, language: str) -> str:
    return words(language)["vat"] if tax.rate is None else percent(tax.rate, language)


def _transfer(area: Area, invoice: Invoice, transfer: Transfer) -> Block:
    """How much to transfer, to whom, until when, and under which reference."""
    table, language = words(invoice.language), invoice.language
    wanted = table["transfer_until" if invoice.due_on else "transfer"]
    amount = number(invoice.due, language)
    asked = wanted.format(amount=amount, currency=invoice.currency, day=day(invoice.due_on))
    lines = [invoice.seller.name, *transfer.bank, f"{table['payment_reference']}: {transfer.reference}"]
    return stack([space(5 * MM), paragraph(area, asked, 9, bold=True), *(paragraph(area, line, 9) for line in lines)])


def _in_base(area: Area, base: TaxInBase, language: str) -> Block:
    caption = words(language)["vat_in_base"].format(currency=base.currency, rate=number(base.rate, language))
    return paragraph(area, f"{caption}: {number(base.tax, language)} {base.currency}", 8.5, bold=True)
