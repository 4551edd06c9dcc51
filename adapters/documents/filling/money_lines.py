"""The lines, charges and taxes of invoices and credit memos as they are printed. Amounts come as they go."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.documents.contents import MoneyLine, TaxLine
from adapters.documents.words import words

Json = Mapping[str, Any]
# UNTDID 5305: taxed at a rate, as e-invoices say it.
STANDARD = "S"
ADJUSTMENTS = {"adjustment_refund": "refund", "adjustment_fee": "kept"}


def money_line(line: Json) -> MoneyLine:
    return MoneyLine(
        name=line["name"],
        sku=line["sku"],
        quantity=line["quantity"],
        unit_price=line["net_unit_price"],
        discount=line["discount"],
        net=line["net"],
        tax_rate=line["tax_rate"],
        tax=line["tax"],
        disposition=line.get("disposition"),
        gtin=line.get("gtin"),
        unit=line.get("unit"),
    )


def tax_line(tax: Json, note: str | None, untaxed_category: str) -> TaxLine:
    """One rate; what is said of a rate of 0 %, and its category, only where it is one."""
    rate = tax["tax_rate"]
    untaxed = rate is not None and not Decimal(rate)
    return TaxLine(
        rate=rate,
        taxable=tax["net"],
        tax=tax["tax"],
        named=tuple((each["name"], each["amount"]) for each in tax.get("named") or ()),
        note=note if untaxed else None,
        category=untaxed_category if untaxed else STANDARD,
    )


def adjustment_line(part: Json, language: str, word: str = "adjustment_refund") -> MoneyLine:
    name = words(language)[word]
    amounts = {"unit_price": part["net"], "net": part["net"], "tax_rate": part["tax_rate"], "tax": part["tax"]}
    return MoneyLine(name=name, quantity=1, kind=ADJUSTMENTS[word], **amounts)


def charge_lines(document: Json) -> list[MoneyLine]:
    """The delivery and the other charges of a document."""
    delivery = document["shipping"]
    lines = [] if delivery is None else [_charge_line(delivery, delivery["description"], "delivery")]
    return [
        *lines,
        *(_charge_line(charge, charge["name"], charge["kind"] or "charge") for charge in document.get("charges") or ()),
    ]


def _charge_line(charge: Json, name: str | None, kind: str) -> MoneyLine:
    return MoneyLine(
        name=name,
        quantity=1,
        kind=kind,
        unit_price=charge["net"],
        net=charge["net"],
        tax_rate=charge["tax_rate"],
        tax=charge["tax"],
    )
