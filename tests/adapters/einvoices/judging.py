"""Random orders, told as e-invoices and judged: what the suite does with a few, `make einvoices` with many."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from adapters.documents.contents import CreditMemo, Invoice
from adapters.einvoices import EInvoice, EInvoiceImpossible, cii, einvoice, ubl
from adapters.einvoices.missing import CONTRADICTION
from tests.support.einvoices import peppol_faults, rule_faults, schema_faults
from tests.support.random_documents import documents, random_case, stationery


def judge(seeds: Iterable[int]) -> tuple[Counter[str], list[str]]:
    """How many documents of what kind the orders of ``seeds`` have, and every fault that anybody finds in them."""
    seen: Counter[str] = Counter()
    faults: list[str] = []
    for seed in seeds:
        for document in documents(random_case(seed), stationery()):
            seen[type(document).__name__] += 1
            try:
                told = einvoice(document)
            except EInvoiceImpossible as impossible:
                # Without decimals, rounding per line soon exceeds the whole unit that the rules allow.
                if document.currency != "JPY" or impossible.code != CONTRADICTION:
                    faults.append(f"order {seed}: {impossible}")
                continue
            seen.update({tax.category.code for tax in told.taxes})
            faults += [f"order {seed}, {document.number}: {fault}" for fault in _faults(document, told)]
    return seen, faults


def _faults(document: Invoice | CreditMemo, told: EInvoice) -> list[str]:
    one, other = cii.written(told), ubl.written(told)
    faults = _sums(document, told) + schema_faults("cii", one) + schema_faults("ubl", other)
    return faults or rule_faults("cii", one) + rule_faults("ubl", other) + peppol_faults(other)


def _sums(document: Invoice | CreditMemo, told: EInvoice) -> list[str]:
    """The totals are those of the document, and add up as the standard says, to the cent."""
    totals = told.totals
    printed = (Decimal(document.total_net), Decimal(document.total_tax), Decimal(document.grand_total))
    due = Decimal(document.due) if isinstance(document, Invoice) else totals.gross
    right = {
        "printed": (totals.net, totals.tax, totals.gross) == printed,
        "due": totals.due == due,
        "BR-CO-10": totals.lines == sum(line.net for line in told.lines),
        "BR-CO-13": totals.net == totals.lines - totals.allowances + totals.charges,
        "BR-CO-14": totals.tax == sum(tax.tax for tax in told.taxes),
        "BR-CO-15": totals.gross == totals.net + totals.tax,
        "taxable": totals.net == sum(tax.taxable for tax in told.taxes),
    }
    return [f"the sum {name} is not right" for name, is_right in right.items() if not is_right]
