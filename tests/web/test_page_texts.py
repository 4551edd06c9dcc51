"""The texts of the pages: each has a German translation, and none of those lacks what is to be filled in."""

import re
from decimal import Decimal
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.numbers import format_currency

from projections.audit.reports.catalogue import REPORTS
from tests.projections.shop import CODEC
from web.commands.routes import ROUTES
from web.openapi.document import describe
from web.pages.command_words import field_words
from web.pages.formats import Writing, asked_tags
from web.pages.schemas import bodies
from web.pages.texts import event_words, translations, words_of

PAGES = Path(str(files("web.pages")))
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
HOLE = re.compile(r"%\([a-z]+\)s|\{[a-z]+\}")


def texts() -> set[str]:
    """Every text that a template or a view translates; of plurals the singular."""
    found = set()
    for _, _, message, _, _ in extract_from_dir(
        PAGES, METHODS, keywords={"_": None, "translate": None, "gettext": None, "ngettext": (1, 2)}
    ):
        found.add(message if isinstance(message, str) else message[0])
    return {text for text in found if text}


def test_every_text_is_there_in_german() -> None:
    catalog = read_po(BytesIO((PAGES / "translations" / "de.po").read_bytes()), locale="de")
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalog if message.string}
    assert sorted(texts() - known) == []


def test_what_events_fields_and_columns_of_reports_are_called_is_there_in_german() -> None:
    named = {event_words(each.__name__) for each in CODEC.event_classes.values()}
    for body in bodies(describe(ROUTES)).values():
        fields = [*body.shapes, *(part for shape in body.shapes for part in shape.parts)]
        named |= {words_of(field.name) for field in fields if field.name not in field_words("de")}
    named |= {words_of(column) for report in REPORTS for column in report.columns}
    catalog = read_po(BytesIO((PAGES / "translations" / "de.po").read_bytes()), locale="de")
    assert sorted(named - {str(message.id) for message in catalog if message.string}) == []


def test_a_translation_has_the_same_holes() -> None:
    catalog = read_po(BytesIO((PAGES / "translations" / "de.po").read_bytes()), locale="de")
    for message in catalog:
        if isinstance(message.id, str) and message.id:
            assert set(HOLE.findall(message.id)) == set(HOLE.findall(str(message.string))), message.id


def test_what_has_no_translation_stays_english() -> None:
    assert translations("de").gettext("Orders") == "Bestellungen"
    assert translations("de").gettext("Nobody wrote this") == "Nobody wrote this"
    assert translations("fr").gettext("Orders") == "Orders"


def test_codes_and_events_are_words() -> None:
    assert words_of("quantity_exceeds_uninvoiced") == "Quantity exceeds uninvoiced"
    assert event_words("ItemsInvoiced") == "Items invoiced"


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [("de-DE,de;q=0.9", "1.234,50\N{NO-BREAK SPACE}€"), ("en-GB", "€1,234.50"), ("xx-nonsense", "€1,234.50")],
)
def test_money_is_written_as_the_visitor_writes_it(accepted: str, shown: str) -> None:
    assert Writing.of(accepted, None).money("1234.50", "EUR") == shown


def test_times_are_shown_in_the_zone_and_exactly_on_hover() -> None:
    shown = Writing.of("en-GB", "Asia/Tokyo").moment("2026-11-26T17:41:02.123456Z")
    assert "27 Nov 2026 02:41" in shown
    assert 'title="2026-11-26 17:41:02.123456 UTC"' in shown


def test_the_most_wanted_language_comes_first() -> None:
    assert asked_tags("en;q=0.5, de-AT, *;q=0.1") == ["de-AT", "en", "*"]


@pytest.mark.parametrize("tag", ["en-GB", "de-DE", "de-CH", "fr-FR", "es-ES", "hi-IN", "ja-JP", "ar-EG", "sv-SE"])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "INR"])
@pytest.mark.parametrize("whole", ["0", "7", "1234", "12345", "1234567", "123456789"])
def test_the_quick_way_to_write_money_is_babels(tag: str, currency: str, whole: str) -> None:
    places = {"JPY": 0, "KWD": 3}.get(currency, 2)
    amount = f"{whole}.{'1234'[:places]}" if places else whole
    expected = format_currency(Decimal(amount), currency, locale=tag.replace("-", "_"))
    assert Writing.of(tag, None).money(amount, currency) == expected
