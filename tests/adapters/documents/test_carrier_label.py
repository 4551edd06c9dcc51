"""The carriers' own labels on paper: pictures drawn on a page, PDFs as they came, behind each other in one file."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from adapters.carriers.simulated import drawn_label
from adapters.documents.carrier_file import unusable, unusable_label
from adapters.documents.carrier_label import carrier_labels, carrier_zpl, joined
from adapters.documents.contents import Address, CarrierLabel, Seller
from adapters.documents.rendering import render
from domain.printed_document import NothingToPrint

SELLER = Seller(name="Shop", address=Address(name="Shop"))
PICTURE = drawn_label("1Z1", "ground")


def pdf(pages: int) -> bytes:
    writer, file = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(288, 432)
    writer.write(file)
    return file.getvalue()


class Kept:
    """Files by their labels."""

    def __init__(self, files: dict[UUID, bytes]) -> None:
        self.files = files

    def find(self, intent_id: UUID) -> bytes | None:
        return self.files.get(intent_id)

    def find_manifest(self, dispatch_id: UUID) -> bytes | None:
        return self.files.get(dispatch_id)


def shipment(
    *labels: tuple[UUID, str] | None, state: str = "booked", void: str | None = None, number: str | None = None
) -> dict[str, Any]:
    """A shipment with a package for each label; None for one whose label is from elsewhere."""
    packages = [
        {
            "package_id": str(place),
            "tracking_number": number,
            "labels": []
            if label is None
            else [{"label_id": str(label[0]), "state": label[1], "detail": "Too far.", "void": void}],
        }
        for place, label in enumerate(labels, start=1)
    ]
    return {"shipment_number": "000000001", "state": state, "label": "bought", "packages": packages}


def test_pictures_are_drawn_and_pdfs_stay_as_they_came() -> None:
    drawn, made = uuid4(), uuid4()
    kept = Kept({drawn: PICTURE, made: pdf(1)})
    parts = carrier_labels(shipment((drawn, "bought"), None, (made, "bought")), SELLER, kept)
    assert isinstance(parts[0], CarrierLabel)
    assert parts[1:] == [kept.files[made]]


def test_files_are_put_behind_each_other_and_one_stays_as_it_is() -> None:
    page = render([CarrierLabel(seller=SELLER, shipment_number="1", picture=PICTURE)])
    assert joined([page]) is page
    assert len(PdfReader(BytesIO(joined([pdf(1), page, pdf(2)]))).pages) == 4


@pytest.mark.parametrize(
    ("state", "said"),
    [("requested", "not answered yet"), ("failed", "Too far."), ("voided", "is void"), ("bought", "not here")],
)
def test_a_label_that_is_missing_is_named_with_what_to_do(state: str, said: str) -> None:
    with pytest.raises(NothingToPrint) as nothing:
        carrier_labels(shipment((uuid4(), state)), SELLER, Kept({}))
    assert nothing.value.code == "label_not_bought"
    assert said in str(nothing.value)


def png(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("1", (width, height), 1).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (PICTURE[:-200], "cut short"),
        (PICTURE[:300] + PICTURE[500:], "cannot be read"),
        (png(12_000, 12_000), "more than 20000000 pixels"),
        (pdf(1)[:-30], "cut short"),
        (b"%PDF-1.7\nnothing\n%%EOF", "cannot be read"),
        (pdf(21), "more than 20"),
        (b"GIF89a", "neither"),
    ],
)
def test_a_file_that_cannot_be_printed_is_told_before_it_is_kept(file: bytes, why: str) -> None:
    said = unusable_label(file)
    assert said is not None
    assert why in said
    assert why in (unusable(file) or "")
    label = uuid4()
    with pytest.raises(NothingToPrint) as nothing:
        carrier_labels(shipment((label, "bought")), SELLER, Kept({label: file}))
    assert (nothing.value.code, said in str(nothing.value)) == ("label_not_bought", True)


@pytest.mark.parametrize("file", [PICTURE, pdf(1), pdf(2), png(2400, 3600)])
def test_what_can_be_printed_is_taken(file: bytes) -> None:
    assert unusable(file) is None
    assert unusable_label(file) is None


@pytest.mark.parametrize("file", [b"^XA^FDone^FS^XZ", b"\r\n^xa^FDone^FS^xz\n", b"^XA^FD1^FS^XZ\n^XA^FD2^FS^XZ"])
def test_what_label_printers_read_is_taken_as_a_label_and_not_as_a_manifest(file: bytes) -> None:
    assert unusable_label(file) is None
    assert unusable(file) == "it is neither a PDF nor a PNG"
    label = uuid4()
    one = shipment((label, "bought"))
    assert carrier_zpl(one, Kept({label: file})) == file.strip() + b"\n"
    with pytest.raises(NothingToPrint) as nothing:
        carrier_labels(one, SELLER, Kept({label: file}))
    assert nothing.value.code == "label_is_zpl"


def test_zpl_that_was_cut_short_is_not_taken() -> None:
    assert unusable_label(b"^XA^FO40,60^FDone") == "the ZPL is cut short"


def test_a_picture_is_nothing_for_a_label_printer() -> None:
    label = uuid4()
    with pytest.raises(NothingToPrint) as nothing:
        carrier_zpl(shipment((label, "bought")), Kept({label: PICTURE}))
    assert nothing.value.code == "label_not_zpl"


@pytest.mark.parametrize(
    ("shown", "code", "said"),
    [
        ({"state": "canceled", "void": "refused"}, "shipment_canceled", "canceled"),
        ({"void": "under_way"}, "label_not_bought", "being given back"),
        ({"void": "requested", "number": "1Z9"}, "label_not_bought", "from elsewhere"),
    ],
)
def test_a_label_that_is_given_back_is_printed_no_more(shown: dict[str, Any], code: str, said: str) -> None:
    label = uuid4()
    with pytest.raises(NothingToPrint) as nothing:
        carrier_labels(shipment((label, "bought"), **shown), SELLER, Kept({label: PICTURE}))
    assert (nothing.value.code, said in str(nothing.value)) == (code, True)


def test_what_the_carrier_does_not_take_back_of_a_standing_shipment_is_printed() -> None:
    label = uuid4()
    assert len(carrier_labels(shipment((label, "bought"), void="refused"), SELLER, Kept({label: PICTURE}))) == 1
