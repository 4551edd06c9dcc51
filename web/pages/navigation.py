"""What the top of every page leads to, by what the person may see."""

from access.roles import RIGHTS, Caller, Right

ENTRIES: tuple[tuple[str, str, str, Right], ...] = (
    ("/", "Orders", "o", Right.QUERY),
    ("/batches", "Batches", "b", Right.QUERY),
    ("/dispatches", "Dispatches", "d", Right.QUERY),
    ("/invoices", "Invoices", "i", Right.QUERY),
    ("/shipments", "Shipments", "s", Right.QUERY),
    ("/credit-memos", "Credit memos", "c", Right.QUERY),
    ("/dashboard", "Dashboard", "h", Right.QUERY),
    ("/audit", "Audit", "a", Right.AUDIT),
)


def entries(caller: Caller | None) -> list[tuple[str, str, str]]:
    """Address, name and shortcut of each page that the person may see."""
    if caller is None:
        return []
    return [(path, name, key) for path, name, key, right in ENTRIES if right in RIGHTS[caller.role]]
