"""The merchant: seller, locations, carriers, packagings, own payment methods, languages; from one TOML file.

``DAYBOOK_CONFIG`` names the file; without it the shipped ``merchant.toml`` holds. Everything is read and checked once,
at the start: a mistake is one sentence that names the key, never a document that cannot be printed later. This module
must never write, and never guess what a misspelt key meant.
"""

import re
import tomllib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, UnidentifiedImageError

from adapters.documents.contents import Address, Seller
from adapters.documents.countries import NAMES
from adapters.documents.stationery import Place, Stationery
from adapters.documents.words import LANGUAGES
from adapters.einvoices.identifiers import compact_iban, is_electronic_address, is_iban
from adapters.merchant.approvals import holding_rules
from adapters.merchant.carriers import Carrier, carrier
from adapters.merchant.documents import DocumentSettings, document_settings
from adapters.merchant.payment_methods import payment_methods
from adapters.merchant.retention import retention_years
from adapters.merchant.rights import command_rights, required_reasons
from adapters.merchant.toml_table import ConfigError, Table, check_code
from application.command import RETENTION_YEARS
from application.holding import HoldingRules
from domain.packing import Packaging
from domain.payment_methods import PaymentMethod
from domain.refusals import Refusal
from domain.sscc import is_prefix
from domain.values import exponent

__all__ = ["Carrier", "ConfigError", "Location", "MerchantConfig", "Packaging", "load"]

