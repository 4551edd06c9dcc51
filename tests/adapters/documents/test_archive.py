"""A PDF that carries its data is PDF/A-3: what ISO 19005-3 asks, looked up in the file."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import facturx  # type: ignore[import-untyped, import-not-found, unused-ignore]
import pytest
from lxml import etree  # type: ignore[import-untyped, import-not-found, unused-ignore]
from PIL import Image
from pypdf import PdfReader

from adapters.documents import Enclosure, render
from adapters.documents.contents import Invoice, Party
from adapters.einvoices import cii, einvoice
from tests.adapters.einvoices.test_einvoices import BUYER, SELLER, invoice

NAMES = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


def archived(document: Invoice) -> bytes:
    content = cii.written(einvoice(document))
    data = Enclosure(name=cii.FILE_NAME, content=content, profile=cii.CONFORMANCE, dated=document.issued_on)
    return render([document], enclosure=data)


def picture(mode: str, kind: str) -> bytes:
    file = BytesIO()
    Image.new(mode, (60, 30)).save(file, kind)
    return file.getvalue()


def pages(pdf: bytes) -> list[Any]:
    return list(PdfReader(BytesIO(pdf)).pages)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """With a logo in the colours of a printing press and a name that has to be shaped."""
    buyer = Party(address=replace(BUYER, name="محمد Silva"), email="ana@example.com")
    return archived(invoice(seller=replace(SELLER, logo=picture("CMYK", "JPEG")), bill_to=buyer))


@pytest.fixture(scope="module")
def root(pdf: bytes) -> Any:
    return PdfReader(BytesIO(pdf)).trailer["/Root"]


def test_another_reader_takes_out_what_was_put_in(pdf: bytes) -> None:
    name, xml = facturx.get_xml_from_pdf(pdf, check_xsd=True)
    assert name == "factur-x.xml"
    assert etree.fromstring(xml).findtext(".//{*}GrandTotalAmount") == "35.70"


def test_the_same_content_gives_the_same_bytes(pdf: bytes) -> None:
    assert archived(invoice()) == archived(invoice())
    other = archived(invoice(order_number="000000008"))
    assert PdfReader(BytesIO(other)).trailer["/ID"] != PdfReader(BytesIO(pdf)).trailer["/ID"]


def test_the_enclosure_belongs_to_the_document(root: Any) -> None:
    (file,) = (each.get_object() for each in root["/AF"])
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert (names[0], names[1].get_object()) == ("factur-x.xml", file)
    assert (file["/AFRelationship"], file["/F"], file["/UF"]) == ("/Alternative", "factur-x.xml", "factur-x.xml")
    embedded = file["/EF"]["/F"].get_object()
    assert (embedded["/Subtype"], embedded["/Params"]["/Size"]) == ("/text/xml", len(embedded.get_data()))


def test_the_metadata_say_what_the_file_is_and_agree_with_its_information(pdf: bytes, root: Any) -> None:
    packet = root["/Metadata"].get_object()
    assert "/Filter" not in packet
    xmp = etree.fromstring(packet.get_data())

    def said(path: str) -> str:
        return str(xmp.findtext(f".//{path}", namespaces=NAMES))

    assert (said("pdfaid:part"), said("pdfaid:conformance")) == ("3", "B")
    assert (said("fx:DocumentFileName"), said("fx:ConformanceLevel")) == ("factur-x.xml", "EN 16931")
    assert (said("fx:DocumentType"), said("fx:Version")) == ("INVOICE", "1.0")
    information = PdfReader(BytesIO(pdf)).metadata
    assert information is not None
    assert (information.title, information.author) == (said("dc:title//rdf:li"), said("dc:creator//rdf:li"))
    assert said("xmp:CreateDate") == "2026-11-02T00:00:00+00:00"
    assert information.creation_date is not None
    assert information.creation_date.date() == date(2026, 11, 2)


def test_it_says_what_its_colours_mean(pdf: bytes, root: Any) -> None:
    (intent,) = root["/OutputIntents"]
    profile = intent["/DestOutputProfile"].get_object()
    content = profile.get_data()
    assert (intent["/S"], profile["/N"], content[12:20]) == ("/GTS_PDFA1", 3, b"mntrRGB ")
    assert content[8] <= 4
    (page,) = pages(pdf)
    (logo,) = page["/Resources"]["/XObject"].values()
    assert logo.get_object()["/ColorSpace"] == "/DeviceRGB"


def test_every_font_is_embedded_and_says_its_characters(pdf: bytes) -> None:
    fonts = [font for page in pages(pdf) for font in page["/Resources"]["/Font"].values()]
    assert len(fonts) >= 3
    for font in (each.get_object() for each in fonts):
        holder = font["/DescendantFonts"][0].get_object() if font["/Subtype"] == "/Type0" else font
        assert "/FontFile2" in holder["/FontDescriptor"]
        assert "/ToUnicode" in font


def test_the_file_is_written_as_the_standard_wants(pdf: bytes) -> None:
    assert pdf.startswith(b"%PDF-1.7\n%")
    assert all(byte > 127 for byte in pdf[10:14])
    assert not re.search(rb"[^\n]endstream", pdf)
    assert b"/Encrypt" not in pdf
    lengths = [int(each) for each in re.findall(rb"/Length (\d+)", pdf)]
    streams = re.findall(rb"\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    assert sorted(lengths) == sorted(len(stream) for stream in streams)


def test_without_data_a_document_is_what_it_was() -> None:
    plain = render([invoice()])
    assert plain.startswith(b"%PDF-1.3")
    assert not PdfReader(BytesIO(plain)).attachments
