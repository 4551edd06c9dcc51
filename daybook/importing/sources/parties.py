"""People and places of foreign files: customers without an id, names of countries, postcodes with a mark in front."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from babel import Locale

from daybook.importing.sources.refused import Refused

_PEOPLE = UUID("2b1b1a1f-3c07-5c50-8f5b-8a3a3a0e3f11")
ALSO_CALLED = {
    "bolivia, plurinational state of": "BO",
    "brunei darussalam": "BN",
    "burma": "MM",
    "cabo verde": "CV",
    "congo, republic of": "CG",
    "congo, democratic republic of": "CD",
    "cote d'ivoire": "CI",
    "czech republic": "CZ",
    "east timor": "TL",
    "england": "GB",
    "great britain": "GB",
    "holy see (vatican city state)": "VA",
    "hong kong": "HK",
    "iran, islamic republic of": "IR",
    "ivory coast": "CI",
    "korea, republic of": "KR",
    "lao people's democratic republic": "LA",
    "macao": "MO",
    "macau": "MO",
    "macedonia": "MK",
    "moldova, republic of": "MD",
    "netherlands antilles": "CW",
    "northern ireland": "GB",
    "palestine": "PS",
    "palestinian territory, occupied": "PS",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "reunion": "RE",
    "russian federation": "RU",
    "scotland": "GB",
    "swaziland": "SZ",
    "syrian arab republic": "SY",
    "taiwan, province of china": "TW",
    "tanzania, united republic of": "TZ",
    "the netherlands": "NL",
    "turkey": "TR",
    "uk": "GB",
    "united kingdom of great britain and northern ireland": "GB",
    "united states minor outlying islands": "UM",
    "united states of america": "US",
    "us virgin islands": "VI",
    "usa": "US",
    "venezuela, bolivarian republic of": "VE",
    "viet nam": "VN",
    "virgin islands, british": "VG",
    "virgin islands, u.s.": "VI",
    "wales": "GB",
}
CODE_LENGTH = 2


def customer_of(source: str, own_id: str, email: str, order_id: str) -> dict[str, Any]:
    """The customer as the source knows them: by its id, else by the email address, else by the order alone."""
    if own_id:
        return {"id": own_id}
    if email:
        return {"id": f"{source}-{uuid5(_PEOPLE, email.strip().lower())}", "guest": True}
    return {"id": f"{source}-order-{order_id}", "guest": True}


def postcode(text: str) -> str:
    """Without the apostrophe that keeps spreadsheets from eating zeros."""
    return text.strip().removeprefix("'")


def country(text: str, name: str) -> str:
    """The ISO 3166-1 code of a country written as its code or by its English name; blank stays blank."""
    known = text.strip()
    if not known or (len(known) == CODE_LENGTH and known.isascii()):
        return known.upper()
    code = ALSO_CALLED.get(known.lower()) or ALSO_CALLED.get(_plain(known)) or _codes().get(_plain(known))
    if code is None:
        raise Refused(f"{name} is no country that is known by that name: {text[:60]!r}")
    return code


def _plain(name: str) -> str:
    """Without accents, and with words where there may be signs."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("\u2019", "'"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = plain.replace("&", "and").replace("st. ", "saint ").removeprefix("the ")
    return " ".join(plain.partition(" (")[0].split())


@cache
def _codes() -> dict[str, str]:
    territories: Mapping[str, str] = Locale("en").territories
    return {_plain(name): code for code, name in territories.items() if len(code) == CODE_LENGTH and code.isalpha()}


def address(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    found = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    found["street"] = [line.strip() for line in found.get("street", []) if line and line.strip()]
    return {name: value for name, value in found.items() if value}
