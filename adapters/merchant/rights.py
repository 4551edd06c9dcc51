"""What of the merchant's file keeps commands to roles, and which commands ask for a reason."""

from adapters.merchant.toml_table import ConfigError, Table
from application.catalogue import COMMANDS

IMPORT_HISTORY = "import-history"
STAFF = ("admin", "integrator")
ADMINISTERED = ("customers/erase", "approvals/approve", "approvals/reject")
ALLOWED: dict[str, tuple[str, ...]] = {
    "orders/reorder": (*STAFF, "customer"),
    **dict.fromkeys(ADMINISTERED, ("admin",)),
}
"""To whom a command may be kept, where that is not the staff."""


def command_rights(root: Table) -> dict[str, tuple[str, ...]]:
    """By command, or IMPORT_HISTORY, to whom the merchant keeps it."""
    if not root.has("rights"):
        return {}
    with root.table("rights") as table:
        rights = {name: table.texts(name) for name in table.unread()}
    for name, roles in rights.items():
        if name != IMPORT_HISTORY:
            _check_command(name, "rights")
        allowed = ALLOWED.get(name, STAFF)
        if not roles or not set(roles) <= set(allowed):
            raise ConfigError(f"rights.{name} must be a list of {', '.join(allowed)}.")
    return rights


def required_reasons(root: Table) -> frozenset[str]:
    """The commands that ask for a reason."""
    if not root.has("reasons"):
        return frozenset()
    with root.table("reasons") as table:
        names = table.texts("required")
    for name in names:
        _check_command(name, "reasons.required")
    return frozenset(names)


def _check_command(name: str, where: str) -> None:
    if name not in COMMANDS:
        raise ConfigError(f"{where}: there is no command {name}; write it like orders/accept-payment.")
