"""The merchant's configuration as programs are shown it (GET /queries/configuration)."""

from iso4217 import Currency

from adapters.merchant.config import MerchantConfig
from domain.payment_methods import METHODS, PaymentMethod
from web.configuration import Configured, CurrencyShown, PaymentMethodShown


def configured(config: MerchantConfig, *, gateway: bool) -> Configured:
    """What the edge shows of it; ``gateway`` is whether one is connected."""
    return Configured(
        base_currency=config.base_currency,
        currencies=currencies(),
        languages=config.languages,
        carriers=[
            {
                "code": each.code,
                "name": each.name,
                "tracking_url": each.tracking_url,
                "labels": each.account is not None,
            }
            for each in config.carriers.values()
        ],
        locations=[
            {
                "code": each.code,
                "name": each.name,
                "country": each.address.country or "",
                "time_zone": each.time_zone.key,
            }
            for each in config.locations.values()
        ],
        payment_methods=[
            _method(method, config.payment_names.get(method.code))
            for method in (*METHODS.values(), *config.payment_methods.values())
        ],
        packagings=[
            {
                "type": each.type,
                "length_mm": each.length_mm,
                "width_mm": each.width_mm,
                "height_mm": each.height_mm,
                "tare_grams": each.tare_grams,
                "max_weight_grams": each.max_weight_grams,
            }
            for each in config.packagings.values()
        ],
        store_languages=config.store_languages,
        number_prefixes=config.number_prefixes,
        gateway=gateway,
    )


def currencies() -> list[CurrencyShown]:
    """Every currency that has amounts, by its code."""
    return [
        {"code": each.code, "decimals": each.exponent}
        for each in sorted(Currency, key=lambda each: each.code)
        if each.exponent is not None
    ]


def _method(method: PaymentMethod, name: str | None) -> PaymentMethodShown:
    return {
        "code": method.code,
        "name": name,
        "capture_modes": [mode.value for mode in method.captures],
        "ship_when": method.ship_when.value,
        "automatic_invoice": method.automatic_invoice,
        "external_page": method.external_page,
        "only_zero": method.only_zero,
        "through_gateway": method.through_gateway,
    }
