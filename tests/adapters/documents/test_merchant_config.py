"""The merchant's file: what it gives, and the one sentence for each mistake."""

import re
from pathlib import Path

import pytest

from adapters.merchant.config import SHIPPED, ConfigError, load
from domain.payment_methods import Capture, ShipWhen
from tests.adapters.documents import samples

SELLER = """
[seller]
name = "Olive & Oak"
gs1_prefix = "0614141"
base_currency = "EUR"
vat_id = "PT509442013"
logo = "logo.png"
[seller.address]
street = ["Rua das Flores 12"]
city = "Porto"
country = "PT"
"""
METHOD = '[[payment_methods]]\ncode = "gift_card"\ncaptures = ["received", "none"]\nship_when = "captured"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "logo.png").write_bytes(samples.logo())
    return tmp_path / "merchant.toml"


def test_the_shipped_merchant_has_what_the_documentation_promises() -> None:
    shipped = load()
    assert set(shipped.carriers) == {"ups", "fedex", "usps", "dhl", "custom"}
    assert set(shipped.locations) == {"main"}
    assert shipped.languages == ("en", "de")
    assert shipped.payment_methods == {}


def test_a_file_replaces_the_tables_it_has_and_keeps_the_others(config: Path) -> None:
    config.write_text(SELLER + '[carriers.gls]\nname = "GLS"\n' + METHOD)
    merchant = load(config)
    assert merchant.seller.name == "Olive & Oak"
    assert merchant.seller.logo == samples.logo()
    assert merchant.locations["main"].address == merchant.seller.address
    assert set(merchant.carriers) == {"gls"}
    assert set(merchant.packagings) == {"small", "medium", "large"}
    method = merchant.payment_methods["gift_card"]
    assert method.captures == (Capture.RECEIVED, Capture.NONE)
    assert method.ship_when == ShipWhen.CAPTURED
    assert not method.automatic_invoice


MISTAKES = {
    "seller.nmae is not a key of the configuration.": SELLER.replace("[seller]", '[seller]\nnmae = "x"'),
    "colour is not a key of the configuration.": "colour = 1\n",
    "seller.name is missing.": SELLER.replace('name = "Olive & Oak"', ""),
    "seller.name must be a text that is not empty.": SELLER.replace('"Olive & Oak"', '" "'),
    "seller must be a table.": "seller = 1\n",
    "seller.gs1_prefix must be 4 to 12 digits.": SELLER.replace("0614141", "12"),
    "seller.base_currency must be an ISO 4217 code such as EUR.": SELLER.replace("EUR", "XAU"),
    "seller.address.country must be an ISO 3166-1 code of two capital letters.": SELLER.replace('"PT"', '"pt"'),
    "seller.address.street must be a list of texts.": SELLER.replace('["Rua das Flores 12"]', "[1]"),
    "seller.logo must name a PNG or JPEG file below 2 MB, which other.png is not.": SELLER.replace("logo.p", "other.p"),
    "carriers.UPS must be named with lower-case letters, digits, - and _.": '[carriers.UPS]\nname = "UPS"\n',
    "carriers.ups.name is missing.": "[carriers.ups]\n",
    "carriers must have at least one entry.": "[carriers]\n",
    "carriers.ups.tracking_url must be an https:// address with {number} in it.": (
        '[carriers.ups]\nname = "UPS"\ntracking_url = "http://ups.com"\n'
    ),
    "locations.main.time_zone must be a zone such as Europe/Lisbon.": (
        '[locations.main]\nname = "Main"\ntime_zone = "Lisbon"\n'
    ),
    "packagings.small.length_mm must be a whole number from 1.": "[packagings.small]\nlength_mm = 0\n",
    "payment_methods[1].captures must be a list of offline, online, none, received.": METHOD.replace("none", "later"),
    "payment_methods[1].ship_when must be one of always, authorized, captured.": METHOD.replace('"captured"', '"soon"'),
    "payment_methods[1].only_zero must be true or false.": METHOD + "only_zero = 1\n",
    "payment_methods[1].code: there is a payment method free already.": METHOD.replace("gift_card", "free"),
    "payment_methods[2].code: there is a payment method gift_card already.": METHOD * 2,
    "payment_methods must be a list of tables.": "payment_methods = 1\n",
    "documents.paper must be one of A4, letter.": '[documents]\npaper = "A5"\n',
    "languages must be a list of en, de.": 'languages = ["xx"]\n',
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_mistake_is_one_sentence_that_names_the_key(config: Path, sentence: str) -> None:
    config.write_text(MISTAKES[sentence])
    with pytest.raises(ConfigError) as mistake:
        load(config)
    assert str(mistake.value) == sentence


def test_a_file_that_is_missing_or_no_toml_is_named(config: Path) -> None:
    with pytest.raises(ConfigError, match=r"merchant\.toml cannot be read: No such file or directory\."):
        load(config)
    config.write_text("= 1")
    with pytest.raises(ConfigError, match=r"merchant\.toml is not TOML"):
        load(config)
    config.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"merchant\.toml is not UTF-8 text\."):
        load(config)


def test_a_font_that_is_none_is_named(config: Path) -> None:
    config.write_text('[documents]\nfonts = ["logo.png"]\n')
    with pytest.raises(ConfigError, match=r"documents\.fonts: .*logo\.png is not a TrueType or OpenType font"):
        load(config)


def test_the_shipped_file_is_itself_a_valid_merchant() -> None:
    assert load(SHIPPED) == load()


def test_every_key_of_the_shipped_file_is_in_the_reference() -> None:
    page = (SHIPPED.parents[2] / "docs" / "reference" / "documents.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"^(?:# )?([a-z_0-9]+) = ", SHIPPED.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(keys) > 15
    assert {key for key in keys if f"{key}`" not in page} == set()
