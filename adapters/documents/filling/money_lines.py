"""The lines, charges and taxes of invoices and credit memos as they are printed. Amounts come as they go."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.documents.contents import MoneyLine, TaxLine
from adapters.documents.words import words

Json = Mapping[str, Any]


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
    )


def tax_line(tax: Json, note: str | None) -> TaxLine:
    untaxed = tax["tax_rate"] is not None and not Decimal(tax["tax_rate"])
    return TaxLine(rate=tax["tax_rate"], taxable=tax["net"], tax=tax["tax"], note=note if untaxed else None)


def adjustment_line(part: Json, language: str, word: str = "adjustment_refund") -> MoneyLine:
    name = words(language)[word]
    amounts = {"unit_price": part["net"], "net": part["net"], "tax_rate": part["tax_rate"], "tax": part["tax"]}
    return MoneyLine(name=name, quantity=1, **amounts)


def charge_line(charge: Json) -> MoneyLine:
    return MoneyLine(
        name=charge["description"],
        quantity=1,
        unit_price=charge["net"],
        net=charge["net"],
        tax_rate=charge["tax_rate"],
        tax=charge["tax"],
    )
