"""Nothing overflows, whatever is printed: long names, erased customers, characters that break files."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.documents import Unprintable, render
from adapters.documents import text as texts
from adapters.documents.contents import Address, Document, MoneyLine, PackedLine, TaxLine
from adapters.documents.sheet import LEADING
from adapters.documents.typeface import typeface
from tests.adapters.documents import samples
from tests.adapters.documents.reading import boxes_of, everything_of, pages_of, text_of, words_of

LONG_TEXT = "Überlange Bezeichnung mit vielen Wörtern und einemsehrlangenwortohneleerzeichen " * 3
HUGE = "999999999999.99"


def extreme() -> list[Document]:
    """Every kind of document with the largest texts and numbers that the edge lets in."""
    line = MoneyLine(
        sku="S" * 64,
        name=LONG_TEXT,
        quantity=1_000_000,
        unit_price=HUGE,
        discount=HUGE,
        net=HUGE,
        tax_rate="0.123456",
        tax=HUGE,
        disposition="shipped",
    )
    money = {
        "lines": (line,) * 12,
        "total_net": HUGE,
        "total_tax": HUGE,
        "grand_total": HUGE,
        "taxes": (TaxLine(rate="0.123456", taxable=HUGE, tax=HUGE, note=LONG_TEXT),) * 4,
        "notes": (LONG_TEXT * 10,),
    }
    box = samples.parcel(
        tracking_number="W" * 64,
        type="t" * 64,
        weight_grams=100_000_000,
        length_mm=1_000_000,
        width_mm=1_000_000,
        height_mm=1_000_000,
        contents=(PackedLine(sku="W" * 64, name=LONG_TEXT, quantity=1_000_000, ordered=1_000_000),) * 8,
    )
    carried = {"carrier": "Carrier of the name " * 4, "service": LONG_TEXT, "reference": "W" * 15}
    return [
        samples.label(samples.LONG, ship_from=samples.LONG, parcels=(box,), **carried),
        samples.slip(samples.LONG, parcels=(box, box), note=LONG_TEXT * 20, external_reference="W" * 255, **carried),
        samples.invoice(samples.LONG, ship_to=samples.LONG, external_reference="W" * 255, **money),
        samples.memo(samples.LONG, reason=LONG_TEXT * 3, **money),
        samples.manifest(3, location=LONG_TEXT, carrier=LONG_TEXT, location_address=samples.LONG),
    ]


def unlucky() -> list[Document]:
    """Every kind for a customer who was erased, and for one who types what no one should."""
    return [
        kind(who)
        for who in (samples.NOTHING, samples.ERASED, samples.HOSTILE)
        for kind in (samples.label, samples.slip, samples.invoice, samples.memo)
    ]


@pytest.mark.parametrize("paper", ["A4", "letter"])
def test_nothing_is_drawn_outside_the_page(paper: str) -> None:
    for document in extreme() + unlucky() + [samples.manifest(30), samples.slip(seller=samples.with_logo())]:
        for (width, height), boxes in everything_of(render([document], paper=paper)):
            outside = [b for b in boxes if b[0] < 0 or b[1] < 0 or b[2] > width + 0.01 or b[3] > height + 0.01]
            assert outside == []


def test_a_note_without_end_and_any_number_of_tax_rates_go_over_pages() -> None:
    note = "word " * 8000
    taxes = tuple(TaxLine(rate=f"0.{n:04d}", taxable="1.00", tax="0.10") for n in range(1, 500))
    for document in (samples.invoice(notes=(note,), taxes=taxes), samples.slip(note=note)):
        pdf = render([document])
        pages = pages_of(pdf)
        assert sum(page.count("word") for page in pages) == 8000
        for (_, _), boxes in boxes_of(pdf):
            assert min(box[1] for box in boxes) > 20
            assert [(a, b) for a, b in combinations(boxes[-8:], 2) if overlap(a, b)] == []
    assert " 4.99% 1.00 0.10" in words_of(render([samples.invoice(taxes=taxes)]))


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0.8 and down > 0.8


@pytest.mark.parametrize("place", range(5))
def test_no_text_is_printed_over_another(place: int) -> None:
    for document in (extreme()[place], unlucky()[place], unlucky()[place + 7]):
        for _, boxes in boxes_of(render([document])):
            assert [(a, b) for a, b in combinations(boxes, 2) if overlap(a, b)] == []


def test_an_address_that_is_too_long_keeps_its_country_and_the_start_of_every_line() -> None:
    words = words_of(render([samples.label(samples.LONG)]))
    assert "SOUTH GEORGIA" in words
    assert all(f"Hinterhaus {n}" in words for n in range(6))


def test_an_amount_is_never_cut_however_large_it_is() -> None:
    _, _, invoice, memo, _ = extreme()
    for document in (invoice, memo):
        words = words_of(render([document]))
        assert words.count("999,999,999,999.99") == 12 * 4 + 4 * 2 + 3
        assert "99…" not in words
        assert "9,…" not in words


def test_what_was_erased_prints_as_a_dash() -> None:
    for document in (samples.label(samples.ERASED), samples.slip(samples.NOTHING), samples.invoice(samples.ERASED)):
        assert "—" in text_of(render([document]))


def test_characters_that_control_anything_do_not_reach_the_page() -> None:
    text = text_of(render([samples.label(samples.HOSTILE)]))
    assert not {char for char in text if not char.isprintable() and char != "\n"}
    assert "evil" in text
    assert "\u202e" not in text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=300))
def test_any_text_prints(name: str, note: str) -> None:
    address = Address(name=name, company=note, street=(name, note), city=name, country=name)
    documents = (samples.label(address, service=note), samples.slip(address, note=note), samples.invoice(address))
    missing = typeface().lacking(name + note)
    if missing:
        with pytest.raises(Unprintable) as refused:
            render(documents)
        assert set(refused.value.characters) == missing
    else:
        assert render(documents)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.floats(15, 300), st.floats(5, 20), st.booleans())
def test_fitted_text_is_never_wider_than_it_may_be(content: str, width: float, size: float, bold: bool) -> None:
    style = typeface().style(bold=bold)
    line, fitted = texts.one_line(style, content, size, width, 4.5)
    assert style.width(line, fitted) <= width + 0.01
    # Only what is written as one, a letter with its marks, may be wider than the line: it cannot be broken.
    wrapped = texts.wrap(style, content, size, width)
    assert all(style.width(line, size) <= width + 0.01 or line == style.first(line) for line in wrapped)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=11), st.floats(60, 300), st.floats(70, 200))
def test_fitted_paragraphs_are_never_higher_than_their_box(parts: list[str], width: float, height: float) -> None:
    lines, size = texts.fit(typeface().bold, parts, (width, height), 17, 5)
    assert len(lines) * size * LEADING <= height + 0.02
    assert all(typeface().bold.width(line, size) <= width + 0.01 for line in lines)
    assert len(lines) >= len(parts)


def test_wrapping_loses_no_word() -> None:
    style = typeface().regular
    assert " ".join(texts.wrap(style, LONG_TEXT, 9, 200)).replace(" ", "") == LONG_TEXT.replace(" ", "")


def test_an_invoice_of_five_hundred_lines_has_each_line_once_and_numbered_pages_with_heads() -> None:
    pages = pages_of(render([samples.long_invoice()]))
    assert all("Unit price net" in page for page in pages)
    assert [f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)
    skus = [line for page in pages for line in page.splitlines() if line.startswith("MUG-")]
    assert skus == [line.sku for line in samples.money_lines(500)]
    assert "500" in pages[-1].split()
    assert "Total EUR 18,428.16" in " ".join(pages[-1].split())


def test_totals_are_never_alone_on_the_last_page() -> None:
    for count in range(8, 60):
        last = pages_of(render([samples.long_invoice(count)]))[-1]
        assert f"MUG-{count - 1:02d}" in last


def test_signatures_are_never_alone_on_the_last_page() -> None:
    for count in range(8, 40):
        last = pages_of(render([samples.manifest(count)]))[-1]
        assert samples.manifest(count).packages[-1].sscc in last


def test_a_package_that_goes_over_a_page_is_named_again() -> None:
    pages = pages_of(render([samples.slip(parcels=(samples.parcel(contents=samples.packed(80)),))]))
    assert len(pages) > 1
    assert all("Package 1 of 1" in page for page in pages[:-1])
    assert all("Checked" in page or "Check" in page for page in pages)


def test_a_stack_of_marks_stays_on_its_letter() -> None:
    stacked = typeface().regular.printable("o" + "\u0323" * 45 + "k")
    assert stacked.endswith("k")
    assert len(stacked) <= 7
