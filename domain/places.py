"""How the place of an address is written on one line, in the order that its country is used to."""

from collections.abc import Mapping
from typing import Any

# Countries that write the place before the postcode; everybody else: postcode, then place.
PLACE_FIRST = frozenset({"AU", "BR", "CA", "GB", "GG", "IE", "IM", "IN", "JE", "KR", "NZ", "SG", "TW", "US", "ZA"})


def place_line(postcode: str | None, city: str | None, region: str | None, country: str | None) -> str:
    """Postcode, place and region in the order of the country; a region of the city's own name says nothing more."""
    region = None if region == city else region
    if country in PLACE_FIRST:
        place = ", ".join(part for part in (city, region) if part)
        return " ".join(part for part in (place, postcode) if part)
    place = " ".join(part for part in (postcode, city) if part)
    return ", ".join(part for part in (place, region) if part)


def place_of(address: Mapping[str, Any]) -> str:
    """The same of an address as it is kept and shown."""
    return place_line(address.get("postcode"), address.get("city"), address.get("region"), address.get("country"))
