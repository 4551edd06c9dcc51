"""Which carriers labels are bought from, as the merchant's file and the secrets of the environment say."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from adapters.carriers.kept_labels import KeptLabels
from adapters.carriers.simulated import SimulatedCarrier
from adapters.identifiers import new_id
from adapters.merchant.carriers import CarrierAccount
from adapters.merchant.config import MerchantConfig
from application import claims
from application.carrier import Carrier, CarrierUnavailable, Parcel, Rate, Refused
from application.labels import parcels, rest
from application.order_log import OrderLog
from application.processes.attempts import Attempts
from application.processes.carrier_requests import CarrierRequests, LabelDesk
from application.processes.process import Origin
from daybook.setting_values import require_easypost
from daybook.settings import Settings, SettingsError
from domain.order import Order
from domain.refusals import Kind, Refusal, invalid, unknown
from domain.shipment import Shipment
from domain.tracking_numbers import number_key
from domain.values import to_text
from eventstore.reader import LogReader
from eventstore.records import Claim
from web.provider_reports import ProviderReports

FindClaims = Callable[[str, str, int], Sequence[Claim]]
# A carrier may take as long over each.
PACKAGES_MAX = 20
TOO_MANY: dict[str, Any] = {"rates": [], "detail": f"Not asked: of a shipment {PACKAGES_MAX} packages are at once."}


def accounts(config: MerchantConfig) -> dict[str, CarrierAccount]:
    """The accounts by the codes of their carriers."""
    return {code: each.account for code, each in config.carriers.items() if each.account is not None}


def carriers(settings: Settings, config: MerchantConfig) -> dict[str, Carrier]:
    """The carriers that labels are bought from, by their codes; none where no account is configured."""
    return {code: _carrier(code, account, settings, config) for code, account in accounts(config).items()}


def _carrier(code: str, account: CarrierAccount, settings: Settings, config: MerchantConfig) -> Carrier:
    if account.provider == "easypost":
        return _easypost(code, account, settings, config)
    return SimulatedCarrier(
        settings.home / f"carrier-{code}.sqlite", account.service, zpl=account.label_format == "zpl"
    )


def _easypost(code: str, account: CarrierAccount, settings: Settings, config: MerchantConfig) -> Carrier:
    needing = f"carriers.{code}.account of the merchant's file"
    require_easypost(needing)
    if not settings.easypost_api_key:
        raise SettingsError(f"{needing} needs EasyPost's API key; set EASYPOST_API_KEY.")
    # An extra: its library is only there where it is used.
    from adapters.carriers.easypost_carrier import EasyPostAccount, EasyPostCarrier  # noqa: PLC0415
    from adapters.carriers.easypost_parcels import Sender  # noqa: PLC0415

    return EasyPostCarrier(
        settings.easypost_api_key,
        EasyPostAccount(
            carrier=account.carrier,
            service=account.service,
            account=account.account,
            label_format=account.label_format.upper(),
        ),
        Sender(
            places={place: each.address for place, each in config.locations.items()},
            customs_signer=account.customs_signer,
        ),
        settings.easypost_url or None,
    )


def carrier_reports(settings: Settings, config: MerchantConfig, find: FindClaims) -> dict[str, ProviderReports]:
    """The providers that may report to us where parcels are; ``find`` gives the claims of a kind that begin so."""
    if not settings.easypost_webhook_secret:
        return {}
    from adapters.carriers.easypost_reports import EasyPostReports  # noqa: PLC0415  (an extra)

    codes: dict[str, list[str]] = {}
    for code, each in accounts(config).items():
        if each.provider == "easypost":
            codes.setdefault(each.carrier.casefold(), []).append(code)

    def is_known(code: str, number: str) -> bool:
        prefix = claims.of_number(number_key(code, number))
        return any(find(kind, prefix, 1) for kind in (claims.TRACKING, claims.TRACKING_ENDED))

    return {"easypost": EasyPostReports(settings.easypost_webhook_secret, codes, new_id, is_known)}


def are_awaited(log: OrderLog) -> bool:
    """Whether a carrier still has to be asked something: also where the last account with one was taken away."""
    return bool(log.claims(claims.CARRIER, "", 1))


def asking_carriers(
    log: OrderLog, connected: Mapping[str, Carrier], files: KeptLabels, origin: Origin, attempts: Attempts
) -> CarrierRequests:
    """The process that asks them."""
    return CarrierRequests(LabelDesk(log, connected, files, origin), attempts)


class AskedRates:
    """What carriers would charge, asked at this moment; nothing is recorded."""

    def __init__(
        self, log: OrderLog, reader: LogReader, connected: Mapping[str, Carrier], places: AbstractSet[str]
    ) -> None:
        self._log = log
        self._reader = reader
        self._carriers = connected
        self._places = places

    def of_shipment(self, shipment_id: UUID) -> dict[str, Any]:
        """The rates of each package, the cheapest first; refuses what is unknown, and carriers that cannot be asked."""
        order_id = self._reader.partitions_of([shipment_id]).get(shipment_id)
        if order_id is None:
            raise unknown(Shipment.NAME, shipment_id)
        work = self._log.load_root(Order, order_id).work
        shipment = work.shipment(shipment_id)
        code = shipment.state.carrier
        asked = parcels(work, shipment).items()
        packages = [
            {"package_id": name, **(self._rated(code, parcel) if place < PACKAGES_MAX else TOO_MANY)}
            for place, (name, parcel) in enumerate(asked)
        ]
        return {"shipment_id": str(shipment_id), "carrier": code, "packages": packages}

    def of_order(self, order_id: UUID, carrier: str, origin: str) -> dict[str, Any]:
        """The rates of one package of all that is left to ship from a place."""
        if origin not in self._places:
            raise invalid("unknown_location", f"There is no location {origin}.", "/origin")
        work = self._log.load_root(Order, order_id).work
        parcel = rest(work, carrier, origin)
        if parcel is None:
            raise Refusal("nothing_to_ship", "Nothing of the order is left to ship.")
        facts = {"order_id": str(order_id), "carrier": carrier, "origin": origin, "weight_grams": parcel.weight_grams}
        return {**facts, **self._rated(carrier, parcel)}

    def _rated(self, code: str, parcel: Parcel) -> dict[str, Any]:
        carrier = self._carriers.get(code)
        if carrier is None:
            raise Refusal("carrier_not_connected", f"There is no account with {code}, so that it cannot be asked.")
        try:
            return _shown(carrier.rates(parcel))
        except CarrierUnavailable as error:
            detail = f"The carrier does not answer: {error}. Ask again."
            raise Refusal("carrier_unavailable", detail, kind=Kind.UNAVAILABLE) from error


def _shown(answer: list[Rate] | Refused) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return {"rates": [], "detail": answer.detail}
    return {
        "rates": [
            {
                "service": each.service,
                "amount": to_text(each.amount, each.currency),
                "currency": each.currency,
                "days": each.days,
            }
            for each in answer
        ],
        "detail": None,
    }
