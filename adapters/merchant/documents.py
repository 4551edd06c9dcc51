"""The merchant's table ``documents``: paper, fonts, terms of payment, and words for why no tax is charged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.documents import FontError, Fonts
from adapters.documents.pages import PAPERS
from adapters.merchant.toml_table import ConfigError, Table

# UNTDID 5305: zero-rated, exempt, outside the scope of VAT.
UNTAXED_CATEGORIES = ("Z", "E", "O")
TAX_CASES = ("intra_community", "reverse_charge", "export", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettings:
    """``payment_days``: how many days after its issue an invoice is due; None when that is agreed elsewhere.

    ``e_invoices``: the PDFs of invoices and credit memos carry their data (Factur-X); ``untaxed_category`` is the VAT
    category of a rate of 0 % where no usual case fits.
    """

    paper: str = "A4"
    fonts: Fonts = field(default_factory=Fonts)
    payment_days: int | None = None
    tax_notes: Mapping[str, str] = field(default_factory=dict)
    e_invoices: bool = True
    untaxed_category: str | None = None


def document_settings(table: Table, folder: Path) -> DocumentSettings:
    """What the table says; files are looked for beside the merchant's. Raises ``ConfigError``."""
    with table:
        return DocumentSettings(
            paper=table.one_of("paper", tuple(PAPERS)) if table.has("paper") else "A4",
            fonts=_fonts(table, folder),
            payment_days=table.whole("payment_days"),
            tax_notes=_tax_notes(table),
            e_invoices=table.flag("e_invoices") if table.has("e_invoices") else True,
            untaxed_category=_untaxed_category(table),
        )


def _fonts(table: Table, folder: Path) -> Fonts:
    named = tuple(folder / name for name in table.texts("fonts"))
    fonts = Fonts(named, table.flag("installed_fonts") if table.has("installed_fonts") else True)
    try:
        fonts.face()
    except FontError as error:
        raise ConfigError(f"documents.fonts: {error}.") from None
    return fonts


def _tax_notes(table: Table) -> dict[str, str]:
    if not table.has("tax_notes"):
        return {}
    with table.table("tax_notes") as notes:
        return {case: notes.text(case) for case in TAX_CASES if notes.has(case)}


def _untaxed_category(table: Table) -> str | None:
    return table.one_of("untaxed_category", UNTAXED_CATEGORIES) if table.has("untaxed_category") else None
