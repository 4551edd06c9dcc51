"""Which carriers labels are bought from, as the merchant's file and the secrets of the environment say."""

from collections.abc import Mapping

from adapters.carriers.kept_labels import KeptLabels
from adapters.carriers.simulated import SimulatedCarrier
from adapters.merchant.carriers import CarrierAccount
from adapters.merchant.config import MerchantConfig
from application.carrier import Carrier
from application.order_log import OrderLog
from application.processes.attempts import Attempts
from application.processes.carrier_requests import CarrierRequests, LabelDesk
from application.processes.process import Origin
from daybook.settings import Settings


def accounts(config: MerchantConfig) -> dict[str, CarrierAccount]:
    """The accounts by the codes of their carriers."""
    return {code: each.account for code, each in config.carriers.items() if each.account is not None}


def carriers(settings: Settings, config: MerchantConfig) -> dict[str, Carrier]:
    """The carriers that labels are bought from, by their codes; none where no account is configured."""
    return {code: _carrier(code, account, settings, config) for code, account in accounts(config).items()}


def _carrier(code: str, account: CarrierAccount, settings: Settings, config: MerchantConfig) -> Carrier:
    return SimulatedCarrier(settings.home / f"carrier-{code}.sqlite", account.service)


def asking_carriers(
    log: OrderLog, connected: Mapping[str, Carrier], files: KeptLabels, origin: Origin, attempts: Attempts
) -> CarrierRequests:
    """The process that asks them."""
    return CarrierRequests(LabelDesk(log, connected, files, origin), attempts)
