"""How long the law wants each kind of document kept as it is, from the merchant's file: docs/explanation/privacy.md."""

from adapters.merchant.toml_table import ConfigError, Table
from application.command import RETENTION_YEARS

YEARS_MAX = 100


def retention_years(root: Table) -> dict[str, int]:
    """Years by kind of document, the usual ones where the file says nothing."""
    years = dict(RETENTION_YEARS)
    if root.has("retention"):
        with root.table("retention") as table:
            for kind in table.unread():
                said = table.take(kind)
                if kind not in years:
                    raise ConfigError(f"retention.{kind} is no kind of document; they are {', '.join(years)}.")
                if type(said) is not int or not 0 <= said <= YEARS_MAX:
                    raise ConfigError(f"retention.{kind} must be a number of years from 0 to {YEARS_MAX}.")
                years[kind] = said
    return years
