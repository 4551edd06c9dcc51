"""What the top of every page leads to, by what the person may see."""

from collections.abc import Iterator

from access.roles import RIGHTS, Caller, Right
from projections.documents.kinds import KINDS

FIRST = (("/", "Orders", "o", Right.QUERY),)
LAST = (
    ("/approvals", "Approvals", "v", Right.QUERY),
    ("/dashboard", "Dashboard", "h", Right.QUERY),
    ("/audit", "Audit", "a", Right.AUDIT),
)


def _lists() -> Iterator[tuple[str, str, str, Right]]:
    """The list of each kind of document, its shortcut the first letter that is free."""
    taken = {key for _, _, key, _ in (*FIRST, *LAST)}
    for name, kind in KINDS.items():
        key = next((letter for letter in name if letter.isalpha() and letter not in taken), "")
        taken.add(key)
        yield f"/{name}", kind.document.plural.capitalize(), key, Right.QUERY


ENTRIES: tuple[tuple[str, str, str, Right], ...] = (*FIRST, *_lists(), *LAST)


def entries(caller: Caller | None) -> list[tuple[str, str, str]]:
    """Address, name and shortcut of each page that the person may see."""
    if caller is None:
        return []
    return [(path, name, key) for path, name, key, right in ENTRIES if right in RIGHTS[caller.role]]
