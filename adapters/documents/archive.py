"""PDF/A-3: a file that needs nothing from outside to be read in fifty years, and carries its data with it.

What the standard (ISO 19005-3, level B) asks beyond embedded fonts: metadata in XMP that say the same as the
information dictionary, what the colours mean, a line end before every ``endstream``, and how an enclosed file belongs
to the document. Dates are those of the document, so that the same content gives the same bytes.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from PIL import ImageCms
from reportlab.pdfbase import pdfdoc  # type: ignore[import-untyped]

VERSION = (1, 7)
# Which of the document's readings the enclosed file is: the same, for machines.
RELATIONSHIP = "Alternative"
_COLOURS = "sRGB IEC61966-2.1"
# Of the profile: the version that the standard knows, and no time of making, which would be that of the printing.
_VERSION_AT, _VERSION_4_2 = slice(8, 10), bytes([4, 0x20])
_MADE_AT, _YEAR_2000 = slice(24, 36), bytes([0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """The data of a document, as a file in its PDF: ``profile`` is the Factur-X conformance level of the content."""

    name: str
    content: bytes
    profile: str
    dated: date


class _Stream(bytes, pdfdoc.PDFObject):  # type: ignore[misc]
    """The content of a stream, written with the line end that the library leaves out and does not count."""

    def format(self, _document: Any) -> bytes:
        return bytes(self) + b"\n"


class _LineEnds(pdfdoc.NoEncryption):  # type: ignore[misc]
    """The one place that all streams of a file come by."""

    def encode(self, content: Any) -> Any:
        return _Stream(content.encode("latin-1") if isinstance(content, str) else content)


class _Catalog(pdfdoc.PDFCatalog):  # type: ignore[misc]
    """A catalogue with the entries of PDF 2.0 and PDF/A that the library does not know."""

    __NoDefault__ = (*pdfdoc.PDFCatalog.__NoDefault__, "AF", "OutputIntents")


def archive(canvas: Any, enclosure: Enclosure, title: str, author: str, language: str) -> None:
    """Make the file that ``canvas`` writes one of PDF/A-3 with an enclosure. Its first font must be an embedded one."""
    document = canvas._doc
    canvas.setSubject(title)
    canvas.setKeywords("Factur-X")
    document.encrypt = _LineEnds()
    document._timeStamp.YMDhms = (*enclosure.dated.timetuple()[:3], 0, 0, 0)
    document.updateSignature(enclosure.content)
    catalog = document.Catalog
    catalog.__class__ = _Catalog
    catalog.Lang = pdfdoc.PDFString(language)
    catalog.Metadata = _stream(_metadata(enclosure, title, author), Type="/Metadata", Subtype="/XML")
    catalog.OutputIntents = pdfdoc.PDFArray([_colours(document)])
    file = document.Reference(_file(document, enclosure))
    catalog.AF = pdfdoc.PDFArray([file])
    names = pdfdoc.PDFDictionary({"Names": pdfdoc.PDFArray([pdfdoc.PDFString(enclosure.name), file])})
    catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": names})


def _stream(content: bytes, *, pressed: bool = False, **facts: Any) -> Any:
    return pdfdoc.PDFStream(pdfdoc.PDFDictionary(facts), content, [pdfdoc.PDFZCompress] if pressed else None)


def _file(document: Any, enclosure: Enclosure) -> Any:
    """The file specification of the enclosure."""
    content, day = enclosure.content, enclosure.dated
    facts = {"Size": len(content), "ModDate": pdfdoc.PDFString(f"D:{day:%Y%m%d}000000+00'00'")}
    stream = _stream(
        content, pressed=True, Type="/EmbeddedFile", Subtype="/text#2Fxml", Params=pdfdoc.PDFDictionary(facts)
    )
    embedded, name = document.Reference(stream), pdfdoc.PDFString(enclosure.name)
    return pdfdoc.PDFDictionary(
        {
            "Type": "/Filespec",
            "F": name,
            "UF": name,
            "Desc": pdfdoc.PDFString("Factur-X invoice"),
            "AFRelationship": f"/{RELATIONSHIP}",
            "EF": pdfdoc.PDFDictionary({"F": embedded, "UF": embedded}),
        }
    )


def _colours(document: Any) -> Any:
    profile = document.Reference(_stream(_srgb(), pressed=True, N=3))
    return pdfdoc.PDFDictionary(
        {
            "Type": "/OutputIntent",
            "S": "/GTS_PDFA1",
            "OutputConditionIdentifier": pdfdoc.PDFString(_COLOURS),
            "Info": pdfdoc.PDFString(_COLOURS),
            "DestOutputProfile": profile,
        }
    )


@lru_cache(maxsize=1)
def _srgb() -> bytes:
    """What red, green and blue are, as an ICC profile."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_VERSION_AT], profile[_MADE_AT] = _VERSION_4_2, _YEAR_2000
    return bytes(profile)


def _metadata(enclosure: Enclosure, title: str, author: str) -> bytes:
    """The XMP packet: what the file is, and by the extension of Factur-X what lies in it."""
    return _XMP.format(
        title=escape(title),
        author=escape(author),
        day=f"{enclosure.dated:%Y-%m-%d}T00:00:00+00:00",
        properties="".join(_PROPERTY.format(name=name, what=what) for name, what in _PROPERTIES.items()),
        name=escape(enclosure.name),
        profile=escape(enclosure.profile),
        begin="\ufeff",
    ).encode()


_PROPERTIES = {
    "DocumentFileName": "The name of the embedded XML document",
    "DocumentType": "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER",
    "Version": "The actual version of the standard applying to the embedded XML document",
    "ConformanceLevel": "The conformance level of the embedded XML document",
}
_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{what}</pdfaProperty:description></rdf:li>
"""
_XMP = """<?xpacket begin="{begin}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:description></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>Daybook</pdf:Producer><pdf:Keywords>Factur-X</pdf:Keywords></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreatorTool>Daybook</xmp:CreatorTool>
<xmp:CreateDate>{day}</xmp:CreateDate><xmp:ModifyDate>{day}</xmp:ModifyDate></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>
{properties}</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>{name}</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{profile}</fx:ConformanceLevel></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
