"""Why no tax is charged, in the words that the law wants on the document (Art. 226 of Directive 2006/112/EC).

Which case it is follows from where the seller and the goods are and from the buyer's VAT id; the merchant can set other
words, and words for its own reasons (a small business). Whether no tax was right to charge is not decided here.
"""

from collections.abc import Mapping
from typing import Any

from adapters.documents.stationery import Stationery
from adapters.documents.words import words

EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
# Greece has a prefix of its own.
PREFIXES = {"EL": "GR"}

# UNTDID 5305: why a rate is 0 %, as e-invoices say it.
CATEGORIES = {"intra_community": "K", "reverse_charge": "AE", "export": "G"}
EXEMPT, ZERO_RATED = "E", "Z"


def tax_note(stationery: Stationery, document: Mapping[str, Any], vat_id: str | None, language: str) -> str | None:
    """What is said of a rate of 0 %; None when nobody configured anything and no usual case fits."""
    case = _case(stationery.seller.address.country, document, vat_id)
    return stationery.tax_notes.get(case) or words(language).get(f"exempt_{case}")


def untaxed_category(stationery: Stationery, document: Mapping[str, Any], vat_id: str | None, note: str | None) -> str:
    """The VAT category of a rate of 0 %: where no usual case fits, exempt for a reason or zero-rated."""
    case = _case(stationery.seller.address.country, document, vat_id)
    return CATEGORIES.get(case) or stationery.untaxed_category or (EXEMPT if note else ZERO_RATED)


def _case(seller: str | None, document: Mapping[str, Any], vat_id: str | None) -> str:
    goods = document.get("goods", True)
    where = (document["shipping_address"] if goods else None) or document["billing_address"] or {}
    country = where.get("country")
    if seller not in EU or country is None or country == seller:
        return "other"
    if country not in EU:
        return "export" if goods else "other"
    if not _is_abroad(vat_id, seller):
        return "other"
    return "intra_community" if goods else "reverse_charge"


def _is_abroad(vat_id: str | None, seller: str) -> bool:
    """Whether a VAT id was given by another member state than the seller's."""
    prefix = (vat_id or "")[:2].upper()
    country = PREFIXES.get(prefix, prefix)
    return country in EU and country != seller
