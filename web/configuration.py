"""GET /queries/configuration: what this Daybook takes, so that a program asks instead of guessing.

Stores that sold something, carriers, locations, ways to pay with their capture modes, packagings, currencies, and what
the key that asks may do. It never shows what documents print of the seller, nor a secret.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict

import msgspec
from flask import Response, request

from access.roles import RIGHTS, Caller, Right, Role
from projections.answer_types import Count, one_of, told
from web.commands.routes import Route
from web.guard import View, caller_now
from web.queries.answering import FRESH, json_answer
from web.requests import refuse_parameters

CAPTURES = ("offline", "online", "none", "received")
SHIP_WHEN = ("always", "authorized", "captured")


class StoreShown(TypedDict):
    """A store: a free code that placing names."""

    code: str
    seen: Annotated[bool, told("Whether an order of it was placed.")]
    language: Annotated[str, told("Of its customers' documents and mails (ISO 639-1).", "en")]
    number_prefix: Annotated[str | None, told("In front of the numbers of its invoices and credit memos.")]


class CarrierShown(TypedDict):
    """A carrier that shipments may name."""

    code: Annotated[str, told("What commands name it by.", "ups")]
    name: str
    tracking_url: Annotated[str | None, told("Where its parcels are followed, with {number} for the tracking number.")]
    labels: Annotated[bool, told("Whether labels are bought from it: there is an account.")]


class LocationShown(TypedDict):
    """Where goods leave from."""

    code: Annotated[str, told("What commands name it by.", "main")]
    name: str
    country: Annotated[str, told("ISO 3166-1.", "PT")]
    time_zone: Annotated[str, told("In which its documents show times (IANA).", "Europe/Lisbon")]


class PaymentMethodShown(TypedDict):
    """A way to pay."""

    code: Annotated[str, told("What placing names it by.", "bank_transfer")]
    name: Annotated[str | None, told("What customers call it on documents, where the merchant named it.")]
    capture_modes: Annotated[
        list[Annotated[str, one_of(CAPTURES)]], told("Of its invoices; the first is taken when a request names none.")
    ]
    ship_when: Annotated[str, one_of(SHIP_WHEN, "What must have happened before goods may leave.")]
    automatic_invoice: Annotated[bool, told("Whether the order is invoiced by itself once it is covered.")]
    external_page: Annotated[bool, told("Whether the customer pays on a page elsewhere: the order expires unpaid.")]
    only_zero: Annotated[bool, told("Whether it is for orders with nothing to pay.")]
    through_gateway: Annotated[bool, told("Whether a gateway takes the money, and can be asked to give it back.")]


class PackagingShown(TypedDict):
    """A packaging that the `type` of a package may name; null where it has no such limit."""

    type: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    tare_grams: Count
    max_weight_grams: int | None


class CurrencyShown(TypedDict):
    """A currency that orders may be in."""

    code: Annotated[str, told("ISO 4217.", "EUR")]
    decimals: Annotated[Count, told("How many decimals its amounts have at most.", 2)]


class CommandShown(TypedDict):
    """A command that the key may send."""

    name: Annotated[str, told("The path under /commands, without the id.", "orders/hold")]
    reason_required: Annotated[bool, told("Whether it is refused without a `reason`.")]
    may_wait: Annotated[bool, told("Whether it may be answered 202, and wait for a second person.")]


class KeyShown(TypedDict):
    """The key that asks."""

    key_id: str
    name: str
    role: Annotated[str, one_of([role.value for role in Role])]
    may_import_history: Annotated[bool, told("Whether it may send `Daybook-History: true`.")]


class ConfigurationShown(TypedDict):
    """What this Daybook takes."""

    key: KeyShown
    commands: Annotated[list[CommandShown], told("What the key may do; none for an auditor.")]
    base_currency: Annotated[str, told("The merchant's (ISO 4217).", "EUR")]
    currencies: list[CurrencyShown]
    languages: Annotated[list[str], told("Of documents and mails; the first is the usual one.")]
    stores: list[StoreShown]
    carriers: list[CarrierShown]
    locations: list[LocationShown]
    payment_methods: list[PaymentMethodShown]
    packagings: list[PackagingShown]
    gateway: Annotated[bool, told("Whether a payment gateway is connected.")]


@dataclass(frozen=True, slots=True)
class Configured:
    """What the merchant configured, ready to be shown.

    ``store_languages`` and ``number_prefixes`` are by store; of other stores the language is the first of
    ``languages``.
    """

    base_currency: str = "EUR"
    currencies: Sequence[CurrencyShown] = ()
    languages: Sequence[str] = ("en",)
    carriers: Sequence[CarrierShown] = ()
    locations: Sequence[LocationShown] = ()
    payment_methods: Sequence[PaymentMethodShown] = ()
    packagings: Sequence[PackagingShown] = ()
    store_languages: Mapping[str, str] | None = None
    number_prefixes: Mapping[str, str] | None = None
    gateway: bool = False


def configuration_view(
    configured: Configured, stores: Callable[[], Iterable[str]], routes: Sequence[Route], historians: Collection[Role]
) -> View:
    """The configuration, for the key that asks; ``stores`` are those that sold something."""

    def view() -> Response:
        refuse_parameters(request)
        shown: ConfigurationShown = {
            "key": _key(caller_now(), historians),
            "commands": _commands(caller_now(), routes),
            "base_currency": configured.base_currency,
            "currencies": list(configured.currencies),
            "languages": list(configured.languages),
            "stores": _stores(configured, set(stores())),
            "carriers": list(configured.carriers),
            "locations": list(configured.locations),
            "payment_methods": list(configured.payment_methods),
            "packagings": list(configured.packagings),
            "gateway": configured.gateway,
        }
        return json_answer(msgspec.json.encode(shown), FRESH)

    return view


def _key(caller: Caller, historians: Collection[Role]) -> KeyShown:
    may_import = Right.COMMAND in RIGHTS[caller.role] and caller.role in historians
    return {"key_id": caller.key_id, "name": caller.name, "role": caller.role.value, "may_import_history": may_import}


def _commands(caller: Caller, routes: Sequence[Route]) -> list[CommandShown]:
    """Those that the role has the right to and that the merchant does not keep from it."""
    open_to = [
        route
        for route in routes
        if route.right in RIGHTS[caller.role] and (route.roles is None or caller.role in route.roles)
    ]
    return [
        {"name": route.name, "reason_required": route.reason_required, "may_wait": route.may_wait} for route in open_to
    ]


def _stores(configured: Configured, seen: Collection[str]) -> list[StoreShown]:
    languages, prefixes = configured.store_languages or {}, configured.number_prefixes or {}
    return [
        {
            "code": code,
            "seen": code in seen,
            "language": languages.get(code, configured.languages[0]),
            "number_prefix": prefixes.get(code),
        }
        for code in sorted({*seen, *languages, *prefixes})
    ]