SHIPPED = Path(__file__).with_name("merchant.toml")
LOGO_BYTES_MAX = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where goods leave from; its times are shown in ``time_zone``."""

    code: str
    name: str
    address: Address
    time_zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantConfig:
    """All that a merchant configures. ``payment_methods`` are the merchant's own, without the built-in ones.

    ``rights`` are by command the roles that it is kept to, ``reasons`` the commands that need one, ``holding`` says
    which need a second person, if any do.
    """

    seller: Seller
    gs1_prefix: str
    base_currency: str
    locations: dict[str, Location]
    carriers: dict[str, Carrier]
    packagings: dict[str, Packaging] = field(default_factory=dict)
    payment_methods: dict[str, PaymentMethod] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    documents: DocumentSettings = field(default_factory=DocumentSettings)
    payment_names: dict[str, str] = field(default_factory=dict)
    store_languages: dict[str, str] = field(default_factory=dict)
    number_prefixes: dict[str, str] = field(default_factory=dict)
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reasons: frozenset[str] = frozenset()
    retention_years: dict[str, int] = field(default_factory=lambda: dict(RETENTION_YEARS))
    holding: HoldingRules | None = None

    def language_of(self, store: str) -> str:
        """What the customers of a store read."""
        return self.store_languages.get(store, self.languages[0])

    @property
    def stationery(self) -> Stationery:
        """What of it stands on documents."""
        return Stationery(
            seller=self.seller,
            base_currency=self.base_currency,
            languages=self.languages,
            store_languages=self.store_languages,
            locations={
                code: Place(name=each.name, address=each.address, time_zone=each.time_zone.key)
                for code, each in self.locations.items()
            },
            carriers={code: carrier.name for code, carrier in self.carriers.items()},
            paper=self.documents.paper,
            payment_days=self.documents.payment_days,
            tax_notes=self.documents.tax_notes,
            payment_methods=self.payment_names,
            e_invoices=self.documents.e_invoices,
            untaxed_category=self.documents.untaxed_category,
        )


def load(path: Path | None = None) -> MerchantConfig:
    """The merchant of the file at ``path``, or the shipped one; raises ``ConfigError``."""
    values = _parsed(SHIPPED)
    folder = SHIPPED.parent
    if path is not None:
        values |= _parsed(path)
        folder = path.parent
    with Table(values) as root:
        return _merchant(root, folder)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"DAYBOOK_CONFIG={path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from None


def _merchant(root: Table, folder: Path) -> MerchantConfig:
    with root.table("seller") as table:
        prefix = table.text("gs1_prefix")
        if not is_prefix(prefix):
            raise ConfigError(f"{table.name('gs1_prefix')} must be 4 to 12 digits.")
        currency = _currency(table)
        seller = _seller(table, folder)
    methods, names = payment_methods(root)
    languages, prefixes = _stores(root)
    return MerchantConfig(
        seller=seller,
        gs1_prefix=prefix,
        base_currency=currency,
        locations={code: _location(code, table, seller) for code, table in _named(root, "locations")},
        carriers={code: carrier(code, table) for code, table in _named(root, "carriers")},
        packagings={code: _packaging(code, table) for code, table in root.table("packagings").tables()},
        payment_methods=methods,
        languages=_languages(root),
        store_languages=languages,
        number_prefixes=prefixes,
        rights=command_rights(root),
        reasons=required_reasons(root),
        retention_years=retention_years(root),
        holding=holding_rules(root),
        documents=document_settings(root.table("documents"), folder),
        payment_names=names,
    )


def _named(root: Table, key: str) -> list[tuple[str, Table]]:
    found = list(root.table(key).tables())
    if not found:
        raise ConfigError(f"{key} must have at least one entry.")
    for code, table in found:
        check_code(code, table.path)
    return found


def _seller(table: Table, folder: Path) -> Seller:
    name = table.text("name")
    iban, electronic_address = table.text_or_none("iban"), table.text_or_none("electronic_address")
    if iban is not None and not is_iban(compact_iban(iban)):
        raise ConfigError(f"{table.name('iban')} must be an IBAN; the check digits of {iban} are not right.")
    if electronic_address is not None and not is_electronic_address(electronic_address):
        detail = "a scheme and a number such as 0088:4012345000009, or an e-mail address"
        raise ConfigError(f"{table.name('electronic_address')} must be {detail}.")
    return Seller(
        name=name,
        address=_address(table.table("address"), name),
        vat_id=table.text_or_none("vat_id"),
        email=table.text_or_none("email"),
        website=table.text_or_none("website"),
        bank=table.texts("bank"),
        footer=table.texts("footer"),
        logo=_logo(table, folder),
        tax_number=table.text_or_none("tax_number"),
        registration_id=table.text_or_none("registration_id"),
        electronic_address=electronic_address,
        iban=iban,
        bic=table.text_or_none("bic"),
    )


def _address(table: Table, name: str) -> Address:
    with table:
        address = Address(
            name=table.text_or_none("name") or name,
            company=table.text_or_none("company"),
            street=table.texts("street"),
            city=table.text_or_none("city"),
            region=table.text_or_none("region"),
            postcode=table.text_or_none("postcode"),
            country=table.text("country"),
            phone=table.text_or_none("phone"),
        )
        if address.country not in NAMES:
            raise ConfigError(f"{table.name('country')} must be an ISO 3166-1 code of two capital letters.")
    return address


def _currency(table: Table) -> str:
    code = table.text("base_currency")
    try:
        exponent(code)
    except Refusal:
        raise ConfigError(f"{table.name('base_currency')} must be an ISO 4217 code such as EUR.") from None
    return code


def _logo(table: Table, folder: Path) -> bytes | None:
    name = table.text_or_none("logo")
    if name is None:
        return None
    mistake = ConfigError(f"{table.name('logo')} must name a PNG or JPEG file below 2 MB, which {name} is not.")
    try:
        content = (folder / name).read_bytes()
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
            image.verify()
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
        raise mistake from None
    if len(content) > LOGO_BYTES_MAX:
        raise mistake
    return content


def _location(code: str, table: Table, seller: Seller) -> Location:
    with table:
        zone = table.text_or_none("time_zone") or "UTC"
        try:
            time_zone = ZoneInfo(zone)
        except (KeyError, OSError, ValueError):
            raise ConfigError(f"{table.name('time_zone')} must be a zone such as Europe/Lisbon.") from None
        address = _address(table.table("address"), seller.name) if table.has("address") else seller.address
        return Location(code=code, name=table.text("name"), address=address, time_zone=time_zone)


def _packaging(code: str, table: Table) -> Packaging:
    with table:
        return Packaging(
            type=code,
            length_mm=table.whole("length_mm"),
            width_mm=table.whole("width_mm"),
            height_mm=table.whole("height_mm"),
            max_weight_grams=table.whole("max_weight_grams"),
            tare_grams=table.whole("tare_grams") or 0,
        )


def _languages(root: Table) -> tuple[str, ...]:
    languages = root.texts("languages")
    if not languages or not set(languages) <= set(LANGUAGES):
        raise ConfigError(f"languages must be a list of {', '.join(LANGUAGES)}.")
    return languages


def _stores(root: Table) -> tuple[dict[str, str], dict[str, str]]:
    """By store: the language of its customers, and the prefix of the numbers of its invoices and credit memos."""
    languages: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for code, table in root.table("stores").tables() if root.has("stores") else ():
        check_code(code, table.path)
        with table:
            if table.has("language"):
                languages[code] = table.one_of("language", tuple(LANGUAGES))
            if table.has("number_prefix"):
                prefixes[code] = _prefix(table)
    return languages, prefixes


def _prefix(table: Table) -> str:
    prefix = table.text("number_prefix")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9/-]{0,9}", prefix):
        raise ConfigError(f"{table.name('number_prefix')} must be a letter and up to 9 letters, digits, - or /.")
    return prefix
