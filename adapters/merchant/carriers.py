"""The carriers of a merchant's file: who takes packages along, and which of them labels are bought from."""

from dataclasses import dataclass

from adapters.merchant.toml_table import ConfigError, Table

PROVIDERS = ("simulated", "easypost")
FORMATS = ("png", "pdf", "zpl")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccount:
    """Where labels of a carrier are bought.

    ``carrier`` is what the ``provider`` calls it; ``service`` is taken where a booking names none (None: the cheapest),
    ``account`` where there are several accounts with one carrier. ``customs_signer`` is who answers for customs
    declarations, ``label_format`` one of FORMATS, ``manifests`` whether the carrier makes manifests of its own.
    """

    provider: str
    carrier: str
    service: str | None = None
    account: str | None = None
    customs_signer: str | None = None
    label_format: str = "png"
    manifests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Who takes packages along; ``tracking_url`` has ``{number}`` in it."""

    code: str
    name: str
    tracking_url: str | None = None
    account: CarrierAccount | None = None


def carrier(code: str, table: Table) -> Carrier:
    """One carrier of the file."""
    with table:
        url = table.text_or_none("tracking_url")
        if url is not None and not (url.startswith("https://") and url.count("{number}") == 1):
            raise ConfigError(f"{table.name('tracking_url')} must be an https:// address with {{number}} in it.")
        name = table.text("name")
        account = _account(table.table("account"), name) if table.has("account") else None
        return Carrier(code=code, name=name, tracking_url=url, account=account)


def _account(table: Table, name: str) -> CarrierAccount:
    with table:
        return CarrierAccount(
            provider=table.one_of("provider", PROVIDERS),
            carrier=table.text_or_none("carrier") or name,
            service=table.text_or_none("service"),
            account=table.text_or_none("account"),
            customs_signer=table.text_or_none("customs_signer"),
            label_format=table.one_of("label_format", FORMATS) if table.has("label_format") else "png",
            manifests=table.flag("manifests"),
        )
