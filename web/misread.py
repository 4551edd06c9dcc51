"""Paths that lead nowhere because a number stands where an id belongs: what to do instead."""

import re

from domain.document_kinds import READABLE

# Collection: the filter by which its list knows a number.
_NUMBERED = {kind.collection: kind.number_name for kind in READABLE}
_PATH = re.compile(
    rf"/(?:commands|queries|audit)/(?P<collection>{'|'.join(_NUMBERED)})/(?P<given>[0-9]{{1,20}})(?:/.*)?"
)


def advice(path: str) -> str | None:
    """What to tell whoever asked for this path; None when it is no such mistake."""
    found = _PATH.fullmatch(path)
    if found is None or found["collection"] not in _NUMBERED:
        return None
    collection, given = found["collection"], found["given"]
    listed = f"GET /queries/{collection}?{_NUMBERED[collection]}={given}"
    return f"{given} is a number, and an id (a UUID) belongs here: {listed} tells the id."
