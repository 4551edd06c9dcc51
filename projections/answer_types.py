"""What stands in answers, as types: an amount, a time, an id, and what each field is about.

Read models declare the shape of what they answer with these, beside the code that makes it: the type checker holds the
code to the shape, and the description of the API is made of it. They check nothing when an answer is made.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta


def told(text: str, *examples: Any) -> Meta:
    """What a field is about, in a sentence; with examples."""
    return Meta(description=text, examples=list(examples) or None)


def one_of(values: Iterable[str], text: str | None = None) -> Meta:
    """A text that is one of these."""
    return Meta(description=text, extra_json_schema={"enum": list(values)})


Amount = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["12.50"])]
"""Decimal text in a currency that stands beside it."""
Decimals = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["0.23"])]
"""A decimal number as text, such as a rate."""
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-11-01T12:00:00.000000Z"])]
"""RFC 3339 in UTC, with microseconds."""
Day = Annotated[str, Meta(extra_json_schema={"format": "date"}, examples=["2026-11-01"])]
Count = Annotated[int, Meta(ge=0)]
Version = Annotated[int, Meta(ge=1)]
