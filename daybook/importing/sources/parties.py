"""People and places of foreign files: customers without an id, names of countries, postcodes with a mark in front."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from babel import Locale

from daybook.importing.sources.refused import Refused

_PEOPLE = UUID("2b1b1a1f-3c07-5c50-8f5b-8a3a3a0e3f11")
ALSO_CALLED = {"the netherlands": "NL", "uk": "GB", "usa": "US", "hong kong": "HK", "czech republic": "CZ"}
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
    code = ALSO_CALLED.get(known.lower()) or _codes().get(known.lower())
    if code is None:
        raise Refused(f"{name} is no country that is known by that name: {text[:60]!r}")
    return code


@cache
def _codes() -> dict[str, str]:
    territories: Mapping[str, str] = Locale("en").territories
    return {name.lower(): code for code, name in territories.items() if len(code) == CODE_LENGTH and code.isalpha()}


def address(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    found = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    found["street"] = [line.strip() for line in found.get("street", []) if line and line.strip()]
    return {name: value for name, value in found.items() if value}
