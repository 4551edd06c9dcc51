"""What is printed can be read again: by people, in three scripts, and it is the same every time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from time import thread_time

import pytest
from pypdf import PdfReader

from adapters.documents import FontError, Fonts, render
from adapters.documents.contents import Address, Document, TaxInBase, TaxLine, Transfer
from adapters.documents.words import LANGUAGES
from tests.adapters.documents import samples
from tests.adapters.documents.reading import pages_of, words_of

EVERY_KIND: list[Document] = [
    samples.label(),
    samples.slip(),
    samples.invoice(),
    samples.memo(),
    samples.manifest(),
]
A4 = (595, 842)


@pytest.mark.parametrize("document", EVERY_KIND, ids=lambda document: type(document).__name__)
def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    assert render([document]) == render([document])


def test_threads_print_the_same_bytes_as_one_alone() -> None:
    alone = [render([document]) for document in EVERY_KIND]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda document: render([document]), EVERY_KIND * 8)) == alone * 8


@pytest.mark.parametrize("document", EVERY_KIND, ids=lambda document: type(document).__name__)
def test_every_font_is_embedded(document: Document) -> None:
    fonts = [
        font.get_object()
        for page in PdfReader(BytesIO(render([document]))).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
        if font.get_object()["/BaseFont"] != "/Helvetica" or font.get_object().get("/FontDescriptor")
    ]
    assert {"DejaVuSansCondensed" in str(font["/BaseFont"]) for font in fonts} == {True}
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


@pytest.mark.parametrize(("paper", "size"), [("A4", A4), ("letter", (612, 792))])
def test_pages_have_the_size_of_the_paper_and_labels_four_by_six_inches(paper: str, size: tuple[int, int]) -> None:
    pages = PdfReader(BytesIO(render(EVERY_KIND, paper=paper))).pages
    sizes = [(round(page.mediabox.width), round(page.mediabox.height)) for page in pages]
    assert sizes == [(288, 432)] * 2 + [size] * 3 + [size[::-1]]
    assert (pages[0].mediabox.width, pages[0].mediabox.height) == (288, 432)


def test_a_file_says_what_it_is_and_whose() -> None:
    metadata = PdfReader(BytesIO(render([samples.invoice()]))).metadata
    assert metadata is not None
    assert (metadata.title, metadata.author) == ("Invoice 000000012", "Olive & Oak Lda.")


def test_a_batch_is_one_file_with_every_page_in_order_and_pages_counted_per_document() -> None:
    pdf = render(EVERY_KIND)
    pages = pages_of(pdf)
    assert ["Page 1 of 1" in page for page in pages] == [False, False, True, True, True, True]
    assert "Packing slip" in pages[2]
    metadata = PdfReader(BytesIO(pdf)).metadata
    assert metadata is not None
    assert metadata.title == "Shipping label 000000042 … Dispatch manifest 000000007"


@pytest.mark.parametrize("address", [samples.LATIN, samples.GREEK, samples.CYRILLIC, samples.AMERICAN])
def test_names_of_three_scripts_are_read_back_from_every_kind(address: Address) -> None:
    assert address.name
    for pdf in (
        render([samples.label(address)]),
        render([samples.slip(address)]),
        render([samples.invoice(address)]),
        render([samples.memo(address)]),
    ):
        words = words_of(pdf)
        assert address.name in words
        assert all(line in words for line in address.street)
    assert address.name in words_of(render([samples.manifest()]))


def test_an_invoice_has_all_that_article_226_asks() -> None:
    words = words_of(render([samples.invoice()]))
    expected = [
        *("Date of issue 2026-11-22", "Invoice 000000012", "Date of supply 2026-11-23"),
        *("Olive & Oak Lda.", "Rua das Flores 12", "4050-262 Porto", "VAT ID PT509442013"),
        *("Γεώργιος Παπαδόπουλος", "Οδός Ερμού 15", "Your VAT ID: EL123456783"),
        "2 Ελαιόλαδο εξαιρετικό παρθένο 750 ml MUG-01 3 9.99 -1.50 28.47 23% 6.55",
        *("4 Flat rate 1 5.00 5.00 6% 0.30", "23% 88.41 20.33", "6% 5.00 0.30"),
        *("Total net 93.41", "Total VAT EUR 20.63", "Total EUR 114.04", "Amount due EUR 114.04"),
    ]
    assert [line for line in expected if line not in words] == []


def test_an_invoice_to_a_business_has_its_numbers_and_what_is_counted() -> None:
    given = samples.invoice()
    buyer = replace(given.bill_to, vat_id="EL094259216", registration_id="123456701000")
    lines = (replace(given.lines[0], quantity=7, unit="kg"), *given.lines[1:])
    text = words_of(render([replace(given, bill_to=buyer, lines=lines, purchase_order="PO-77")]))
    assert "Your VAT ID: EL094259216" in text
    assert "Your registration: 123456701000" in text
    assert "Your order PO-77" in text
    assert "7 kg" in text


def test_a_zero_rate_says_why_and_the_vat_is_stated_in_the_currency_of_the_books() -> None:
    taxes = (TaxLine(rate="0", taxable="93.41", tax="0.00", note="Reverse charge"),)
    base = TaxInBase(currency="EUR", rate="1.0832", tax="0.00")
    words = words_of(render([samples.invoice(taxes=taxes, tax_in_base=base)]))
    assert "0% Reverse charge 93.41 0.00" in words
    assert "VAT in EUR (rate 1.0832): 0.00 EUR" in words


def test_a_cancellation_is_called_so_on_every_page() -> None:
    memo = replace(samples.memo(), cancels=True, lines=samples.money_lines(60))
    pages = pages_of(render([memo]))
    assert len(pages) > 1
    assert all("Cancellation" in page for page in pages)
    assert "Stornorechnung" in words_of(render([replace(memo, language="de")]))


def test_a_rate_that_nobody_knows_is_printed_as_an_amount_and_never_as_zero() -> None:
    (line, *_) = samples.money_lines(1)
    untold = replace(line, tax_rate=None, tax="1.23")
    taxes = (TaxLine(rate=None, taxable="29.97", tax="1.23"),)
    words = words_of(render([replace(samples.invoice(taxes=taxes), lines=(untold,))]))
    assert "VAT 29.97 1.23" in words
    assert "0%" not in words


def test_a_day_of_supply_that_nobody_knows_is_left_out() -> None:
    assert "Date of supply" not in words_of(render([samples.invoice(supplied_on=None)]))


def test_an_invoice_to_be_transferred_says_where_until_when_and_under_which_reference() -> None:
    transfer = Transfer(bank=("IBAN PT50 0002", "BIC EXAMPTPL"), reference="000000117")
    words = words_of(render([samples.invoice(transfer=transfer, due_on=date(2026, 12, 6))]))
    asked = "Please transfer 114.04 EUR by 2026-12-06 Olive & Oak Lda. IBAN PT50 0002 BIC EXAMPTPL"
    assert f"{asked} Payment reference: 000000117" in words


def test_countries_are_written_in_the_language_of_the_letter_and_for_carriers_in_english() -> None:
    greek = replace(samples.GREEK, country="GR")
    german = words_of(render([samples.invoice(greek, language="de"), samples.slip(greek, language="de")]))
    assert german.count("Griechenland") == 2
    assert "Portugal" in german
    assert "GREECE" in words_of(render([samples.label(greek, language="de")]))


def test_a_label_with_the_shipped_prefix_says_sample() -> None:
    assert "SAMPLE" not in words_of(render([samples.label()]))
    assert "SAMPLE · GS1 prefix 0000000 belongs to nobody" in words_of(render([samples.label(sample=True)]))


def test_a_credit_memo_names_the_invoice_it_amends_and_what_becomes_of_the_goods() -> None:
    words = words_of(render([samples.memo()]))
    expected = [
        *("Amends invoice 000000012 of 2026-11-22", "Returned after it was shipped", "Refunded before it was shipped"),
        *("Adjustment refund 3.00", "Adjustment fee -5.00", "Total credited USD 69.88", "12.41 EUR"),
    ]
    assert [line for line in expected if line not in words] == []


def test_a_packing_slip_shows_packages_and_never_a_price() -> None:
    words = words_of(render([samples.slip()]))
    assert "Package 1 of 2" in words
    assert "Package 2 of 2" in words
    assert "MUG-01 Ελαιόλαδο εξαιρετικό παρθένο 750 ml 3 2" in words
    assert "Still to come in another shipment" in words
    assert not any(word in words for word in ("EUR", "9.99", "Total EUR", "VAT", "price"))


def test_a_manifest_lists_every_package_and_their_totals() -> None:
    words = words_of(render([samples.manifest(500)]))
    expected = ["Packages: 500 · Shipments: 250 · Total weight: 625 kg", "Ready at 2026-11-22 17:30 CET"]
    assert [line for line in expected if line not in words] == []
    assert all(package.sscc in words for package in samples.manifest(500).packages)


def test_german_documents_use_german_words_and_separators() -> None:
    words = words_of(render([replace(samples.long_invoice(20), language="de-AT")]))
    assert "Rechnung" in words
    assert "Gesamtbetrag EUR 18.428,16" in words
    assert "Seite 1 von 2" in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    english, other = LANGUAGES["en"], LANGUAGES[language]
    assert other.keys() == english.keys()
    assert all(other.values())
    blanks = {key: word.count("{") for key, word in english.items()}
    assert {key: word.count("{") for key, word in other.items()} == blanks


def test_a_language_that_is_not_shipped_prints_in_english() -> None:
    assert "Total EUR 114.04" in words_of(render([samples.invoice(language="pt")]))


def test_a_logo_is_printed_once_for_a_whole_batch() -> None:
    slip, plain = samples.slip(seller=samples.with_logo()), samples.slip()
    assert len(PdfReader(BytesIO(render([slip]))).pages[0].images) == 1
    assert len(render([slip] * 20)) - len(render([plain] * 20)) < 2 * len(samples.logo()) + 4000


def test_a_font_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    font = tmp_path / "broken.ttf"
    font.write_bytes(b"nothing")
    with pytest.raises(FontError, match=r"broken\.ttf"):
        render([samples.label()], fonts=Fonts((font,)))


def test_nothing_to_print_is_refused() -> None:
    with pytest.raises(ValueError, match="no document"):
        render([])


def test_a_hundred_labels_take_less_than_a_second_and_a_half() -> None:
    label = samples.label(parcels=(samples.parcel(),))
    render([label])
    began = thread_time()
    pdf = render([label] * 100)
    assert thread_time() - began < 1.5
    assert len(pages_of(pdf)) == 100
